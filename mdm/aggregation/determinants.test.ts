/** Determinants of a month whose midnights lie within days of the store, of days told whole and in pieces. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { localDay, seededRandom } from '@wattline/base';
import { batchOf, intervals, openTrial } from '../fixture/trial.ts';
import { sumByRate, weekdayRates } from '../fixture/weekday-rates.ts';

const zone = 'Asia/Kolkata';
const dayMs = 86_400_000;
const quarterMs = 900_000;
const april = { startMs: localDay('2026-04-01', zone).startMs, endMs: localDay('2026-05-01', zone).startMs };

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
    const found = await trial.mdm.aggregation.determinants({
      channels,
      calendar: weekdayRates,
      period: april,
    });
    for (const id of channels) {
      const expected = sumByRate(await trial.mdm.series(id, april), zone);
      const got = found.get(id);
      assert.deepEqual([got?.expected, got?.held], [30 * 96, expected.held]);
      assert.deepEqual(got?.rates, expected.rates);
    }
  } finally {
    await trial.close();
  }
});

test('determinants of seven years are those of all their days', async () => {
  const trial = await openTrial({ zone: 'UTC', usagePoints: 1, nowMs: Date.UTC(2026, 0, 1) });
  try {
    const channel = 'UP-1/delivered';
    const period = { startMs: Date.UTC(2019, 0, 1), endMs: Date.UTC(2026, 0, 1) };
    const days = [Date.UTC(2019, 0, 1), Date.UTC(2024, 7, 9), Date.UTC(2025, 11, 31)];
    for (const [index, startMs] of days.entries())
      await trial.mdm.ingest(batchOf(`day ${index}`, intervals(channel, startMs, [7, 2 ** 40 + index])));
    const found = await trial.mdm.aggregation.determinants({ channels: [channel], calendar: [], period });
    const { rates, held, expected } = found.get(channel) ?? {};
    assert.deepEqual([held, expected], [6, (period.endMs - period.startMs) / quarterMs]);
    const maximum = { maximumDemand: (2 ** 40 + 2) * 4, maximumDayMs: days[2] };
    assert.deepEqual(rates, [{ rate: 0, energy: 3 * 2 ** 40 + 24, ...maximum }]);
  } finally {
    await trial.close();
  }
});
