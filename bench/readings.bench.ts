/**
 * How many readings a second go from decoded blocks through log, all rules and store until they can be asked for?
 *
 * On paper, for one day of N meters x 96 quarter-hours on two cores:
 * - log: 10 octets a reading (value and quality), written once and synced in groups: 100 MB/s to the disk is 10 M readings/s;
 * - rules: three passes over columns of 96 values, about 5 ns a value and rule: 60 M readings/s on one core;
 * - store: a plain insert of the same rows by the engine, printed beside the figure, has to be paid too;
 * - glue: each meter-day costs about 5 us of objects, promises and index on one core: 200,000 meters/s or 19 M readings/s.
 * The log binds: 10 M readings/s is the paper limit used below.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock, seededRandom, silentLog } from '@wattline/base';
import { type Mdm, openMdm } from '@wattline/mdm';
import { channelIdOf, quality, type ReadingBlock } from '@wattline/model';
import { openRegistry, type Registry } from '@wattline/store/registry';
import { isQuick, printFigure } from './figure.ts';

const meters = isQuick ? 50_000 : 1_000_000;
const metersPerBatch = 100;
/** Batches on their way at once, as sessions of a head-end are. */
const batchesAtOnce = 32;
const slots = 96;
const dayMs = 86_400_000;
const clock = realClock();
const startMs = Math.floor(clock.now() / dayMs) * dayMs - dayMs;
const size = { size: `${meters} meters x ${slots} quarter-hours` };

/** A fleet of homes in the registry, in statements of many rows. */
async function fillRegistry(registry: Registry): Promise<void> {
  const rowsAtOnce = 1000;
  for (let first = 0; first < meters; first += rowsAtOnce) {
    const ids = Array.from(
      { length: Math.min(rowsAtOnce, meters - first) },
      (_, index) => `UP-${first + index}`,
    );
    await registry.transaction().execute(async (transaction) => {
      await transaction.insertInto('usage_point').values(ids.map(usagePointRow)).execute();
      const channels = ids.map((id) => ({
        id: channelIdOf(id, 'delivered'),
        usage_point_id: id,
        reading_type: 'delivered',
        interval_seconds: 900,
      }));
      await transaction.insertInto('channel').values(channels).execute();
    });
  }
}

function usagePointRow(id: string) {
  const place = { zone: 'UTC', substation: 'S', feeder: 'F', transformer: 'T', latitude: 0, longitude: 0 };
  return { id, customer: id, address: '', kind: 'home' as const, tariff_id: 'none', solar_w: 0, ...place };
}

/** Days of homes that differ: a few hundred shapes with noise, shared by the fleet. */
function homeDays(): Float64Array[] {
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

async function ingestDay(mdm: Mdm, days: readonly Float64Array[]): Promise<void> {
  const flags = new Uint16Array(slots).fill(quality.measured);
  let next = 0;
  const worker = async () => {
    for (let first = next; first < meters; first = next) {
      next += metersPerBatch;
      const count = Math.min(metersPerBatch, meters - first);
      const blocks = Array.from({ length: count }, (_, index): ReadingBlock => {
        const value = days[(first + index) % days.length] as Float64Array;
        return {
          channel: channelIdOf(`UP-${first + index}`, 'delivered'),
          startMs,
          intervalSeconds: 900,
          value,
          quality: flags,
        };
      });
      await mdm.ingest({
        id: `bench/${first}`,
        origin: { source: 'dlms', reference: `bench/${first}` },
        receivedMs: clock.now(),
        blocks,
      });
    }
  };
  await Promise.all(Array.from({ length: batchesAtOnce }, worker));
  await mdm.settled();
}

const directory = mkdtempSync(join(tmpdir(), 'wattline-bench-'));
const registry = await openRegistry(join(directory, 'registry.sqlite'));
const open = () =>
  openMdm({
    directory: join(directory, 'readings'),
    registry,
    clock,
    log: silentLog,
    events: { report: async () => {} },
  });
try {
  await fillRegistry(registry);
  const mdm = await open();
  const days = homeDays();
  const from = clock.monotonic();
  await ingestDay(mdm, days);
  const seconds = (clock.monotonic() - from) / 1000;
  const figure = (
    name: string,
    value: number,
    rest: { unit: string; higherIsBetter: boolean; target?: number; paperLimit?: number },
  ) => printFigure({ bench: 'readings', figure: name, value, ...rest, ...(isQuick ? size : {}) });
  figure('ingest-day', (meters * slots) / seconds, {
    unit: 'readings/s',
    higherIsBetter: true,
    target: 1_600_000,
    paperLimit: 10_000_000,
  });
  figure('ingest-memory', process.memoryUsage().rss / 2 ** 20, {
    unit: 'MB',
    higherIsBetter: false,
    target: 4096,
  });
  await mdm.close();
  const again = clock.monotonic();
  const reopened = await open();
  figure('restart', (clock.monotonic() - again) / 1000, { unit: 's', higherIsBetter: false, target: 5 });
  await reopened.close();
} finally {
  await registry.destroy();
  rmSync(directory, { recursive: true, force: true });
}
