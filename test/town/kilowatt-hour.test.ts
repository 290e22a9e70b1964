/** One kilowatt-hour through the whole stack: real meters in their process, real bytes, real stores, HTTP. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { dateOf, localDays } from '@wattline/base';
import {
  type Bill,
  type MeterStatus,
  type Page,
  quality,
  type ReadingSeries,
  type ReadRate,
  type UsagePointSummary,
} from '@wattline/model';
import { startTestTown, type TestTown } from './running-town.ts';

describe('a town of six meters and forty days', () => {
  let town: TestTown;
  before(async () => {
    town = await startTestTown();
  });
  after(() => town.stop());

  test('lists its usage points, each with a meter and channels', async () => {
    const { items } = await town.get<Page<UsagePointSummary>>('/api/v1/usage-points');
    assert.equal(items.length, 6);
    for (const point of items) assert.ok(point.meter && point.channels.length >= 4, point.id);
  });

  test('has a reading for each half hour of the day before yesterday, with unit, time and quality', async () => {
    const dayMs = 86_400_000;
    const day = new Date(town.system.clock.now() - 2 * dayMs).toISOString().slice(0, 10);
    const next = new Date(town.system.clock.now() - dayMs).toISOString().slice(0, 10);
    const series = await town.get<ReadingSeries>(
      `/api/v1/usage-points/UP-0001/readings?from=${day}&to=${next}`,
    );
    assert.equal(series.unit, 'Wh');
    assert.equal(series.intervalSeconds, 1800);
    assert.ok(series.value.length >= 46 && series.value.length <= 50, `${series.value.length}`);
    assert.ok(series.quality.every((flags) => (flags & quality.measured) !== 0));
    assert.ok(
      series.value.every((value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0),
    );
  });

  test('the register, the sum of the profile and the bill agree to the last watt-hour', async () => {
    const { items } = await town.get<Page<Bill>>('/api/v1/usage-points/UP-0001/bills');
    const closed = items.find((bill) => bill.state === 'closed');
    assert.ok(closed, 'a month is closed within forty days');
    assert.equal(closed.registerCheck.agrees, true);
    const total = closed.lines.reduce((sum, line) => sum + BigInt(line.amount), 0n);
    assert.equal(total, BigInt(closed.total));
    const readings = await town.get<ReadingSeries>(
      `/api/v1/usage-points/UP-0001/readings?from=${closed.start}&to=${closed.end}&readingType=delivered`,
    );
    const wattHours = readings.value.reduce<number>((sum, value) => sum + Number(value ?? 0), 0);
    const registerKwh = Number(closed.registerCheck.end) - Number(closed.registerCheck.start);
    assert.equal(wattHours, Math.round(registerKwh * 1000));
    assert.equal(closed.registerCheck.difference, '0.000');
    const billed = closed.determinants
      .filter((determinant) => determinant.unit === 'kWh' && determinant.channel?.endsWith('/delivered'))
      .reduce((sum, determinant) => sum + Math.round(Number(determinant.quantity) * 1000), 0);
    assert.equal(billed, wattHours);
  });

  test('midnight registers and the intervals between them agree on every whole day', async () => {
    const { system, plan } = town;
    const today = dateOf(system.clock.now(), plan.zone);
    for (const { date, period } of localDays(
      { startMs: plan.startMs, endMs: system.clock.now() },
      plan.zone,
    )) {
      if (date === today) continue;
      const from = await system.mdm.register('UP-0001/delivered-total', period.startMs);
      const to = await system.mdm.register('UP-0001/delivered-total', period.endMs);
      const { value } = await system.mdm.series('UP-0001/delivered', period);
      assert.ok(from !== null && to !== null, date);
      assert.equal(
        value.reduce((sum, wh) => sum + wh, 0),
        to - from,
        date,
      );
    }
  });

  test('every interval can be followed to the frame that brought it', async () => {
    const start = new Date(
      Math.floor(town.system.clock.now() / 1_800_000) * 1_800_000 - 86_400_000,
    ).toISOString();
    const explanation = await town.get<{
      exchange: { digest: string; serial: string } | null;
      versions: unknown[];
    }>(`/api/v1/usage-points/UP-0001/intervals/${start}/explanation`);
    assert.equal(explanation.versions.length, 1);
    assert.match(explanation.exchange?.digest ?? '', /^[0-9a-fA-F]{64}$/);
  });

  test('the operator sees the read rate and the last contact of each meter', async () => {
    const rate = await town.get<ReadRate>('/api/v1/operations/read-rate');
    assert.ok(rate.expected > 6 * 38 * 48, `${rate.expected}`);
    assert.ok(rate.rate > 0.9 && rate.rate <= 1, `${rate.rate}`);
    const { items } = await town.get<Page<MeterStatus>>('/api/v1/meters');
    assert.equal(items.length, 6);
    assert.ok(items.some((meter) => meter.state === 'ok' && meter.lastContact !== null));
  });

  test('health, readiness, metrics and the API description answer', async () => {
    assert.equal((await fetch(`${town.url}/healthz`)).status, 200);
    assert.equal((await fetch(`${town.url}/readyz`)).status, 200);
    assert.match(await (await fetch(`${town.url}/metrics`)).text(), /wattline_/);
    const api = await town.get<{ openapi: string }>('/api/openapi.json');
    assert.match(api.openapi, /^3\.1/);
  });
});
