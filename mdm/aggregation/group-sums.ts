/** Sums over the channels of each group by slot: feeders, transformers, whatever a member list says. */
import { daySeconds, type MemberSet, type Members, type ReadingsStore } from '@wattline/store/readings';
import type { KeptSums } from './kept-sums.ts';
import { partsOfStore, type SumPart } from './store-sums.ts';

/** What a group's channels took together over a period. */
export interface GroupSum {
  readonly group: number;
  readonly startMs: number;
  /** The coarsest interval among the group's channels: finer ones are summed up to it. */
  readonly intervalSeconds: number;
  readonly sum: Float64Array;
  /** Slots with a value, and those of them that were estimated or edited. */
  readonly held: number;
  readonly derived: number;
}

/** Store days from which on the store is asked for all of a period at once. */
const daysFromStore = 4;

interface SumRequest {
  readonly members: Members;
  readonly set: MemberSet;
  readonly startMs: number;
  readonly endMs: number;
  /** What the store is asked for; kept sums are as they stand. */
  readonly asOfMs: number;
}

/** Sums of the members' groups over [startMs, endMs); every group of the members that has a reading is there. */
export async function sumGroups(
  { store, kept }: { readonly store: ReadingsStore; readonly kept?: KeptSums },
  request: SumRequest,
): Promise<GroupSum[]> {
  const { members, set, startMs, endMs, asOfMs } = request;
  const start = startMs / 1000;
  const end = endMs / 1000;
  const days = { first: Math.floor(start / daySeconds), last: Math.ceil(end / daySeconds) - 1 };
  const isShort = days.last - days.first < daysFromStore - 1;
  const parts =
    (isShort && (await kept?.parts({ members, set }, days))) ||
    (await partsOfStore(store, { members, set, start, end, asOfMs }));
  const byGroup = Map.groupBy(parts, (part) => part.group);
  return [...byGroup]
    .sort(([a], [b]) => a - b)
    .map(([group, ofGroup]) => sumOfParts(group, ofGroup, start, end));
}

function sumOfParts(group: number, parts: readonly SumPart[], start: number, end: number): GroupSum {
  const step = Math.max(...parts.map((part) => part.intervalSeconds));
  const sum = new Float64Array(Math.ceil((end - start) / step));
  let held = 0;
  let derived = 0;
  for (const part of parts) {
    for (let slot = 0; slot < part.values.length; slot++) {
      const at = part.start + slot * part.intervalSeconds;
      if (at < start || at >= end) continue;
      const into = Math.floor((at - start) / step);
      sum[into] = (sum[into] as number) + (part.values[slot] as number);
    }
    held += part.held;
    derived += part.derived;
  }
  return { group, startMs: start * 1000, intervalSeconds: step, sum, held, derived };
}
