/** The last gasp and the first breath of a feeder, from the world through the meters' pushes to the operator's events. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatInstant, realClock } from '@wattline/base';
import type { EventItem, Page } from '@wattline/model';
import { createWorld, type Outage } from '@wattline/sim';
import { startTestTown } from './running-town.ts';

const seed = '1';
const meters = 60;
const quarterMs = 900_000;
const speed = 120;
/** Time for the stack to come up, at the town's speed, before the outage may begin. */
const headStartMs = 10_000 * speed;

/** A start of the world whose next feeder outage begins shortly after the town is up. */
function startBeforeOutage(nowMs: number): { readonly startMs: number; readonly outage: Outage } {
  const newest = Math.floor(nowMs / quarterMs) * quarterMs - 5 * 96 * quarterMs;
  for (let step = 0; step < 4000; step++) {
    const startMs = newest - step * quarterMs;
    const world = createWorld({ seed, startMs, meters, zone: 'Europe/London', intervalSeconds: 900 });
    const soon = world.outages(nowMs + headStartMs, nowMs + headStartMs + quarterMs);
    const outage = soon.find(
      ({ level, startMs: from, endMs: to }) =>
        level === 'feeder' && from > nowMs + headStartMs && to - from > 45_000,
    );
    if (outage) return { startMs, outage };
  }
  throw new Error(`no feeder outage near ${formatInstant(nowMs)} for seed ${seed}`);
}

test(`meters of a feeder push that power failed and that it is back (seed ${seed})`, async () => {
  const { startMs, outage } = startBeforeOutage(realClock().now());
  const town = await startTestTown({
    seed,
    meters,
    start: formatInstant(startMs),
    speed,
    intervalMinutes: 15,
  });
  try {
    const counts = { 'power-fail': 0, 'power-restore': 0 };
    const hit = (
      await town.system.registry
        .selectFrom('usage_point')
        .select('id')
        .where('feeder', '=', outage.element)
        .execute()
    ).length;
    assert.ok(hit > 0, outage.element);
    await new Promise<void>((resolve) => {
      town.system.events.subscribe(({ kind }) => {
        if (kind !== 'power-fail' && kind !== 'power-restore') return;
        counts[kind]++;
        if (counts['power-restore'] === hit) resolve();
      });
    });
    assert.ok(counts['power-fail'] >= hit, `${counts['power-fail']} of ${hit} last gasps`);
    const { items } = await town.get<Page<EventItem>>('/api/v1/operations/events?kind=power-fail&limit=100');
    assert.ok(items.every((item) => item.usagePointId !== null));
    assert.ok(town.system.headend.figures().pushesReceived >= 2 * hit);
  } finally {
    await town.stop();
  }
});
