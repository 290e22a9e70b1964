/** A meter's own event log, 0.0.99.98.e.255 (Profile generic of clock and code): read from the last entry known on, told in one vocabulary. */
import type { CodedError } from '@wattline/base';
import { type EventKind, eventKinds, type SystemEvent } from '@wattline/model';
import {
  type AttributeDescriptor,
  type Data,
  decodeDateTime,
  decodeProfileColumns,
  encodeRange,
  type ProfileColumn,
} from '@wattline/protocols/dlms';
import type { FleetMeter } from '../registry/fleet.ts';
import { type EventLogMapping, type EventScheme, meaningOf } from './event-codes.ts';

/** An entry of a log. */
export interface LogEntry {
  readonly atMs: number;
  readonly code: number;
}

/** Entries taken of one reading of a log, the newest: a meter that lies may not fill the registry. */
const entriesMax = 500;

/** A stretch of a log to be asked for: entries with clocks after `afterMs` up to `untilMs`. */
export interface LogRange {
  readonly afterMs: number;
  readonly untilMs: number;
  readonly offsetMinutes: number;
}

/** What to ask for a stretch. */
export function accessOfLog(log: EventLogMapping, range: LogRange): AttributeDescriptor {
  const access = encodeRange(range.afterMs, range.untilMs, range.offsetMinutes);
  return { classId: 7, obis: log.obis, attribute: 2, access };
}

/**
 * Entries of an answer, oldest first; none when the meter refused, as one without such a log does. Entries without clock or code,
 * and those outside what was asked for, are passed over.
 */
export function entriesOfLog(
  log: EventLogMapping,
  answer: Uint8Array | CodedError | undefined,
  { afterMs, untilMs, offsetMinutes }: LogRange,
): LogEntry[] {
  if (!(answer instanceof Uint8Array)) return [];
  const decoded = decodeProfileColumns(answer, { defaultOffsetMinutes: offsetMinutes });
  if (!decoded.ok) return [];
  const { rows, columns } = decoded.value;
  const entries: LogEntry[] = [];
  for (let row = 0; row < rows; row++) {
    const atMs = instantAt(columns[log.clock], row);
    const code = integerAt(columns[log.code], row);
    if (atMs === undefined || code === undefined || atMs <= afterMs || atMs > untilMs) continue;
    entries.push({ atMs, code });
  }
  return entries.sort((a, b) => a.atMs - b.atMs).slice(-entriesMax);
}

/** Entries as events; `code` of each names list and number, as `idis/40`. */
export function eventsOfLog(
  { meter }: FleetMeter,
  scheme: EventScheme,
  entries: readonly LogEntry[],
  receivedMs: number,
): SystemEvent[] {
  return entries.map(({ atMs, code }) => {
    const { kind, title } = meaningOf(scheme, code);
    return {
      kind,
      occurredMs: atMs,
      receivedMs,
      usagePointId: meter.usagePointId,
      serial: meter.serial,
      code: `${scheme}/${code}`,
      message: `${eventKinds[kind].title}: ${title}`,
    };
  });
}

/** Pushes tell of these within a second: the log then says them again. */
const pushedKinds: readonly EventKind[] = ['power-fail', 'power-restore'];
/** Clocks of push and entry may differ by so much, ms. */
const sameMs = 120_000;

/** What the log says and nobody has told yet. */
export function untoldOf(
  events: readonly SystemEvent[],
  told: readonly { readonly kind: string; readonly occurredMs: number }[],
): SystemEvent[] {
  const isTold = ({ kind, occurredMs }: SystemEvent) =>
    pushedKinds.includes(kind) &&
    told.some((one) => one.kind === kind && Math.abs(one.occurredMs - occurredMs) <= sameMs);
  return events.filter((event) => !isTold(event));
}

function instantAt(column: ProfileColumn | undefined, row: number): number | undefined {
  if (column?.kind === 'instant') return column.instantMs[row];
  const data: Data | undefined = column?.kind === 'data' ? column.value[row] : undefined;
  if (data?.type !== 'octet-string' && data?.type !== 'date-time') return undefined;
  const decoded = decodeDateTime(data.value);
  return decoded.ok ? decoded.value.instantMs : undefined;
}

function integerAt(column: ProfileColumn | undefined, row: number): number | undefined {
  if (column?.kind === 'integer') return column.isNull[row] === 1 ? undefined : column.value[row];
  const data: Data | undefined = column?.kind === 'data' ? column.value[row] : undefined;
  return data && 'value' in data && typeof data.value === 'number' ? data.value : undefined;
}
