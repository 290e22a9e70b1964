/** Rows of an import as values or coded refusals; nothing here touches a store. */
import type { Failure } from '@wattline/base';
import { failure, type Result, success } from '@wattline/base';
import { type QualityFlag, quality, type ReadingType, readingTypes } from '@wattline/model';
import type { ServerErrorCode } from '../errors.ts';

/** The columns of an import; `quality` may be left out and is then `measured`. */
export const importColumns = ['usage_point', 'reading_type', 'start', 'value', 'quality'] as const;
type Column = (typeof importColumns)[number];
const optionalColumns: ReadonlySet<Column> = new Set(['quality']);

/** Where each column stands in the file. */
export type ColumnIndex = Readonly<Partial<Record<Column, number>>>;

/** A row that can be stored. */
export interface ImportedValue {
  readonly startMs: number;
  readonly value: number;
  readonly quality: number;
}

/** The places of the columns in a header row, or what is wrong with it. */
export function readHeader(cells: readonly string[]): Result<ColumnIndex> {
  const names = cells.map((cell) => cell.trim().toLowerCase());
  const unknown = names.find((name) => !importColumns.includes(name as Column));
  const missing = importColumns.find((name) => !optionalColumns.has(name) && !names.includes(name));
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (unknown === undefined && missing === undefined && repeated === undefined) {
    return success(Object.fromEntries(names.map((name, index) => [name, index])));
  }
  const what = `expected a header with the columns ${importColumns.join(', ')} (the last may be left out), found '${names.join(',').slice(0, 100)}'`;
  return failure('server/bad-import', what, { line: 1 });
}

/** A failure of one row. */
export function rowFailure(
  code: ServerErrorCode,
  message: string,
): { readonly ok: false; readonly error: Failure } {
  return failure(code, message);
}

/** The reading type that a row names. */
export function readType(text: string): Result<ReadingType> {
  const type = readingTypes.find((entry) => entry.id === text);
  if (type) return success(type);
  const known = readingTypes.map((entry) => entry.id).join(', ');
  return rowFailure(
    'server/unknown-reading-type',
    `expected a reading type (${known}), found '${text.slice(0, 40)}'`,
  );
}

/** Start, value and quality of a row of a usage point in `zone`. */
export function readValue(
  row: { readonly start: string; readonly value: string; readonly quality: string | undefined },
  zone: string,
): Result<ImportedValue> {
  const flags = readQuality(row.quality);
  if (!flags.ok) return flags;
  const start = readStart(row.start, zone);
  if (!start.ok) return start;
  const isHole = (flags.value & quality.missing) !== 0;
  if (isHole && row.value === '')
    return success({ startMs: start.value, value: 0, quality: quality.missing });
  if (!/^[+-]?\d{1,16}$/.test(row.value) || !Number.isSafeInteger(Number(row.value)) || isHole) {
    const expected = isHole ? 'no value where the quality is missing' : 'an integer below 2^53';
    return rowFailure('server/bad-value', `expected ${expected}, found '${row.value.slice(0, 40)}'`);
  }
  const value = Number(row.value);
  if (value < 0) {
    return rowFailure(
      'server/negative-value',
      `expected energy in one direction, which is not negative, found ${value}`,
    );
  }
  return success({ startMs: start.value, value, quality: flags.value });
}

const offsetShape = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/i;
const localShape = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?$/;

/** An instant with its offset, or a wall-clock time of `zone` that happened exactly once. */
function readStart(text: string, zone: string): Result<number> {
  const isLocal = localShape.test(text);
  try {
    if (offsetShape.test(text))
      return success(Temporal.Instant.from(text.replace(' ', 'T')).epochMilliseconds);
    if (isLocal) return readLocal(Temporal.PlainDateTime.from(text.replace(' ', 'T')), zone);
  } catch {
    // Refused below: the shape is right, the day or hour is not.
  }
  const expected = `expected an instant as 2026-03-29T01:30:00Z or a local time as 2026-03-29 01:30`;
  return rowFailure('server/bad-time', `${expected}, found '${text.slice(0, 40)}'`);
}

function readLocal(wall: Temporal.PlainDateTime, zone: string): Result<number> {
  const earlier = wall.toZonedDateTime(zone, { disambiguation: 'earlier' });
  const later = wall.toZonedDateTime(zone, { disambiguation: 'later' });
  if (earlier.epochMilliseconds === later.epochMilliseconds) return success(earlier.epochMilliseconds);
  const shown = wall.toString({ smallestUnit: 'minute' });
  const isRepeated = earlier.toPlainDateTime().equals(wall);
  return isRepeated
    ? rowFailure(
        'server/repeated-hour',
        `${shown} happened twice in ${zone}: write its offset, ${earlier.offset} or ${later.offset}`,
      )
    : rowFailure('server/missing-hour', `${shown} does not exist in ${zone}: clocks went forward over it`);
}

const origins = quality.measured | quality.estimated | quality.edited | quality.manual;

/** Names of flags joined by `+`, as an export writes them; `final` and `suspect` are ours to say and are left out. */
function readQuality(text: string | undefined): Result<number> {
  if (text === undefined || text === '') return success(quality.measured);
  let flags = 0;
  for (const name of text.split('+')) {
    const bit = Object.hasOwn(quality, name) ? quality[name as QualityFlag] : 0;
    if (bit === 0) {
      const known = Object.keys(quality).join(', ');
      return rowFailure(
        'server/bad-quality',
        `expected flags (${known}) joined by +, found '${text.slice(0, 60)}'`,
      );
    }
    flags |= bit;
  }
  const isHole = (flags & quality.missing) !== 0;
  const isBoth = (flags & quality.measured) !== 0 && (flags & quality.estimated) !== 0;
  if (!isBoth && isHole !== ((flags & origins) !== 0))
    return success(flags & ~(quality.final | quality.suspect));
  return rowFailure(
    'server/bad-quality',
    `expected missing alone, or measured, estimated, edited or manual, found '${text.slice(0, 60)}'`,
  );
}
