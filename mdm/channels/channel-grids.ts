/**
 * What a question about many channels must know of each: a hundred thousand of them, asked about once a month, need none of the
 * state that a reading of theirs needs, so they are read from the registry without being met.
 */
import { type ChannelId, readingTypeOf } from '@wattline/model';
import type { Registry } from '@wattline/store/registry';
import { type Channel, gridPhase } from './channel.ts';
import type { ChannelDirectory } from './channel-directory.ts';
import type { IntervalLengths } from './interval-lengths.ts';
import { readByStretches, type Stretch } from './registry-stretches.ts';

/** A channel by its grid; one whose interval length changed comes with its parts. */
export type ChannelGrid = Pick<
  Channel,
  'number' | 'id' | 'isRegister' | 'intervalSeconds' | 'phase' | 'days' | 'parts' | 'from'
>;

export interface GridParts {
  readonly registry: Registry;
  readonly directory: Pick<ChannelDirectory, 'find' | 'resolve' | 'daysOf'>;
  readonly lengths: Pick<IntervalLengths, 'of'>;
}

type Grids = Map<ChannelId, ChannelGrid>;

/** The grids of those of `ids` that the registry has, and of some that stand beside them. */
export async function gridsOf(
  parts: GridParts,
  ids: readonly ChannelId[],
): Promise<ReadonlyMap<ChannelId, ChannelGrid>> {
  const { registry, directory, lengths } = parts;
  const grids: Grids = new Map();
  const unmet: ChannelId[] = [];
  for (const id of ids) {
    const channel = directory.find(id);
    if (channel) grids.set(id, channel);
    else unmet.push(id);
  }
  const hasOneLength = (id: ChannelId) => lengths.of(id).length === 0;
  const gridOf = gridReader(directory);
  await readByStretches(registry, unmet.filter(hasOneLength), {
    isKnown: (id) => grids.has(id),
    async read(stretch) {
      for (const row of await readStretch(registry, stretch)) {
        if (hasOneLength(row.id)) grids.set(row.id, gridOf(row));
      }
    },
  });
  const rest = unmet.filter((id) => !grids.has(id));
  await directory.resolve(rest);
  for (const id of rest) {
    const channel = directory.find(id);
    if (channel) grids.set(id, channel);
  }
  return grids;
}

function readStretch(registry: Registry, { from, to }: Stretch) {
  return registry
    .selectFrom('channel')
    .innerJoin('usage_point', 'usage_point.id', 'channel.usage_point_id')
    .select(['channel.number', 'channel.id', 'channel.reading_type', 'channel.interval_seconds', 'zone'])
    .where('channel.number', '>=', from)
    .where('channel.number', '<', to)
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
