/** Points that are read by hand: from read to read to the watt-hour, and said to be estimated within. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { localMonth } from '@wattline/base';
import type { RegisterCourse } from '@wattline/mdm';
import { quality, type Tariff } from '@wattline/model';
import fc from 'fast-check';
import { renderBill } from './bill-text.ts';
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

describe('register reads shared over an exchange or a rollover', () => {
  const at = (days: number, value: number) => ({
    atMs: june.startMs + days * dayMs,
    value,
    quality: measured,
  });
  const seconds = (days: number) => (june.startMs + days * dayMs) / 1000;
  const sums = (reads: readonly ReturnType<typeof at>[], course: RegisterCourse) => {
    const { value } = shareReads(empty, reads, course);
    return Array.from({ length: 5 }, (_, day) =>
      value.slice(day * 96, (day + 1) * 96).reduce((sum, one) => sum + one, 0),
    );
  };
  test('the reads of the exchange count: each meter’s days by its own register', () => {
    const course = { breaks: [{ at: seconds(2), before: 1_020_000, after: 7 }], dials: [] };
    assert.deepEqual(sums([at(0, 1_000_000), at(4, 1807)], course), [10_000, 10_000, 900, 900, 0]);
  });
  test('at an instant within a quarter-hour both meters share it, to the watt-hour', () => {
    const course = { breaks: [{ at: seconds(2) + 420, before: 1_019_999, after: 0 }], dials: [] };
    const [first, second, third, fourth] = sums([at(0, 1_000_000), at(4, 2001)], course) as number[];
    assert.equal((first ?? 0) + (second ?? 0) + (third ?? 0) + (fourth ?? 0), 19_999 + 2001);
    assert.deepEqual([first, fourth], [9975, 1003]);
  });
  test('a register that rolled over went on', () => {
    const course = { breaks: [], dials: [{ from: 0, rollsOverAt: 10_000_000 }] };
    assert.deepEqual(sums([at(0, 9_999_000), at(2, 1000)], course), [1000, 1000, 0, 0, 0]);
  });
  test('a final read below the read before it is for people: that stretch is missing, the next one is shared', () => {
    const course = { breaks: [{ at: seconds(2), before: 900_000, after: 0 }], dials: [] };
    const { quality: flags } = shareReads(empty, [at(0, 1_000_000), at(4, 400)], course);
    assert.deepEqual(
      [0, 100, 192, 383].map((slot) => ((flags[slot] as number) & quality.missing) !== 0),
      [true, true, false, false],
    );
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

test('what a roof gave is shared from its own register: credited, offset and told apart from what was taken', async () => {
  const usagePointId = 'UP-0001';
  const received = { scheme: 'export-credit', receivedPerKwh: '0.05' } as const;
  const town = await billedTown({
    ...{ usagePointId, nowMs: june.endMs + dayMs, installedMs: june.startMs - 10 * dayMs },
    ...{ intervalSeconds: 900, tariff: { ...plainTariff, received } },
    channels: ['delivered-total', 'received-total'],
  });
  const { readings, billing } = town;
  readings.recordRegister(`${usagePointId}/delivered-total`, june.startMs, 0);
  readings.recordRegister(`${usagePointId}/delivered-total`, june.endMs, 60_000);
  readings.recordRegister(`${usagePointId}/received-total`, june.startMs - 10 * dayMs, 5000);
  readings.recordRegister(`${usagePointId}/received-total`, june.endMs, 45_000);
  const bill = await billing.run(usagePointId, '2026-06');
  const credited = bill.determinants.find(({ id }) => id === 'received');
  // 40 kWh in forty days, thirty of them June's.
  assert.deepEqual([credited?.quantity, credited?.estimated, credited?.missing], ['30.000', 30 * 96, 0]);
  assert.equal(bill.lines.find(({ kind }) => kind === 'credit')?.quantity, '30.000');
  assert.deepEqual([bill.registerCheck.agrees, bill.registerCheck.intervals], [true, '60.000']);
  await town.close();
});

test('an exchange of which one learns late makes another version, and both replay as they were', async () => {
  const usagePointId = 'UP-0001';
  const total = `${usagePointId}/delivered-total`;
  const town = await billedTown({
    ...{ usagePointId, tariff: plainTariff, nowMs: june.endMs + dayMs, installedMs: 0 },
    ...{ intervalSeconds: 900, channels: ['delivered-total'] },
  });
  const { readings, billing, clock } = town;
  readings.recordRegister(total, june.startMs, 1_000_000);
  readings.recordRegister(total, june.endMs, 100_000);
  const first = await billing.run(usagePointId, '2026-06');
  const energyOf = (bill: typeof first) => bill.determinants.find(({ unit }) => unit === 'kWh');
  assert.deepEqual([energyOf(first)?.quantity, energyOf(first)?.missing], ['0.000', 30 * 96]);
  assert.equal(first.registerCheck.agrees, false);
  await clock.advance(dayMs);
  const at = (june.startMs + 10 * dayMs) / 1000;
  const course = { breaks: [{ at, before: 1_050_000, after: 0 }], dials: [] };
  readings.recordCourse(total, course, clock.now());
  const second = await billing.run(usagePointId, '2026-06');
  assert.deepEqual(
    [second.version, energyOf(second)?.quantity, energyOf(second)?.missing],
    [2, '150.000', 0],
  );
  assert.deepEqual(second.registerCheck, {
    start: '1000.000',
    end: '100.000',
    counted: '150.000',
    difference: '0.000',
    intervals: '150.000',
    agrees: true,
  });
  assert.match(renderBill(second), /over an exchange, a reset or a rollover, 150\.000 kWh counted: agrees/);
  for (const { id } of [first, second]) assert.equal((await billing.replay(id)).isSame, true);
  await town.close();
});
