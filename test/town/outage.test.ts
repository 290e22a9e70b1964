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
const dayMs = 86_400_000;
const speed = 120;
/** Time for the stack to come up, at the town's speed, before the outage may begin. */
const headStartMs = 15_000 * speed;

/**
 * A start of the world whose feeder outage begins shortly after the town is up. Outages are a function of the time since the
 * start, so the start is laid so that one of them falls into the next minutes.
 */
function startBeforeOutage(nowMs: number): { readonly startMs: number; readonly outage: Outage } {
  const worldFrom = (startMs: number) =>
    createWorld({ seed, startMs, meters, zone: 'Europe/London', intervalSeconds: 900 });
  const guess = Math.floor(nowMs / quarterMs) * quarterMs - 40 * dayMs;
  const feeders = (startMs: number) =>
    worldFrom(startMs)
      .outages(startMs, startMs + 40 * dayMs)
      .filter(({ level }) => level === 'feeder');
  for (const outage of feeders(guess)) {
    const soonest = nowMs + headStartMs - (outage.startMs - guess);
    const startMs = Math.ceil(soonest / quarterMs) * quarterMs;
    const found = feeders(startMs).find(
      (one) => one.startMs >= nowMs + headStartMs && one.startMs < nowMs + headStartMs + quarterMs,
    );
    if (found) return { startMs, outage: found };
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
    const { registry, events } = town.system;
    // What the meters' own logs tell of older outages carries the code of the log; what was pushed has none.
    const pushed = (kind: string) =>
      registry.selectFrom('event').select('id').where('kind', '=', kind).where('code', 'is', null);
    const told = async (kind: string) => (await pushed(kind).execute()).length;
    const hit = (
      await town.system.registry
        .selectFrom('usage_point')
        .select('id')
        .where('feeder', '=', outage.element)
        .execute()
    ).length;
    assert.ok(hit > 0, outage.element);
    // What was told before this line stands in the event log; what comes after wakes us.
    await new Promise<void>((resolve, reject) => {
      const look = () => void told('power-restore').then((count) => count >= hit && resolve(), reject);
      events.subscribe(look);
      look();
    });
    const gasps = await told('power-fail');
    assert.ok(gasps >= hit, `${gasps} of ${hit} last gasps`);
    const { items } = await town.get<Page<EventItem>>('/api/v1/operations/events?kind=power-fail&limit=100');
    assert.ok(items.every((item) => item.usagePointId !== null));
    assert.ok(town.system.headend.figures().pushesReceived >= 2 * hit);
  } finally {
    await town.stop();
  }
});
