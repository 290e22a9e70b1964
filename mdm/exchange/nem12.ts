/** NEM12, interval metering data of the Australian market (AEMO Meter Data File Format 2.x, record types 100 to 900). */
import type { Where } from '@wattline/base';
import { quality } from '@wattline/model';
import { type FileUnit, fileUnitOf } from './amount.ts';
import type { ExchangeContext, ExchangeFormat, ExchangeRead, SeriesSource } from './exchange-format.ts';
import { createIntake, type Intake, type SeriesIntake } from './intake.ts';
import { marketOffsetMinutes, nemFlags, nemNote, suffixKinds } from './nem-codes.ts';
import { type NemRecord, readNemFile } from './nem-records.ts';
import { writeNem12 } from './nem12-writer.ts';
import { compactTime } from './time-label.ts';

/** A 200 record in force. */
interface DataStream {
  readonly intake: SeriesIntake;
  readonly source: SeriesSource;
  readonly unit: FileUnit;
  readonly intervalMinutes: number;
}

/** A 300 record whose 400 records are being gathered. */
interface Day {
  readonly stream: DataStream;
  readonly startMs: number;
  readonly texts: readonly string[];
  readonly method: string;
  readonly note: string;
  readonly where: Where;
  readonly ranges: NemRecord[];
  readonly reason: string;
}

const minutesOfDay = 1440;

function readNem12(text: string, context: ExchangeContext): ExchangeRead {
  const intake = createIntake('nem12', text, context);
  const file = readNemFile('NEM12', text, intake);
  if (!file.ok) return file.read;
  let stream: DataStream | null = null;
  let day: Day | null = null;
  const endDay = () => {
    if (day) addDay(intake, day);
    day = null;
  };
  for (const record of file.records) {
    const { kind, line } = record;
    if (kind === '400') {
      if (day) (day as Day).ranges.push(record);
      else intake.problem('mdm/exchange-bad-record', 'a 400 record without its 300 record', { line });
      continue;
    }
    endDay();
    if (kind === '200') stream = openStream(intake, record);
    else if (kind === '300') day = stream ? openDay(intake, stream, record) : orphan(intake, record);
    else if (kind === '500') addIndexRead(intake, stream, record);
    else intake.problem('mdm/exchange-bad-record', `record '${kind.slice(0, 20)}'`, { line });
  }
  endDay();
  return intake.finish();
}

function orphan(intake: Intake, { line }: NemRecord): null {
  intake.problem('mdm/exchange-bad-record', 'a 300 record without a good 200 record', { line });
  return null;
}

function openStream(intake: Intake, { fields, line }: NemRecord): DataStream | null {
  const [, nmi = '', , , suffix = '', , meter = '', spelled = '', interval = ''] = fields.map((f) =>
    f.trim(),
  );
  const intervalMinutes = /^\d{1,4}$/.test(interval) ? Number(interval) : 0;
  if (nmi === '' || suffix === '' || intervalMinutes === 0 || minutesOfDay % intervalMinutes !== 0) {
    const found = `NMI '${nmi}', suffix '${suffix}', interval '${interval}'`;
    intake.problem('mdm/exchange-bad-record', found, { line });
    return null;
  }
  const unit = fileUnitOf(spelled);
  const kind = suffixKinds[suffix[0] as string];
  const source: SeriesSource = {
    point: nmi,
    register: suffix,
    meter: meter === '' ? null : meter,
    quantity: {
      kind: 'interval',
      direction: kind?.direction ?? 'none',
      unit: unit.unit,
      scale: unit.scale,
      rate: 0,
    },
  };
  const series = intake.series(source);
  if (kind && kind.unit !== unit.unit) {
    series.hold('mdm/exchange-unit-mismatch', `suffix ${suffix} in '${spelled}'`, { line });
  }
  return { intake: series, source, unit, intervalMinutes };
}

function openDay(intake: Intake, stream: DataStream, { fields, line }: NemRecord): Day | null {
  const count = minutesOfDay / stream.intervalMinutes;
  const startMs = compactTime(fields[1] ?? '', marketOffsetMinutes);
  const found = countNumbers(fields);
  if (startMs === null || (fields[1] ?? '').length !== 8) {
    intake.problem('mdm/exchange-bad-time', `day '${(fields[1] ?? '').slice(0, 20)}'`, { line }, found);
    return null;
  }
  const [method = '', reason = '', description = ''] = fields.slice(2 + count).map((field) => field.trim());
  if (method !== 'V' && nemFlags(method, reason) === null) {
    const isCount = found !== count;
    intake.problem(
      isCount ? 'mdm/exchange-interval-count' : 'mdm/exchange-bad-record',
      isCount ? `expected ${count} values, found ${found}` : `quality method '${method.slice(0, 20)}'`,
      { line },
      Math.max(count, found),
    );
    return null;
  }
  return {
    stream,
    startMs,
    texts: fields.slice(2, 2 + count),
    method,
    note: nemNote(method, reason, description),
    where: { line },
    ranges: [],
    reason,
  };
}

/** How many fields after the day look like values. */
function countNumbers(fields: readonly string[]): number {
  let count = 0;
  while (/^\s*-?[\d.]+\s*$/.test(fields[2 + count] ?? '')) count++;
  return count;
}

function addDay(intake: Intake, day: Day): void {
  const { stream, startMs, texts, method, where } = day;
  const count = texts.length;
  const flags = new Uint16Array(count);
  const codes = new Array<string>(count);
  if (method === 'V') {
    if (!spreadRanges(day, flags, codes)) {
      const spelled = day.ranges.map(({ fields }) => fields.slice(1, 4).join('-')).join(' ');
      intake.problem('mdm/exchange-quality-ranges', `${count} values, ranges '${spelled}'`, where, count);
      return;
    }
  } else if (day.ranges.length > 0) {
    const particulars = `quality ${method} with ${day.ranges.length} ranges`;
    intake.problem('mdm/exchange-quality-ranges', particulars, where, count);
    return;
  } else {
    flags.fill(nemFlags(method, day.reason) as number);
    codes.fill(day.note);
  }
  const seconds = stream.intervalMinutes * 60;
  for (let i = 0; i < count; i++) {
    const text = (texts[i] as string).trim();
    const at = { startMs: startMs + i * seconds * 1000, seconds, code: codes[i] as string };
    const isZeroOnly = ((flags[i] as number) & quality.powerFail) !== 0 && Number(text) !== 0;
    const flag = isZeroOnly ? (flags[i] as number) & ~quality.powerFail : (flags[i] as number);
    stream.intake.add({ ...at, text, flags: flag, where: { ...where, value: i + 1 } }, stream.unit);
  }
}

/** Puts the 400 records over the day; false unless they cover it once, in order. */
function spreadRanges({ ranges, texts }: Day, flags: Uint16Array, codes: string[]): boolean {
  let next = 1;
  for (const { fields } of ranges) {
    const [, from = '', to = '', method = '', reason = '', description = ''] = fields.map((f) => f.trim());
    const flag = nemFlags(method, reason);
    const isNext = Number(from) === next && /^\d+$/.test(to) && Number(to) >= next;
    if (!isNext || Number(to) > texts.length || flag === null) return false;
    flags.fill(flag, next - 1, Number(to));
    codes.fill(nemNote(method, reason, description), next - 1, Number(to));
    next = Number(to) + 1;
  }
  return next === texts.length + 1;
}

/** The register reading that a 500 record carries, in the unit of its 200 record. */
function addIndexRead(intake: Intake, stream: DataStream | null, { fields, line }: NemRecord): void {
  const [, , , readAt = '', index = ''] = fields.map((field) => field.trim());
  if (index === '') return;
  const startMs = readAt.length === 14 ? compactTime(readAt, marketOffsetMinutes) : null;
  if (!stream || startMs === null) {
    intake.problem('mdm/exchange-bad-record', `500 record read at '${readAt.slice(0, 20)}'`, { line }, 1);
    return;
  }
  const { source, unit } = stream;
  const register = intake.series({ ...source, quantity: { ...source.quantity, kind: 'register' } });
  register.add(
    { startMs, seconds: 0, text: index, flags: quality.measured, code: '', where: { line } },
    unit,
  );
}

/** NEM12. */
export const nem12: ExchangeFormat = {
  id: 'nem12',
  title: 'AEMO MDFF NEM12 interval data',
  recognises: (text) => /^\uFEFF?\s*(?:100,NEM12|[23]00,)/.test(text),
  read: readNem12,
  write: writeNem12,
};
