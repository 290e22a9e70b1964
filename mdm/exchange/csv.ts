/** Wattline's own CSV: one value a row, columns by name, times with offset or as a local clock, labels at begin or end. */
import { formatInstant } from '@wattline/base';
import { quality, qualityFlags, type ReadingType, readingTypes } from '@wattline/model';
import { fileUnitOf } from './amount.ts';
import { channelParts } from './channel-assignment.ts';
import { csvField, readRows } from './csv-rows.ts';
import {
  cannotWrite,
  type ExchangeContext,
  type ExchangeFormat,
  type ExchangeRead,
  type WrittenSeries,
} from './exchange-format.ts';
import { createIntake, type Intake, longestText } from './intake.ts';
import { isoTime, isZone, type LocalClock, localClock } from './time-label.ts';

/** Columns by name; `start` or `end` says how times are labelled, `channel` or `point` with `readingType` whose they are. */
const columns = [
  'channel',
  'point',
  'readingtype',
  'meter',
  'start',
  'end',
  'intervalseconds',
  'value',
  'unit',
  'quality',
];
const written = ['channel', 'meter', 'start', 'intervalSeconds', 'value', 'unit', 'quality'];

interface Table {
  readonly intake: Intake;
  readonly indexOf: ReadonlyMap<string, number>;
  readonly clocks: Map<string, LocalClock>;
}

function readCsv(text: string, context: ExchangeContext): ExchangeRead {
  const intake = createIntake('csv', text, context);
  if (text.length > longestText) return intake.refuse('mdm/exchange-too-large', `${text.length} characters`);
  if (context.zone !== undefined && !isZone(context.zone)) {
    return intake.refuse('mdm/exchange-bad-time', `zone '${context.zone}'`);
  }
  const firstLine = text.slice(0, text.indexOf('\n') < 0 ? undefined : text.indexOf('\n'));
  const { rows, isFinished } = readRows(text, firstLine.includes(';') ? ';' : ',');
  const indexOf = new Map((rows[0]?.fields ?? []).map((name, i) => [name.trim().toLowerCase(), i]));
  const has = (name: string) => indexOf.has(name);
  const isHeader =
    has('value') && (has('start') || has('end')) && (has('channel') || (has('point') && has('readingtype')));
  if (!isHeader) {
    const code = isFinished ? 'mdm/exchange-missing-header' : 'mdm/exchange-half-written';
    return intake.refuse(code, `expected columns ${columns.join(', ')}`, { line: 1 });
  }
  const table: Table = { intake, indexOf, clocks: new Map() };
  for (let i = 1; i < rows.length; i++) {
    const { fields, line } = rows[i] as (typeof rows)[number];
    if (!isFinished && i === rows.length - 1) {
      // The last digits of an unfinished line may be lost without a trace.
      intake.problem('mdm/exchange-half-written', `line ${line} has no line end`, { line }, 1);
    } else addRow(table, fields, line);
  }
  return intake.finish();
}

function addRow({ intake, indexOf, clocks }: Table, fields: readonly string[], line: number): void {
  const field = (name: string) => fields[indexOf.get(name) ?? -1]?.trim() ?? '';
  const reject = (code: Parameters<Intake['problem']>[0], particulars: string) =>
    intake.problem(code, particulars, { line }, 1);
  const parts = partsOf(field('channel'), field('point'), field('readingtype'));
  if (!parts) {
    reject('mdm/exchange-bad-record', `'${(field('channel') || field('readingtype')).slice(0, 60)}'`);
    return;
  }
  const { point, type } = parts;
  const spelled = field('intervalseconds');
  const fallback = type.kind === 'register' ? 0 : (intake.context.intervalSeconds ?? -1);
  const seconds = spelled === '' ? fallback : /^\d{1,8}$/.test(spelled) ? Number(spelled) : -1;
  if (seconds < 0 || (type.kind === 'register') !== (seconds === 0)) {
    reject('mdm/exchange-unsupported-interval', `'${spelled}' of a ${type.kind}`);
    return;
  }
  const isEnd = !indexOf.has('start');
  const clockName = `${point}/${type.id}`;
  const at = instantOf(field(isEnd ? 'end' : 'start'), intake.context.zone, clocks, clockName);
  if (typeof at === 'string') {
    reject(at, `'${field(isEnd ? 'end' : 'start').slice(0, 40)}'`);
    return;
  }
  const flags = flagsOf(field('quality'));
  if (flags === null) {
    reject('mdm/exchange-bad-record', `quality '${field('quality').slice(0, 40)}'`);
    return;
  }
  const unit = fileUnitOf(field('unit') || type.unit);
  const { direction, kind, rate } = type;
  const series = intake.series({
    point,
    register: type.id,
    meter: field('meter') || null,
    quantity: { kind, direction, unit: unit.unit, scale: unit.scale, rate },
  });
  if (unit.unit !== type.unit) {
    series.hold('mdm/exchange-unit-mismatch', `${type.id} in '${field('unit')}'`, { line });
  }
  const startMs = isEnd ? at - seconds * 1000 : at;
  const text = field('value');
  series.add({ startMs, seconds, text, flags, code: field('quality'), where: { line } }, unit);
}

function partsOf(
  channel: string,
  point: string,
  readingType: string,
): { point: string; type: ReadingType } | null {
  if (channel !== '') return channelParts(channel);
  const type = readingTypes.find(({ id }) => id === readingType);
  return type && point !== '' ? { point, type } : null;
}

function instantOf(
  text: string,
  zone: string | undefined,
  clocks: Map<string, LocalClock>,
  series: string,
): number | 'mdm/exchange-bad-time' | 'mdm/exchange-no-such-time' {
  const time = isoTime(text);
  if (!time) return 'mdm/exchange-bad-time';
  if (time.offsetMinutes !== null) return time.wallMs - time.offsetMinutes * 60_000;
  if (zone === undefined) return 'mdm/exchange-bad-time';
  const clock = clocks.get(series) ?? localClock(zone);
  clocks.set(series, clock);
  const instant = clock(time.wallMs);
  return typeof instant === 'number' ? instant : 'mdm/exchange-no-such-time';
}

/** Flags by name joined with `+`; none means measured. */
function flagsOf(text: string): number | null {
  if (text === '') return quality.measured;
  let flags = 0;
  for (const name of text.split('+')) {
    if (!Object.hasOwn(quality, name)) return null;
    flags |= quality[name as keyof typeof quality];
  }
  return flags;
}

function writeCsv(series: readonly WrittenSeries[]): string {
  const lines = [written.join(',')];
  for (const { channel, meter, blocks } of series) {
    const parts = channelParts(channel);
    if (!parts) throw cannotWrite('a channel of a known reading type', { channel });
    for (const { startMs, intervalSeconds, value, quality: flags } of blocks) {
      for (let i = 0; i < value.length; i++) {
        const start = formatInstant(startMs + i * intervalSeconds * 1000);
        const names = qualityFlags(flags[i] as number).join('+');
        const row = [channel, meter ?? '', start, intervalSeconds, value[i], parts.type.unit, names];
        lines.push(row.map((cell) => csvField(String(cell), ',')).join(','));
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Wattline CSV. */
export const csv: ExchangeFormat = {
  id: 'csv',
  title: 'Wattline CSV',
  recognises: (text) =>
    /^\uFEFF?[^\n]*\bvalue\b/i.test(text) && /^\uFEFF?[^\n]*\b(?:start|end)\b/i.test(text),
  read: readCsv,
  write: writeCsv,
};
