/** Determinants of a month whose midnights lie within days of the store, of days told whole and in pieces. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { localDay, localTime, seededRandom } from '@wattline/base';
import { quality, type Series, type TouSwitch } from '@wattline/model';
import { batchOf, intervals, openTrial } from '../fixture/trial.ts';
import { rateAt } from './index.ts';

const zone = 'Asia/Kolkata';
const dayMs = 86_400_000;
const quarterMs = 900_000;
const april = { startMs: localDay('2026-04-01', zone).startMs, endMs: localDay('2026-05-01', zone).startMs };
const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri'] as const;
const calendar: TouSwitch[] = [
  { days: [...weekdays, 'sat', 'sun'], from: '00:00', rate: 1 },
  { days: weekdays, from: '07:30', rate: 2 },
  { days: weekdays, from: '16:00', rate: 3 },
  { days: weekdays, from: '19:00', rate: 1 },
];

/** Slot by slot: rate, energy, largest mean power, first store day of it; and the slots with a value. */
function slotBySlot({ value, quality: flags }: Series) {
  const rates = new Map<number, { energy: number; most: number; day: number }>();
  let held = 0;
  value.forEach((wh, slot) => {
    if (((flags[slot] as number) & quality.missing) !== 0) return;
    held++;
    const at = april.startMs + slot * quarterMs;
    const { dayOfWeek, minuteOfDay } = localTime(at, zone);
    const rate = rateAt(calendar, dayOfWeek, minuteOfDay);
    const entry = rates.getOrInsertComputed(rate, () => ({ energy: 0, most: -1, day: 0 }));
    entry.energy += wh;
    if (wh * 4 > entry.most) Object.assign(entry, { most: wh * 4, day: Math.floor(at / dayMs) * dayMs });
  });
  const found = [...rates].sort(([a], [b]) => a - b);
  return { held, rates: found.map(([rate, { energy, most, day }]) => [rate, energy, most, day]) };
}

test('determinants count the slots of the period alone and name the first day of the maximum', async () => {
  const trial = await openTrial({ zone, usagePoints: 2, nowMs: april.endMs + 3 * dayMs });
  try {
    const random = seededRandom('edges');
    const firstMs = Math.floor(april.startMs / dayMs) * dayMs;
    // Few different values, so that a maximum falls on many days.
    const values = Array.from({ length: 31 * 96 }, () => (random.below(9) === 0 ? null : random.below(40)));
    for (let at = 0; at < values.length; ) {
      const count = random.below(3) === 0 ? 1 + random.below(150) : 96 - (at % 96);
      const startMs = firstMs + at * quarterMs;
      const piece = values.slice(at, at + count);
      const blocks = ['UP-1', 'UP-2'].map((id) => intervals(`${id}/delivered`, startMs, piece));
      await trial.mdm.ingest(batchOf(`at ${at}`, ...blocks));
      at += count;
    }
    const late = intervals('UP-2/delivered', april.startMs + 5 * dayMs, [39, 39]);
    await trial.mdm.ingest(batchOf('late', late));
    const channels = ['UP-1/delivered', 'UP-2/delivered'];
    const found = await trial.mdm.aggregation.determinants({ channels, calendar, period: april });
    for (const id of channels) {
      const expected = slotBySlot(await trial.mdm.series(id, april));
      const got = found.get(id);
      assert.deepEqual([got?.expected, got?.held], [30 * 96, expected.held]);
      assert.deepEqual(
        got?.rates.map((one) => [one.rate, one.energy, one.maximumDemand, one.maximumDayMs]),
        expected.rates,
      );
    }
  } finally {
    await trial.close();
  }
});
