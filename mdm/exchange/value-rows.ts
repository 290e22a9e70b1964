/** Rows with one value each, in columns by name: what CSV and Parquet share. */
import type { Where } from '@wattline/base';
import { quality, qualityFlags, type ReadingType, readingTypes } from '@wattline/model';
import { fileUnitOf } from './amount.ts';
import { channelParts } from './channel-assignment.ts';
import { cannotWrite, type WrittenSeries } from './exchange-format.ts';
import type { Intake } from './intake.ts';
import { isoTime, type LocalClock, localClock } from './time-label.ts';

/** Columns by name; `start` or `end` says how times are labelled, `channel` or `point` with `readingType` whose they are. */
export const valueColumns = [
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

interface Table {
  readonly intake: Intake;
  readonly indexOf: ReadonlyMap<string, number>;
  readonly clocks: Map<string, LocalClock>;
}

/** Takes the rows under a header into the intake, or null when the header lacks a column that it takes. */
export function rowReader(
  intake: Intake,
  header: readonly string[],
): ((fields: readonly string[], where: Where) => void) | null {
  const indexOf = new Map(header.map((name, i) => [name.trim().toLowerCase(), i]));
  const has = (name: string) => indexOf.has(name);
  const isHeader =
    has('value') && (has('start') || has('end')) && (has('channel') || (has('point') && has('readingtype')));
  if (!isHeader) return null;
  const table: Table = { intake, indexOf, clocks: new Map() };
  return (fields, where) => addRow(table, fields, where);
}

function addRow({ intake, indexOf, clocks }: Table, fields: readonly string[], where: Where): void {
  const field = (name: string) => fields[indexOf.get(name) ?? -1]?.trim() ?? '';
  const reject = (code: Parameters<Intake['problem']>[0], particulars: string) =>
    intake.problem(code, particulars, where, 1);
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
    series.hold('mdm/exchange-unit-mismatch', `${type.id} in '${field('unit')}'`, where);
  }
  const startMs = isEnd ? at - seconds * 1000 : at;
  const text = field('value');
  series.add({ startMs, seconds, text, flags, code: field('quality'), where }, unit);
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

/** A value as a row says it. */
export interface ValueRow {
  readonly channel: string;
  readonly meter: string;
  readonly startMs: number;
  readonly intervalSeconds: number;
  readonly value: number;
  readonly unit: string;
  readonly quality: string;
}

/** The rows of series, in their order. */
export function* valueRows(series: readonly WrittenSeries[]): Generator<ValueRow> {
  for (const { channel, meter = '', blocks } of series) {
    const parts = channelParts(channel);
    if (!parts) throw cannotWrite('a channel of a known reading type', { channel });
    for (const { startMs, intervalSeconds, value, quality: flags } of blocks) {
      for (let i = 0; i < value.length; i++) {
        yield {
          channel,
          meter,
          startMs: startMs + i * intervalSeconds * 1000,
          intervalSeconds,
          value: value[i] as number,
          unit: parts.type.unit,
          quality: qualityFlags(flags[i] as number).join('+'),
        };
      }
    }
  }
}
