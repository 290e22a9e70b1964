/** Sums of groups by slot as the store makes them, the days in which versions lie over one another laid out first. */
import { quality } from '@wattline/model';
import type { MemberSet, Members, ReadingsStore } from '@wattline/store/readings';
import { layOutDays } from './contested-days.ts';

/** What a group has on one grid over one store day, or a piece of it. */
export interface SumPart {
  readonly group: number;
  readonly start: number;
  readonly intervalSeconds: number;
  readonly values: Float64Array;
  readonly held: number;
  readonly derived: number;
}

/** What the store has of the groups in the store days that touch [start, end), UTC seconds. */
export async function partsOfStore(
  store: ReadingsStore,
  request: {
    readonly members: Members;
    readonly set: MemberSet;
    readonly start: number;
    readonly end: number;
    /** Sums and days that are laid out are asked for one by one: both must be about one instant, and the store hold what was known then. */
    readonly asOfMs: number;
  },
): Promise<SumPart[]> {
  const { members, set, ...bounds } = request;
  const { slots, contested } = await store.groupSums(set, bounds);
  const parts: SumPart[] = slots.map((entry) => ({ ...entry, values: entry.sum }));
  if (contested.length === 0) return parts;
  const groupOf = new Map<number, number>();
  for (let index = 0; index < members.channels.length; index++) {
    groupOf.set(members.channels[index] as number, members.groups[index] as number);
  }
  for (const { channel, intervalSeconds, day } of layOutDays(contested)) {
    const group = groupOf.get(channel) as number;
    parts.push({ group, start: day.start, intervalSeconds, values: day.value, ...countsOf(day) });
  }
  return parts;
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
