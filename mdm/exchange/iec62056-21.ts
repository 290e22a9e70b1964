/** What a hand-held with an optical probe brings home: data readouts of IEC 62056-21, one telegram a meter, after each other in one file. */

import { quality, readingTypes } from '@wattline/model';
import { fileUnitOf } from './amount.ts';
import type { ExchangeContext, ExchangeFormat, ExchangeRead, Quantity } from './exchange-format.ts';
import type { ExchangeProblemCode } from './exchange-problems.ts';
import { createIntake, type Intake, longestText } from './intake.ts';
import { type ReadoutTime, readoutInstant, readoutTime, readoutTimeOf } from './readout-clock.ts';
import { cutTelegrams, type DataSet, type ReadoutTelegram } from './readout-telegram.ts';
import { isZone } from './time-label.ts';

/** A register of active energy that stands now (IEC 62056-61): medium electricity or unsaid, no historical value. */
const energy = /^(?:1-[01]:)?([12])\.8(?:\.(\d{1,2}))?(?:[*.]255)?$/;
/** Where a meter tells its number, the first that does counts: the maker's (C is 96), that of a P1 port, the owner's. */
const meterNumbers = ['C.1.0', '96.1.0', '96.1.1', '0.0.0'] as const;
const directions: Readonly<Record<string, 'delivered' | 'received'>> = { '1': 'delivered', '2': 'received' };
/** Characters of a number that names a meter at least: a shorter 0.0.0 is an address on its line. */
const shortestNumber = 6;

/** An energy register that stands now. */
interface Register {
  readonly set: DataSet;
  readonly direction: 'delivered' | 'received';
  readonly rate: number;
}

function readReadouts(text: string, context: ExchangeContext): ExchangeRead {
  const intake = createIntake('iec62056-21', text, context);
  if (text.length > longestText) return intake.refuse('mdm/exchange-too-large', `${text.length} characters`);
  if (context.zone !== undefined && !isZone(context.zone)) {
    return intake.refuse('mdm/exchange-bad-time', `zone '${context.zone}'`);
  }
  for (const telegram of cutTelegrams(text)) addTelegram(intake, telegram);
  return intake.finish();
}

function addTelegram(intake: Intake, { line, sets, fault, badLines }: ReadoutTelegram): void {
  if (fault) {
    intake.problem(fault.code, fault.particulars, { line: fault.line }, 1);
    return;
  }
  for (const bad of badLines) intake.problem(bad.code, bad.particulars, { line: bad.line }, 1);
  const registers = sets.flatMap(registerOf);
  const refuse = (code: ExchangeProblemCode, particulars: string, at = line) =>
    intake.problem(code, particulars, { line: at }, Math.max(1, registers.length));
  if (registers.length === 0) {
    refuse('mdm/exchange-bad-record', 'no energy register in the telegram');
    return;
  }
  const { meter, point } = namesOf(sets);
  if (meter === '') {
    refuse('mdm/exchange-missing-element', 'no number of the meter: C.1.0, 96.1.0 or 0.0.0');
    return;
  }
  const atMs = instantOf(sets, intake.context, meter);
  if (typeof atMs !== 'number') {
    refuse(atMs.code, atMs.particulars, atMs.line);
    return;
  }
  for (const register of registers) addRegister(intake, register, { meter, point, atMs });
}

function registerOf(set: DataSet): Register[] {
  const [, flow = '', rate = '0'] = energy.exec(set.address) ?? [];
  const direction = directions[flow];
  // A register that the meter does not keep has empty brackets.
  if (direction === undefined || set.values[0]?.trim() === '') return [];
  return [{ set, direction, rate: Number(rate) }];
}

/** The first value under an address of the meter itself, or `''`. */
function valueAt(sets: readonly DataSet[], wanted: string): string {
  const found = sets.find((set) => {
    const plain = set.address.replace(/^(?:0-0|1-[01]):/, '').replace(/[*.]255$/, '');
    return plain === wanted;
  });
  return found?.values[0]?.trim() ?? '';
}

/** The number of the meter, and the owner's number beside it when there are two. */
function namesOf(sets: readonly DataSet[]): { readonly meter: string; readonly point: string } {
  const numbers = meterNumbers.map((wanted) => plainNumber(valueAt(sets, wanted)));
  const [meter = ''] = numbers.filter(isNumber);
  const owners = numbers.at(-1) ?? '';
  const isSecond = isNumber(owners) && owners !== meter && owners.length >= shortestNumber;
  return { meter, point: isSecond ? owners : '' };
}

/** Zeros alone are a number that nobody gave. */
function isNumber(text: string): boolean {
  return /[^0]/.test(text);
}

/** A number as it stands on the meter: P1 ports write its characters in hexadecimal. */
function plainNumber(text: string): string {
  return /^(?:3[0-9]|[45][0-9A-F]){10,}$/.test(text) ? Buffer.from(text, 'hex').toString('latin1') : text;
}

/** When the registers stood so: by the meter's own clock, else when the tour was. */
function instantOf(
  sets: readonly DataSet[],
  { zone, readAtMs }: ExchangeContext,
  meter: string,
):
  | number
  | { readonly code: ExchangeProblemCode; readonly particulars: string; readonly line: number | undefined } {
  const clock = clockOf(sets);
  const instant = clock ? readoutInstant(clock, zone) : 'mdm/exchange-bad-time';
  if (typeof instant === 'number') return instant;
  if (readAtMs !== undefined) return readAtMs;
  const line = sets.find((set) => /(?:^|:)(?:0\.9\.[24]|1\.0\.0)/.test(set.address))?.line;
  const lack = clock ? 'its clock is in no zone that is known' : 'its clock says no time';
  const why = instant === 'mdm/exchange-no-such-time' ? `skipped in ${zone}` : lack;
  return { code: instant, particulars: `meter ${meter}: ${why}`, line };
}

function clockOf(sets: readonly DataSet[]): ReadoutTime | null {
  const p1 = sets.find((set) => /^0-0:1\.0\.0(?:[*.]255)?$/.test(set.address));
  const both = p1?.values[0] ?? valueAt(sets, '0.9.4');
  return readoutTime(both.trim()) ?? readoutTimeOf(valueAt(sets, '0.9.2'), valueAt(sets, '0.9.1'));
}

function addRegister(
  intake: Intake,
  { set, direction, rate }: Register,
  { meter, point, atMs }: { readonly meter: string; readonly point: string; readonly atMs: number },
): void {
  const where = { line: set.line };
  const [text = '', spelling = ''] = (set.values[0] ?? '').split('*');
  if (spelling.trim() === '') {
    intake.problem('mdm/exchange-missing-element', `no unit of ${set.address}`, where, 1);
    return;
  }
  const { unit, exponent, scale } = fileUnitOf(spelling);
  const quantity: Quantity = { kind: 'register', direction, unit, scale, rate };
  // Meters print every rate they could have; one that never counted and has no reading type says nothing.
  if (!hasReadingType(quantity) && /^[0.\s]*$/.test(text)) return;
  const series = intake.series({ point, register: set.address, meter, quantity });
  if (unit !== 'Wh') series.hold('mdm/exchange-unit-mismatch', `${set.address} in '${spelling}'`, where);
  const spelled = { startMs: atMs, seconds: 0, text: text.trim(), flags: quality.measured, code: '', where };
  series.add(spelled, { unit, exponent, scale });
}

function hasReadingType({ direction, rate }: Quantity): boolean {
  return readingTypes.some(
    (type) => type.kind === 'register' && type.direction === direction && type.rate === rate,
  );
}

/** Files of hand-helds. */
export const iec6205621: ExchangeFormat = {
  id: 'iec62056-21',
  title: 'IEC 62056-21 data readouts of a hand-held',
  carrier: 'hand-held',
  recognises: (text) => /^\s*(?:\/\?[^\r\n]*!\s*)?\/[A-Z][A-Za-z]{2}[0-9A-I]/.test(text),
  read: readReadouts,
};
