/** Sums over the channels of each group by slot: feeders, transformers, whatever a member list says. */
import { quality } from '@wattline/model';
import type { MemberSet, Members, ReadingsStore } from '@wattline/store/readings';
import { layOutDays } from './contested-days.ts';

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

interface Part {
  readonly group: number;
  readonly start: number;
  readonly intervalSeconds: number;
  readonly values: Float64Array;
  readonly held: number;
  readonly derived: number;
}

/** Sums of the members' groups over [startMs, endMs); every group of the members that has a reading is there. */
export async function sumGroups(
  store: ReadingsStore,
  request: {
    readonly members: Members;
    readonly set: MemberSet;
    readonly startMs: number;
    readonly endMs: number;
    readonly asOfMs?: number;
  },
): Promise<GroupSum[]> {
  const { members, set, startMs, endMs, asOfMs } = request;
  const bounds = { start: startMs / 1000, end: endMs / 1000, ...(asOfMs === undefined ? {} : { asOfMs }) };
  const { slots, contested } = await store.groupSums(set, bounds);
  const parts: Part[] = slots.map((entry) => ({ ...entry, values: entry.sum }));
  if (contested.length > 0) {
    const groupOf = new Map<number, number>();
    for (let index = 0; index < members.channels.length; index++) {
      groupOf.set(members.channels[index] as number, members.groups[index] as number);
    }
    for (const { channel, intervalSeconds, day } of layOutDays(contested)) {
      const group = groupOf.get(channel) as number;
      parts.push({ group, start: day.start, intervalSeconds, values: day.value, ...countsOf(day) });
    }
  }
  const byGroup = Map.groupBy(parts, (part) => part.group);
  return [...byGroup]
    .sort(([a], [b]) => a - b)
    .map(([group, ofGroup]) => sumOfParts(group, ofGroup, bounds.start, bounds.end));
}

function countsOf(day: { readonly quality: Uint16Array }): { held: number; derived: number } {
  let held = 0;
  let derived = 0;
  for (const flags of day.quality) {
    if ((flags & quality.missing) !== 0) continue;
    held++;
    if ((flags & (quality.estimated | quality.edited)) !== 0) derived++;
  }
  return { held, derived };
}

function sumOfParts(group: number, parts: readonly Part[], start: number, end: number): GroupSum {
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
