/** Consumer indexing over what is stored: the voltage and the power failures of the meters of a feeder, laid beside each other. */
import type { Period } from '@wattline/base';
import { type ChannelId, channelIdOf, quality, type Series } from '@wattline/model';
import type { Registry } from '@wattline/store/registry';
import { mdmError } from '../errors.ts';
import { type IndexFinding, indexConsumers, type MeterTrace } from './consumer-index.ts';

/** Meters of one question: every one is laid beside every transformer. */
const mostMeters = 5000;

/** Consumer indexing of a feeder. */
export type GridIndex = (request: {
  readonly feeder: string;
  readonly period: Period;
}) => Promise<readonly IndexFinding[]>;

/** The index over the registry and the series of voltage and energy; intervals of a meter's own length that differ are left out. */
export function createGridIndex({
  registry,
  series,
}: {
  readonly registry: Registry;
  readonly series: (channel: ChannelId, period: Period) => Promise<Series>;
}): GridIndex {
  return async ({ feeder, period }) => {
    const points = await registry
      .selectFrom('usage_point')
      .select(['id', 'transformer'])
      .where('feeder', '=', feeder)
      .orderBy('id')
      .limit(mostMeters + 1)
      .execute();
    if (points.length > mostMeters) {
      throw mdmError('mdm/too-many-meters', `${feeder} has more than ${mostMeters}`, { feeder });
    }
    const channels = new Set(
      (
        await registry
          .selectFrom('channel')
          .innerJoin('usage_point', 'usage_point.id', 'channel.usage_point_id')
          .select('channel.id')
          .where('usage_point.feeder', '=', feeder)
          .where('channel.reading_type', 'in', ['voltage', 'delivered'])
          .execute()
      ).map(({ id }) => id),
    );
    const traces: MeterTrace[] = [];
    for (const { id, transformer } of points) {
      const read = async (type: 'voltage' | 'delivered') => {
        const channel = channelIdOf(id, type);
        return channels.has(channel) ? series(channel, period) : null;
      };
      const trace = traceOf({ id, node: transformer }, await read('voltage'), await read('delivered'));
      if (trace) traces.push(trace);
    }
    // Only what lies on one grid can be laid beside each other: the grid that most meters have.
    const byLength = Map.groupBy(traces, ({ dark }) => dark.length);
    const alike = [...byLength.values()].sort((a, b) => b.length - a.length)[0] ?? [];
    return indexConsumers(alike);
  };
}

function traceOf(
  about: Pick<MeterTrace, 'id' | 'node'>,
  voltage: Series | null,
  energy: Series | null,
): MeterTrace | null {
  const shape = voltage ?? energy;
  if (!shape) return null;
  const slots = shape.value.length;
  const isKnown = (series: Series, slot: number) =>
    ((series.quality[slot] as number) & (quality.missing | quality.estimated)) === 0;
  const valuesOf = (series: Series | null) =>
    Float64Array.from({ length: slots }, (_, slot) =>
      series && isKnown(series, slot) ? (series.value[slot] as number) : Number.NaN,
    );
  const dark = Uint8Array.from({ length: slots }, (_, slot) =>
    (((voltage?.quality[slot] ?? 0) | (energy?.quality[slot] ?? 0)) & quality.powerFail) !== 0 ? 1 : 0,
  );
  return { ...about, voltage: valuesOf(voltage), ...(energy ? { energy: valuesOf(energy) } : {}), dark };
}
