/** A meter at its premises: what the world says is what the meter shows. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  commonCrystal,
  crystalPpm,
  milliwattSecondsPerWattHour,
  profileStatus,
  volatileMemory,
} from '@wattline/meter';
import fc from 'fast-check';
import { createWorld, type World } from '../world/world.ts';
import { type BuildOptions, buildMeters, fillHistory } from './build-meters.ts';
import { darkPeriods } from './dark-periods.ts';
import { suppliedInterval } from './supplied-interval.ts';
import { dayMs, quarterMs, startMs, tariffs, zone } from './town-fixture.ts';
import type { TownMeter } from './town-meter.ts';

const hourMs = 3_600_000;
const days = 20;
const endMs = startMs + days * dayMs;
const world = createWorld({ seed: '1', startMs, meters: 60, zone, intervalSeconds: 900 });

function build(
  of: World = world,
  more: Partial<BuildOptions> = {},
): { meters: TownMeter[]; pushes: string[] } {
  const pushes: string[] = [];
  const meters = buildMeters({
    world: of,
    tariffs,
    memory: volatileMemory(),
    now: () => startMs,
    profile: 'demo',
    pushDestination: '',
    send: (from) => pushes.push(from.meter.spec.serial),
    ...more,
  });
  return { meters, pushes };
}

describe('an interval of the world', () => {
  test('flows to the last milliwatt-second in any steps, and nothing flows in the dark', () => {
    const wh = fc.integer({ min: 0, max: 50_000 });
    const cuts = fc.array(fc.integer({ min: 1, max: 899 }), { maxLength: 20 });
    fc.assert(
      fc.property(
        wh,
        wh,
        cuts,
        fc.tuple(fc.nat(899), fc.nat(899)),
        (deliveredWh, receivedWh, steps, [a, b]) => {
          const dark = { startMs: Math.min(a, b) * 1000, endMs: Math.max(a, b) * 1000 };
          const interval = suppliedInterval({
            startMs: 0,
            endMs: quarterMs,
            deliveredWh,
            receivedWh,
            powerFactor: 0.97,
            dark: [dark],
          });
          let delivered = 0;
          let received = 0;
          const further = new Map<string, number>();
          for (const atMs of [...steps.map((step) => step * 1000), quarterMs].sort((x, y) => x - y)) {
            const flowed = interval.flow(atMs);
            assert.ok(flowed.deliveredMws >= 0 && flowed.receivedMws >= 0);
            delivered += flowed.deliveredMws;
            received += flowed.receivedMws;
            for (const [kind, mws] of Object.entries(flowed.further))
              further.set(kind, (further.get(kind) ?? 0) + mws);
          }
          assert.equal(delivered, deliveredWh * milliwattSecondsPerWattHour);
          assert.equal(received, receivedWh * milliwattSecondsPerWattHour);
          // S^2 = P^2 + Q^2 of each direction, to the rounding of its own energies.
          for (const [active, reactive, apparent] of [
            [delivered, 'reactiveQ1', 'apparentDelivered'],
            [received, 'reactiveQ2', 'apparentReceived'],
          ] as const)
            assert.ok(
              Math.abs(Math.hypot(active, further.get(reactive) ?? 0) - (further.get(apparent) ?? 0)) < 2,
            );
          if (dark.endMs > dark.startMs) {
            const again = suppliedInterval({
              startMs: 0,
              endMs: quarterMs,
              deliveredWh,
              receivedWh,
              powerFactor: 0.97,
              dark: [dark],
            });
            again.flow(dark.startMs);
            const { deliveredMws, receivedMws, further } = again.flow(dark.endMs - 1);
            assert.ok([deliveredMws, receivedMws, ...Object.values(further)].every((mws) => mws === 0));
          }
        },
      ),
    );
  });
});

describe('a filled history', () => {
  const { meters, pushes } = build();
  fillHistory(meters, endMs);

  test('has an entry for each interval with the energy of the world, unless a fault of the world took it', () => {
    let entries = 0;
    let lost = 0;
    let spiked = 0;
    for (const { premises, meter } of meters) {
      const energy = world.energyRange(premises.index, 0, days * 96);
      const faults = world.faults(premises.index, { startMs, endMs });
      const byLabel = new Map(meter.metrology.loadProfile.entries().map((entry) => [entry.labelMs, entry]));
      for (let interval = 0; interval < days * 96; interval++) {
        const fromMs = startMs + interval * quarterMs;
        const entry = byLabel.get(fromMs + quarterMs);
        const fault = faults.find((one) =>
          one.kind === 'profile-spike'
            ? one.startMs === fromMs
            : one.kind === 'profile-gap' && fromMs >= one.startMs && fromMs < one.endMs,
        );
        if (fault?.kind === 'profile-gap') {
          lost++;
          assert.equal(entry, undefined);
          continue;
        }
        if (fault) spiked++;
        const factor = fault?.kind === 'profile-spike' ? fault.factor : 1;
        assert.equal(entry?.deliveredWh, (energy.deliveredWh[interval] as number) * factor);
        assert.equal(entry?.receivedWh, (energy.receivedWh[interval] as number) * factor);
        entries++;
      }
    }
    assert.ok(entries > 100_000 && lost > 0 && spiked > 0, `${entries} ${lost} ${spiked}`);
  });
  test('the registers have grown by the sum of the world, the rates sum to the total', () => {
    for (const { premises, meter } of meters) {
      const { deliveredWh, receivedWh } = world.energyRange(premises.index, 0, days * 96);
      const { delivered, received } = meter.metrology;
      const initial = meter.spec.initial ?? assert.fail();
      const came = initial.ratesWh.reduce((sum, wh) => sum + wh, 0);
      assert.equal(
        delivered.total.wattHours - came,
        deliveredWh.reduce((sum, wh) => sum + wh, 0),
      );
      assert.equal(
        received.wattHours - initial.receivedWh,
        receivedWh.reduce((sum, wh) => sum + wh, 0),
      );
      assert.equal(delivered.rate(1) + delivered.rate(2), delivered.total.wattHours);
    }
  });
  test('reactive and apparent energy stand where the active energy and the power factor put them', () => {
    for (const { premises, meter } of meters) {
      const powerFactor = premises.kind === 'home' ? 0.97 : 0.92;
      const { energies } = meter.metrology;
      const { deliveredWh, receivedWh } = world.energyRange(premises.index, 0, days * 96);
      const [delivered, received] = [deliveredWh, receivedWh].map((of) =>
        of.reduce((sum, wh) => sum + wh, 0),
      );
      const near = (
        kind: 'reactiveQ1' | 'reactiveQ2' | 'apparentDelivered' | 'apparentReceived',
        of: number,
      ) =>
        assert.ok(
          Math.abs(energies.read(kind) - of) <= 1,
          `${premises.id}: ${kind} ${energies.read(kind)} ${of}`,
        );
      near('apparentDelivered', (delivered as number) / powerFactor);
      near('apparentReceived', (received as number) / powerFactor);
      near('reactiveQ1', (delivered as number) * Math.tan(Math.acos(powerFactor)));
      near('reactiveQ2', (received as number) * Math.tan(Math.acos(powerFactor)));
      assert.equal(energies.read('reactiveQ3') + energies.read('reactiveQ4'), 0);
    }
  });
  test('each interval touched by an outage is flagged, no other', () => {
    let flagged = 0;
    for (const { premises, meter } of meters) {
      const dark = darkPeriods(world, premises, { startMs, endMs });
      for (const { labelMs, status } of meter.metrology.loadProfile.entries()) {
        const isDark = dark.some((period) => period.startMs < labelMs && period.endMs > labelMs - quarterMs);
        assert.equal((status & profileStatus.powerDown) !== 0, isDark, `${premises.id} ${labelMs}`);
        if (isDark) flagged++;
      }
    }
    assert.ok(flagged > 0);
  });
  test('pushes nothing of the past', () => assert.deepEqual(pushes, []));
});

describe('a clock with a crystal', () => {
  test('loses what its crystal loses at the temperature of its cupboard, hour by hour, in small steps or one', () => {
    const offsets = [14 * dayMs, 7 * 60_000].map((stepMs) => {
      const [one] = build(world, { crystal: commonCrystal }).meters;
      assert.ok(one);
      for (let atMs = startMs; atMs < startMs + 14 * dayMs; atMs += stepMs)
        one.advance(Math.min(atMs + stepMs, startMs + 14 * dayMs), true);
      return one.meter.clock.at(one.meter.countedToMs) - one.meter.countedToMs;
    });
    let expectedMs = 0;
    for (let hour = 0; hour < 14 * 24; hour++) {
      const outsideC = world.weatherAt(startMs + hour * hourMs).temperatureC;
      const ageYears = hour / (24 * 365.25);
      expectedMs += 3.6 * crystalPpm(commonCrystal, { temperatureC: (outsideC + 20) / 2, ageYears });
    }
    assert.ok(expectedMs < -1000, `${expectedMs} ms`);
    // Each hour is rounded to a millisecond.
    for (const offsetMs of offsets)
      assert.ok(Math.abs(offsetMs - expectedMs) < 14 * 24, `${offsetMs} ${expectedMs}`);
    assert.equal(offsets[0], offsets[1]);
  });
});

describe('living in small steps', () => {
  test('ends with the same profile, registers and events as one sweep, and pushes each failure and return', () => {
    const swept = build();
    const lived = build();
    const [outage] = world.outages(startMs, endMs);
    assert.ok(outage);
    const index = world.premises.findIndex(({ feeder, transformer }) =>
      [feeder, transformer].includes(outage.element),
    );
    const [sweep, live] = [swept.meters[index] as TownMeter, lived.meters[index] as TownMeter];
    const untilMs = outage.endMs + 2 * quarterMs;
    sweep.advance(untilMs, true);
    live.advance(outage.startMs - quarterMs, true);
    let lastWh = 0;
    for (let atMs = outage.startMs - quarterMs; atMs < untilMs; ) {
      atMs = Math.min(untilMs, atMs + 7_000);
      live.advance(atMs, false);
      live.show();
      assert.ok(live.meter.metrology.delivered.total.wattHours >= lastWh);
      lastWh = live.meter.metrology.delivered.total.wattHours;
    }
    assert.deepEqual(live.meter.metrology.loadProfile.entries(), sweep.meter.metrology.loadProfile.entries());
    assert.equal(lastWh, sweep.meter.metrology.delivered.total.wattHours);
    assert.deepEqual(live.meter.events.entries(), sweep.meter.events.entries());
    assert.equal(lived.pushes.length, 2);
  });
  test('a meter out of reach goes on measuring and answers nothing', () => {
    const { meters } = build();
    const found = meters.flatMap((one) =>
      world
        .faults(one.premises.index, { startMs, endMs })
        .flatMap((fault) => (fault.kind === 'unreachable' ? [{ one, fault }] : [])),
    );
    const [first] = found;
    assert.ok(first, 'the seed has an unreachable meter');
    const { one, fault } = first;
    one.advance(fault.startMs + 1, true);
    assert.equal(one.isReachable(fault.startMs - 1), true);
    assert.equal(one.isReachable(fault.startMs), false);
    assert.equal(one.canPush(fault.startMs), false);
    assert.equal(one.isReachable(fault.endMs), true);
    assert.equal(one.meter.countedToMs, fault.startMs + 1);
  });
  test('a tariff that the town was not given is refused with its name', () => {
    assert.throws(
      () =>
        buildMeters({
          world,
          tariffs: [],
          memory: volatileMemory(),
          now: () => startMs,
          profile: 'demo',
          pushDestination: '',
          send: () => {},
        }),
      { code: 'sim/unknown-tariff', message: /WTL-HOME-TOU/ },
    );
  });
});
