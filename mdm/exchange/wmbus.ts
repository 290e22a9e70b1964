/**
 * Drive-by files: wireless M-Bus telegrams as a receiver in a car wrote them down, one a line, each with the instant it was heard.
 * Lines `key <meter number> <32 hexadecimal digits>` give the keys of sealed ones; they are used for this file and kept nowhere.
 */

import { quality } from '@wattline/model';
import type { ExchangeContext, ExchangeFormat, ExchangeRead } from './exchange-format.ts';
import type { ExchangeProblemCode } from './exchange-problems.ts';
import { createIntake, type Intake, longestText } from './intake.ts';
import { isoInstant } from './time-label.ts';
import { type MbusRecord, type MbusTelegram, readTelegram } from './wmbus-frame.ts';

const electricity = 0x02;
const media: Readonly<Record<number, string>> = { 4: 'heat', 6: 'warm water', 7: 'water', 22: 'cold water' };
/** A line: an instant if it has one, then the telegram between bars, after 0x, or bare. */
const line =
  /^(?:(\S*\d{4}-\d\d-\d\dT\S*?)[\s,;]+)?(?:telegram=)?\|?(?:0x)?([0-9A-Fa-f_|\s]{22,})\|?(?:\+\d+)?\s*$/;

function readDriveBy(text: string, context: ExchangeContext): ExchangeRead {
  const intake = createIntake('wmbus', text, context);
  if (text.length > longestText) return intake.refuse('mdm/exchange-too-large', `${text.length} characters`);
  const isFinished = text.endsWith('\n');
  const lines = text.split('\n');
  const keys = keysOf(lines);
  lines.forEach((raw, index) => {
    const content = raw.trim();
    if (content === '' || content.startsWith('#')) return;
    const where = { line: index + 1 };
    if (content.startsWith('key')) {
      // Never with its content: a slip of the pen is still most of a key.
      if (!keyLine.test(content))
        intake.problem(
          'mdm/exchange-bad-record',
          'no key of a meter: expected key, number, 32 digits',
          where,
          1,
        );
      return;
    }
    if (!isFinished && index === lines.length - 1) {
      intake.problem('mdm/exchange-half-written', `line ${index + 1} has no line end`, where, 1);
      return;
    }
    const found = line.exec(content);
    if (!found) {
      intake.problem('mdm/exchange-bad-record', `'${content.slice(0, 40)}' is no telegram`, where, 1);
      return;
    }
    addTelegram(intake, (found[2] ?? '').replace(/[_|\s]/g, ''), { label: found[1] ?? '', where, keys });
  });
  return intake.finish();
}

const keyLine = /^key[\s,;]+(\d{8})[\s,;]+([0-9A-Fa-f]{32})$/;

function keysOf(lines: readonly string[]): ReadonlyMap<string, Uint8Array> {
  const keys = new Map<string, Uint8Array>();
  for (const one of lines) {
    const [, id, hex] = keyLine.exec(one.trim()) ?? [];
    if (id !== undefined && hex !== undefined) keys.set(id, Uint8Array.fromHex(hex));
  }
  return keys;
}

function addTelegram(
  intake: Intake,
  hex: string,
  {
    label,
    where,
    keys,
  }: {
    readonly label: string;
    readonly where: { readonly line: number };
    readonly keys: ReadonlyMap<string, Uint8Array>;
  },
): void {
  const atMs = label === '' ? intake.context.readAtMs : (isoInstant(label) ?? undefined);
  if (atMs === undefined) {
    intake.problem(
      'mdm/exchange-bad-time',
      label === '' ? 'no instant' : `'${label.slice(0, 40)}'`,
      where,
      1,
    );
    return;
  }
  if (hex.length % 2 !== 0) {
    intake.problem('mdm/exchange-bad-record', `${hex.length} hexadecimal digits`, where, 1);
    return;
  }
  const telegram = readTelegram(Uint8Array.fromHex(hex), (id) => keys.get(id));
  if (!telegram.ok) {
    intake.problem(telegram.error.code as ExchangeProblemCode, telegram.error.message, where, 1);
    return;
  }
  const readings = telegram.value.records.filter(isTotal);
  if (readings.length === 0) {
    intake.problem('mdm/exchange-bad-record', `no total in the telegram of ${telegram.value.id}`, where, 1);
  }
  for (const record of readings) addTotal(intake, telegram.value, record, { atMs, where });
}

/** A total that stands now: neither of a billing date nor of a sub-unit. */
function isTotal({ unit, isInstantaneous, storage, subunit }: MbusRecord): boolean {
  return unit !== 'other' && isInstantaneous && storage === 0 && subunit === 0;
}

function addTotal(
  intake: Intake,
  { id, manufacturer, deviceType }: MbusTelegram,
  { unit, exponent, text, tariff, isBackward }: MbusRecord,
  { atMs, where }: { readonly atMs: number; readonly where: { readonly line: number } },
): void {
  const isElectric = deviceType === electricity && unit === 'Wh';
  const scale = isElectric ? 0 : Math.min(0, exponent);
  const series = intake.series({
    point: '',
    register: `${manufacturer} ${media[deviceType] ?? (isElectric ? 'electricity' : `type ${deviceType}`)}`,
    meter: id,
    quantity: {
      kind: 'register',
      direction: isBackward ? 'received' : 'delivered',
      unit: isElectric ? 'Wh' : `${unit} of ${media[deviceType] ?? `device type ${deviceType}`}`,
      scale,
      rate: tariff,
    },
  });
  if (!isElectric) series.hold('mdm/exchange-no-reading-type', `${unit} of device type ${deviceType}`, where);
  const spelled = { startMs: atMs, seconds: 0, text, flags: quality.measured, code: '', where };
  series.add(spelled, { unit, exponent: isElectric ? exponent : exponent - scale, scale });
}

/** Drive-by files. */
export const wmbus: ExchangeFormat = {
  id: 'wmbus',
  title: 'Wireless M-Bus telegrams of a drive-by',
  recognises: (text) =>
    text
      .split('\n', 50)
      .some((one) => one.startsWith('telegram=|') || keyLine.test(one.trim()) || line.test(one.trim())),
  read: readDriveBy,
};
