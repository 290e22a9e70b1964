/** How far back a meter's own load profile reaches (Blue Book 4.3.6): what has left its buffer is not asked for again. */
import { CodedError } from '@wattline/base';
import { type Data, decodeData, decodeProfileColumns, encodeEntryRange } from '@wattline/protocols/dlms';
import type { Session } from '../session/session.ts';
import type { ProfileShape } from './profile-shape.ts';

/** What a buffer held when it was looked at. */
export interface BufferDepth {
  /** Clock of its oldest entry, UTC ms. */
  readonly oldestLabelMs: number;
  /** Whether each new entry since then has pushed out the oldest. */
  readonly isFull: boolean;
  readonly readMs: number;
}

const sortMethodAttribute = 5;
const entriesInUseAttribute = 7;
const profileEntriesAttribute = 8;
/** Sort methods in which entry 1 is the oldest: unsorted (first in, first out). */
const firstInFirstOut = 1;

/**
 * Reads sort_method, entries_in_use, profile_entries and the clock of entry 1 in one round trip; undefined when the meter does not say
 * or keeps its entries in another order. Throws as {@link Session.getMany} does.
 */
export async function readBufferDepth(
  session: Session,
  shape: ProfileShape,
  options: { readonly nowMs: number; readonly defaultOffsetMinutes: number },
): Promise<BufferDepth | undefined> {
  const attribute = (number: number) => ({ classId: 7, obis: shape.obis, attribute: number });
  const clockColumn = shape.clock + 1;
  const first = encodeEntryRange({
    fromEntry: 1,
    toEntry: 1,
    fromColumn: clockColumn,
    toColumn: clockColumn,
  });
  const answers = await session.getMany([
    attribute(sortMethodAttribute),
    attribute(entriesInUseAttribute),
    attribute(profileEntriesAttribute),
    { ...attribute(2), access: first },
  ]);
  const [sortMethod, inUse, capacity] = answers.slice(0, 3).map(numberOf);
  const oldestLabelMs = firstClock(answers[3], options.defaultOffsetMinutes);
  if (sortMethod !== firstInFirstOut || oldestLabelMs === undefined || inUse === undefined) return undefined;
  return { oldestLabelMs, isFull: capacity !== undefined && inUse >= capacity, readMs: options.nowMs };
}

/** The oldest label that a meter can still have at `nowMs`. */
export function oldestLabelAt({ oldestLabelMs, isFull, readMs }: BufferDepth, nowMs: number): number {
  return isFull ? oldestLabelMs + (nowMs - readMs) : oldestLabelMs;
}

function numberOf(answer: Uint8Array | CodedError): number | undefined {
  if (answer instanceof CodedError) return undefined;
  const decoded = decodeData(answer);
  const data: Data | undefined = decoded.ok ? decoded.value.value : undefined;
  return data && 'value' in data && typeof data.value === 'number' ? data.value : undefined;
}

function firstClock(
  answer: Uint8Array | CodedError | undefined,
  defaultOffsetMinutes: number,
): number | undefined {
  if (!(answer instanceof Uint8Array)) return undefined;
  const decoded = decodeProfileColumns(answer, { defaultOffsetMinutes });
  const column = decoded.ok && decoded.value.rows > 0 ? decoded.value.columns[0] : undefined;
  return column?.kind === 'instant' ? column.instantMs[0] : undefined;
}
