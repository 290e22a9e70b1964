/** When meters are read, on virtual time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, virtualClock } from '@wattline/base';
import type { ExchangeOutcome } from '../headend.ts';
import { defaultPolicy } from '../policy.ts';
import { type FleetMeter, waitingStatus } from '../registry/fleet.ts';
import { testMeter } from '../test-server.ts';
import { backoffOf, createSchedule } from './schedule.ts';

const startMs = Date.UTC(2025, 9, 1);
const quarterMs = 900_000;
const policy = { ...defaultPolicy, settleMs: 10_000, spreadMs: 120_000 };

function fleetOf(count: number): FleetMeter[] {
  const clock = virtualClock(startMs);
  return Array.from({ length: count }, (_, i) => ({
    meter: testMeter(i + 1, { clock, installedAtMs: startMs }).shipment.meter,
    transformer: 'T1',
    zone: 'UTC',
    sealed: '',
    status: { ...waitingStatus, lastIntervalMs: startMs },
  }));
}

function outcome(serial: string, kind: ExchangeOutcome['outcome']): ExchangeOutcome {
  return { exchangeId: 'X', serial, outcome: kind, code: null, message: null, readings: 0 };
}

test('every meter is read once an interval, after its boundary, at a place of its own', async () => {
  const clock = virtualClock(startMs);
  const visits: { serial: string; atMs: number }[] = [];
  const schedule = createSchedule({
    clock,
    random: seededRandom(1),
    policy,
    async read({ meter: { serial } }) {
      visits.push({ serial, atMs: clock.now() });
      return outcome(serial, 'answer');
    },
  });
  for (const entry of fleetOf(50)) schedule.add(entry);
  await clock.advance(4 * quarterMs + quarterMs / 2);
  schedule.close();
  assert.equal(visits.length, 50 * 4);
  const places = new Map<string, Set<number>>();
  for (const { serial, atMs } of visits) {
    const place = (atMs - startMs) % quarterMs;
    assert.ok(place >= 10_000 && place <= 130_000, `${place} ms after the boundary`);
    places.set(serial, (places.get(serial) ?? new Set()).add(Math.round(place)));
  }
  for (const own of places.values()) assert.equal(own.size, 1);
  assert.ok(new Set(visits.slice(0, 50).map(({ atMs }) => atMs)).size > 45);
});

test('a meter that fails is tried again after pauses that double up to the cap, and returns to its place', async () => {
  const clock = virtualClock(startMs);
  const visits: number[] = [];
  const [entry] = fleetOf(1) as [FleetMeter];
  let isDown = true;
  const schedule = createSchedule({
    clock,
    random: { ...seededRandom(1), next: () => 0.5, fork: () => seededRandom(2) },
    policy: { ...policy, backoffMs: 1000, backoffMaxMs: 8000 },
    async read({ meter: { serial } }) {
      visits.push(clock.now());
      return outcome(serial, isDown ? 'unreachable' : 'answer');
    },
  });
  schedule.add(entry);
  await clock.advance(quarterMs + 200_000);
  const pauses = visits.slice(1, 8).map((atMs, i) => atMs - (visits[i] as number));
  assert.deepEqual(pauses, [1000, 2000, 4000, 8000, 8000, 8000, 8000]);
  isDown = false;
  await clock.advance(10_000);
  const recoveredAt = visits.length;
  await clock.advance(3 * quarterMs);
  schedule.close();
  assert.equal(visits.length, recoveredAt + 3);
});

test('back-off keeps within half and one and a half of the doubled pause, and within the cap', () => {
  const random = seededRandom('jitter');
  for (let attempts = 1; attempts < 60; attempts++) {
    const base = Math.min(policy.backoffMaxMs, policy.backoffMs * 2 ** (attempts - 1));
    const pause = backoffOf(attempts, policy, random);
    assert.ok(pause >= base / 2 && pause < base * 1.5, `${attempts}: ${pause}`);
  }
});

test('a meter that lacks the last interval is read soon after the start', async () => {
  const clock = virtualClock(startMs + quarterMs / 2);
  const [entry] = fleetOf(1) as [FleetMeter];
  entry.status = { ...entry.status, lastIntervalMs: startMs - quarterMs };
  let visits = 0;
  const schedule = createSchedule({
    clock,
    random: seededRandom(1),
    policy,
    async read({ meter: { serial } }) {
      visits++;
      return outcome(serial, 'answer');
    },
  });
  schedule.add(entry);
  await clock.advance(policy.spreadMs);
  schedule.close();
  assert.equal(visits, 1);
});
