/**
 * What a question about many channels must know of each: a hundred thousand of them, asked about once a month, need none of the
 * state that a reading of theirs needs, so they are read from the registry without being met.
 */
import { type ChannelId, readingTypeOf } from '@wattline/model';
import type { Registry } from '@wattline/store/registry';
import { type Channel, gridPhase } from './channel.ts';
import type { ChannelDirectory } from './channel-directory.ts';
import type { IntervalLengths } from './interval-lengths.ts';

/** A channel by its grid; one whose interval length changed comes with its parts. */
export type ChannelGrid = Pick<
  Channel,
  'number' | 'id' | 'isRegister' | 'intervalSeconds' | 'phase' | 'days' | 'parts' | 'from'
>;

export interface GridParts {
  readonly registry: Registry;
  readonly directory: Pick<ChannelDirectory, 'find' | 'resolve' | 'numberOf' | 'daysOf'>;
  readonly lengths: Pick<IntervalLengths, 'of'>;
}

type Grids = Map<ChannelId, ChannelGrid>;

/** Channels that were not met from which on they are read by stretches of the registry, and channels of a stretch. */
const manyIds = 16;
const channelsAhead = 1000;

/** The grids of those of `ids` that the registry has, and of some that stand beside them. */
export async function gridsOf(
  parts: GridParts,
  ids: readonly ChannelId[],
): Promise<ReadonlyMap<ChannelId, ChannelGrid>> {
  const { directory, lengths } = parts;
  const grids: Grids = new Map();
  const unmet: ChannelId[] = [];
  for (const id of ids) {
    const channel = directory.find(id);
    if (channel) grids.set(id, channel);
    else unmet.push(id);
  }
  await readGrids(
    parts,
    unmet.filter((id) => lengths.of(id).length === 0),
    grids,
  );
  const rest = unmet.filter((id) => !grids.has(id));
  await directory.resolve(rest);
  for (const id of rest) {
    const channel = directory.find(id);
    if (channel) grids.set(id, channel);
  }
  return grids;
}

/** Reads stretches of the registry that begin at one of `ids`, as long as most of what they hold is asked for. */
async function readGrids(parts: GridParts, ids: readonly ChannelId[], into: Grids): Promise<void> {
  const gridOf = gridReader(parts.directory);
  for (let at = 0; ids.length - at >= manyIds; at++) {
    const first = ids[at] as ChannelId;
    if (into.has(first)) continue;
    const number = await parts.directory.numberOf(first);
    if (number === undefined) return;
    for (const row of await readStretch(parts.registry, number)) {
      if (parts.lengths.of(row.id).length === 0) into.set(row.id, gridOf(row));
    }
    const found = ids.slice(at, at + channelsAhead).filter((id) => into.has(id));
    if (found.length < manyIds / 2) return;
  }
}

function readStretch(registry: Registry, number: number) {
  return registry
    .selectFrom('channel')
    .innerJoin('usage_point', 'usage_point.id', 'channel.usage_point_id')
    .select(['channel.number', 'channel.id', 'channel.reading_type', 'channel.interval_seconds', 'zone'])
    .where('channel.number', '>=', number)
    .where('channel.number', '<', number + channelsAhead)
    .execute();
}

type Row = Awaited<ReturnType<typeof readStretch>>[number];
type Shared = Pick<ChannelGrid, 'isRegister' | 'intervalSeconds' | 'phase' | 'days'>;

/** Makes grids of rows; what those of one type, length and zone share is reckoned once. */
function gridReader(directory: Pick<ChannelDirectory, 'daysOf'>): (row: Row) => ChannelGrid {
  const known = new Map<string, Shared>();
  const shared = ({ reading_type, interval_seconds, zone }: Row): Shared => {
    const isRegister = readingTypeOf(reading_type).kind === 'register';
    const days = directory.daysOf(zone);
    return isRegister
      ? { isRegister, intervalSeconds: 0, phase: 0, days }
      : { isRegister, intervalSeconds: interval_seconds, phase: gridPhase(days, interval_seconds), days };
  };
  return (row) => {
    const key = `${row.reading_type} ${row.interval_seconds} ${row.zone}`;
    const { isRegister, intervalSeconds, phase, days } = known.getOrInsertComputed(key, () => shared(row));
    const { number, id } = row;
    return { number, id, isRegister, intervalSeconds, phase, days, parts: null, from: 0 };
  };
}
