import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { quality } from '@wattline/model';
import { noData, sampleText } from '../exchange/exchange-fixture.ts';
import { readTemperatures } from '../exchange/temperature-rows.ts';
import { batchOf, intervals, openTrial } from '../fixture/trial.ts';

const dayMs = 86_400_000;
/** A Monday; four weeks of history before it. */
const start = Date.UTC(2026, 0, 5);
const gap = { startMs: start + 8 * 3_600_000, endMs: start + 14 * 3_600_000 };
const dateOfDay = (day: number) => new Temporal.PlainDate(2026, 1, 5).add({ days: day }).toString();
/** Every second day is cold; a cold day takes three times as much. */
const isCold = (day: number) => day % 2 === 0;

async function fill(options: { hasWeather: boolean }) {
  const trial = await openTrial({ nowMs: start + 2 * dayMs, installedMs: start - 28 * dayMs });
  if (options.hasWeather) {
    const days = Array.from({ length: 29 }, (_, back) => ({
      date: dateOfDay(-back),
      celsius: isCold(-back) ? -3 : 12,
    }));
    await trial.mdm.weather.put(days);
  }
  for (let day = -28; day <= 0; day++) {
    const startMs = start + day * dayMs;
    const values = Array.from({ length: 96 }, (_, slot) => {
      const at = startMs + slot * 900_000;
      return day === 0 && at >= gap.startMs && at < gap.endMs ? null : isCold(day) ? 300 : 100;
    });
    await trial.mdm.ingest(batchOf(`day ${day}`, intervals('UP-1/delivered', startMs, values)));
  }
  await trial.mdm.review('UP-1', { startMs: start, endMs: start + dayMs });
  return trial;
}

describe('temperatures', () => {
  test('choose the cold days for a cold day; without them all like days are as good as another', async () => {
    const known = await fill({ hasWeather: true });
    try {
      assert.equal((await known.mdm.series('UP-1/delivered', gap)).value[0], 300);
      const [version] = await known.mdm.versions('UP-1/delivered', gap.startMs);
      assert.equal(version?.method, 'weather-day');
      const verdicts = await known.mdm.verdicts('UP-1/delivered', gap.startMs);
      const { detail } = verdicts.find(({ rule }) => rule === 'estimation') ?? {};
      assert.match(
        detail ?? '',
        /like days nearest to -3\.0 degrees, between 300 and 300 Wh .* give or take 0/,
      );
    } finally {
      await known.close();
    }
    const blind = await fill({ hasWeather: false });
    try {
      const byKind = (await blind.mdm.series('UP-1/delivered', gap)).value[0] ?? 0;
      assert.ok(byKind > 150 && byKind < 250, `${byKind}`);
    } finally {
      await blind.close();
    }
  });
  test('are kept, take the later word, and are refused where nothing on earth is so warm', async () => {
    const trial = await openTrial();
    try {
      await trial.mdm.weather.put([{ date: '2026-01-05', celsius: 4 }]);
      await trial.mdm.weather.put([{ date: '2026-01-05', celsius: 5.5 }]);
      await trial.reopen();
      assert.equal(trial.mdm.weather.on('2026-01-05'), 5.5);
      assert.equal(trial.mdm.weather.on('2026-01-06'), null);
      for (const day of [
        { date: '2026-1-5', celsius: 4 },
        { date: '2026-01-05', celsius: 61 },
        { date: '2026-01-05', celsius: Number.NaN },
      ])
        await assert.rejects(trial.mdm.weather.put([day]), { code: 'mdm/bad-temperature' });
    } finally {
      await trial.close();
    }
  });
  test('are read by date or by hour, in either scale; a line that is none is counted', () => {
    const byHour = readTemperatures(
      'time;fahrenheit\n2026-01-04T23:30:00Z;32\n2026-01-05T01:00:00Z;50\n',
      'Europe/Berlin',
    );
    assert.deepEqual(byHour, { days: [{ date: '2026-01-05', celsius: 5 }], rejected: 0, firstLine: null });
    const mixed = readTemperatures(
      'date,celsius\n2026-01-05,4\nyesterday,4\n2026-01-06,\n2026-01-07,1',
      'UTC',
    );
    assert.deepEqual(mixed, { days: [{ date: '2026-01-05', celsius: 4 }], rejected: 3, firstLine: 3 });
    assert.equal(readTemperatures('day,warmth\n', 'UTC'), null);
  });
  test('of a real year of Belgian hours give its days', { skip: noData }, () => {
    const read = readTemperatures(
      sampleText('data/A05_opengrid_be_weather_2016_hour.csv.gz'),
      'Europe/Brussels',
    );
    assert.ok(read && read.days.length > 360 && read.rejected === 0);
    assert.ok(read.days.every(({ celsius }) => celsius > -20 && celsius < 35));
  });
});

describe('the real value', () => {
  test('takes the place of its estimate as soon as it is there: nobody asks for a review, and sums and the feed follow', async () => {
    const trial = await fill({ hasWeather: false });
    try {
      const total = async () => {
        const [day] = await trial.mdm.aggregation.totals(
          'UP-1/delivered',
          { startMs: start, endMs: start + 1 },
          'day',
        );
        return [day?.value, day?.derived];
      };
      assert.equal((await total())[1], 24);
      const { position } = await trial.mdm.feed.changes(0, 100_000);
      const late = intervals('UP-1/delivered', gap.startMs, new Array(24).fill(7));
      await trial.mdm.ingest(batchOf('late', late));
      assert.deepEqual(await total(), [72 * 300 + 24 * 7, 0], 'at once, before anything is reviewed');
      await trial.mdm.settled();
      const { value, quality: flags } = await trial.mdm.series('UP-1/delivered', gap);
      assert.deepEqual([value[0], flags[0]], [7, quality.measured]);
      const { changes } = await trial.mdm.feed.changes(position, 1000);
      assert.equal(changes[0]?.startMs, gap.startMs);
      const versions = await trial.mdm.versions('UP-1/delivered', gap.startMs);
      assert.deepEqual(
        versions.map(({ method }) => method),
        ['like-day', ''],
      );
      assert.ok(trial.events.some(({ kind }) => kind === 'reading-late'));
    } finally {
      await trial.close();
    }
  });
});

describe('comparable points', () => {
  test('are those of the same kind of customer', async () => {
    const trial = await openTrial({ usagePoints: 5, nowMs: start + 2 * dayMs, installedMs: start });
    try {
      await trial.registry
        .updateTable('usage_point')
        .set({ kind: 'shop' })
        .where('id', 'in', ['UP-4', 'UP-5'])
        .execute();
      // Homes take by night, shops by day; home 1 has a gap by day and no history.
      const shape = (id: number, slot: number) => (id < 4 === slot < 32 ? 400 : 10);
      // The one with the gap comes last: an estimate stands until something of its own day changes.
      for (const id of [2, 3, 4, 5, 1]) {
        const values = Array.from({ length: 96 }, (_, slot) =>
          id === 1 && slot >= 24 && slot < 48 ? null : shape(id, slot),
        );
        const registers = [0, 96].map((slot) => ({
          channel: `UP-${id}/delivered-total`,
          startMs: start + slot * 900_000,
          intervalSeconds: 0,
          value: Float64Array.of(slot === 0 ? 0 : 32 * 400 + 64 * 10),
          quality: Uint16Array.of(quality.measured),
        }));
        await trial.mdm.ingest(
          batchOf(`p${id}`, intervals(`UP-${id}/delivered`, start, values), ...registers),
        );
      }
      await trial.mdm.review('UP-1', { startMs: start, endMs: start + dayMs });
      const { value } = await trial.mdm.series('UP-1/delivered', { startMs: start, endMs: start + dayMs });
      assert.deepEqual([value[24], value[40]], [400, 10], 'the shape of other homes, not of the shops');
      const [version] = await trial.mdm.versions('UP-1/delivered', start + 40 * 900_000);
      assert.equal(version?.method, 'neighbour');
    } finally {
      await trial.close();
    }
  });
});
