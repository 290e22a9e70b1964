/** Points that are read by hand: from read to read to the watt-hour, and said to be estimated within. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { localMonth } from '@wattline/base';
import { quality, type Tariff } from '@wattline/model';
import fc from 'fast-check';
import { silentSeries } from './day-sums.ts';
import { billedTown } from './fixture/billed-town.ts';
import { plainTariff } from './fixture/rated-series.ts';
import { shareReads } from './shared-reads.ts';

const june = localMonth('2026-06', 'UTC');
const dayMs = 86_400_000;
const empty = silentSeries('UP-0001/delivered', june, { intervalSeconds: 900, asOfMs: 0 });
const measured = quality.measured;

describe('register reads shared over a month', () => {
  test('sum to what the register counted between the first and the last, at whatever instants they were read', () => {
    const read = fc.record({ afterMs: fc.integer({ min: 1000, max: 9 * dayMs }), wh: fc.nat(900_000) });
    fc.assert(
      fc.property(fc.array(read, { minLength: 1, maxLength: 3 }), (steps) => {
        const reads = [{ atMs: june.startMs + 12_345, value: 7, quality: measured }];
        for (const { afterMs, wh } of steps) {
          const last = reads.at(-1) as (typeof reads)[number];
          reads.push({ atMs: last.atMs + afterMs, value: last.value + wh, quality: measured });
        }
        const total = shareReads(empty, reads).value.reduce((sum, one) => sum + one, 0);
        assert.equal(total, (reads.at(-1)?.value ?? 0) - 7);
      }),
      { numRuns: 30 },
    );
  });
  test('leave missing what no two reads enclose, and where the register ran backwards', () => {
    const at = (days: number, value: number, flags: number = measured) => ({
      atMs: june.startMs + days * dayMs,
      value,
      quality: flags,
    });
    const reads = [at(1, 100), at(2, 5, quality.suspect), at(3, 292), at(4, 10), at(5, 20)];
    const { quality: flags } = shareReads(empty, reads);
    const isMissing = [0.5, 1.5, 2.5, 3.5, 4.5, 5.5].map(
      (day) => ((flags[day * 96] as number) & quality.missing) !== 0,
    );
    assert.deepEqual(isMissing, [true, false, false, true, false, true]);
  });
});

test('a point with a register alone is billed from read to read, and a late read makes another version that replays', async () => {
  const usagePointId = 'UP-0001';
  const total = `${usagePointId}/delivered-total`;
  const tariff: Tariff = plainTariff;
  const town = await billedTown({
    ...{ usagePointId, tariff, nowMs: june.endMs + dayMs, installedMs: 0, intervalSeconds: 0 },
    channels: ['delivered-total'],
  });
  const { registry, readings, billing, clock } = town;
  await registry.deleteFrom('meter').execute();
  await assert.rejects(billing.run(usagePointId, '2026-06'), { code: 'apps/no-meter' });
  const say = async (undoes: number | null) => {
    const { number } = await registry
      .insertInto('asset_fact')
      .values({
        ...{
          subject: `usage-point/${usagePointId}`,
          attribute: 'meter',
          from_ms: 0,
          value: '"F-77"',
          undoes,
        },
        ...{ author: 'Asha', reason: 'round', recorded_ms: 0 },
      })
      .returning('number')
      .executeTakeFirstOrThrow();
    return number;
  };
  await say(await say(null));
  // An installation that was taken back never was.
  await assert.rejects(billing.run(usagePointId, '2026-06'), { code: 'apps/no-meter' });
  await say(null);
  readings.recordRegister(total, june.startMs - 10 * dayMs, 1_000_000);
  readings.recordRegister(total, june.endMs, 1_400_000);
  const first = await billing.run(usagePointId, '2026-06');
  const delivered = first.determinants.find(({ unit }) => unit === 'kWh');
  // 400 kWh in forty days, thirty of them June's.
  assert.deepEqual([delivered?.quantity, delivered?.estimated, delivered?.missing], ['300.000', 30 * 96, 0]);
  await clock.advance(dayMs);
  readings.recordRegister(total, june.startMs, 1_050_000, clock.now());
  const second = await billing.run(usagePointId, '2026-06');
  assert.deepEqual(
    [
      second.version,
      second.determinants.find(({ unit }) => unit === 'kWh')?.quantity,
      second.registerCheck.agrees,
    ],
    [2, '350.000', true],
  );
  assert.equal((await billing.replay(first.id)).isSame, true);
  await town.close();
});
