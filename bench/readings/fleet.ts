/** A fleet for the bench: its registry, days that look like homes, and their delivery as sessions of a head-end make it. */
import { type Clock, realClock, seededRandom } from '@wattline/base';
import type { Mdm } from '@wattline/mdm';
import { channelIdOf, quality, type ReadingBlock } from '@wattline/model';
import type { Registry } from '@wattline/store/registry';

export const slots = 96;
export const dayMs = 86_400_000;
export const clock: Clock = realClock();
/** The day before today, UTC. */
export const dayStartMs = Math.floor(clock.now() / dayMs) * dayMs - dayMs;
/** Meters on one feeder. */
const metersPerFeeder = 2000;
const metersPerBatch = 100;
/** Batches on their way at once, as sessions of a head-end are. */
const batchesAtOnce = 32;

/** The block load profile of an Indian meter as this stack knows its channels. */
export const sevenChannels = [
  'delivered',
  'received',
  'delivered-apparent',
  'received-apparent',
  'delivered-reactive',
  'voltage',
  'current',
] as const;

/** Puts `meters` points with their channels into the registry, in statements of many rows. */
export async function fillRegistry(
  registry: Registry,
  meters: number,
  types: readonly string[],
): Promise<void> {
  const rowsAtOnce = Math.floor(7000 / types.length);
  for (let first = 0; first < meters; first += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, meters - first);
    const points = Array.from({ length: count }, (_, index) => usagePointRow(first + index));
    const channels = points.flatMap(({ id }) =>
      types.map((type) => ({
        id: channelIdOf(id, type),
        usage_point_id: id,
        reading_type: type,
        interval_seconds: 900,
      })),
    );
    await registry.transaction().execute(async (transaction) => {
      for (let at = 0; at < count; at += 1000) {
        await transaction
          .insertInto('usage_point')
          .values(points.slice(at, at + 1000))
          .execute();
      }
      await transaction.insertInto('channel').values(channels).execute();
    });
  }
}

function usagePointRow(index: number) {
  const feeder = `F-${Math.floor(index / metersPerFeeder)}`;
  return {
    id: `UP-${index}`,
    customer: '',
    address: '',
    kind: 'home' as const,
    zone: 'UTC',
    substation: 'S',
    feeder,
    transformer: 'T',
    tariff_id: 'none',
    solar_w: 0,
    latitude: 0,
    longitude: 0,
  };
}

/** Days of homes that differ: a few hundred shapes with noise, shared by the fleet. */
export function homeDays(): Float64Array[] {
  const random = seededRandom('readings bench');
  return Array.from({ length: 500 }, () => {
    const base = 20 + random.below(60);
    const peak = 100 + random.below(500);
    const at = random.below(slots);
    return Float64Array.from({ length: slots }, (_, slot) =>
      Math.round(base + random.below(30) + peak * Math.exp(-(((slot - at) / 6) ** 2))),
    );
  });
}

/** Values of a reading type that fit a home's energy: nothing comes back, 230 V, some reactive. */
function valuesOf(type: string, energy: Float64Array): Float64Array {
  if (type === 'delivered') return energy;
  if (type.startsWith('received')) return new Float64Array(slots);
  if (type === 'delivered-apparent') return energy.map((wh) => Math.ceil(wh * 1.06));
  if (type === 'delivered-reactive') return energy.map((wh) => Math.round(wh * 0.35));
  if (type === 'voltage') return energy.map((wh) => 2300 + (wh % 40));
  return energy.map((wh) => Math.round((wh * 4 * 100) / 230));
}

/** Delivers one day of every meter and waits until all of it is validated and can be asked for; seconds it took. */
export async function ingestDay(mdm: Mdm, meters: number, types: readonly string[]): Promise<number> {
  const flags = new Uint16Array(slots).fill(quality.measured);
  const days = homeDays().map((energy) => types.map((type) => valuesOf(type, energy)));
  let next = 0;
  const worker = async () => {
    for (let first = next; first < meters; first = next) {
      next += metersPerBatch;
      const blocks: ReadingBlock[] = [];
      for (let index = first; index < Math.min(first + metersPerBatch, meters); index++) {
        const values = days[index % days.length] as Float64Array[];
        types.forEach((type, column) => {
          blocks.push({
            channel: channelIdOf(`UP-${index}`, type),
            startMs: dayStartMs,
            intervalSeconds: 900,
            value: values[column] as Float64Array,
            quality: flags,
          });
        });
      }
      await mdm.ingest({
        id: `bench/${first}`,
        origin: { source: 'dlms', reference: `bench/${first}` },
        receivedMs: clock.now(),
        blocks,
      });
    }
  };
  const from = clock.monotonic();
  await Promise.all(Array.from({ length: batchesAtOnce }, worker));
  await mdm.settled();
  return (clock.monotonic() - from) / 1000;
}
