/** A fleet of columns counts as single meters do. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { dayAndNight, testMeter } from '../meter-fixture.ts';
import { tariffCalendar } from '../tariff/tariff-calendar.ts';
import { PhasorFleet, type PhasorFleetOptions } from './phasor-fleet.ts';

const utc = (text: string) => Temporal.Instant.from(text).epochMilliseconds;
const fleetOf = (
  of: Partial<PhasorFleetOptions> & Pick<PhasorFleetOptions, 'meters' | 'phases' | 'startMs'>,
) =>
  new PhasorFleet({
    calendar: tariffCalendar(dayAndNight),
    zone: dayAndNight.zone,
    intervalSeconds: 900,
    intervalCapacity: 96,
    ...of,
  });
const phasor = fc.record({
  voltageV: fc.double({ min: 0, max: 300, noNaN: true }),
  currentA: fc.double({ min: 0, max: 100, noNaN: true }),
  angleRad: fc.double({ min: -Math.PI, max: Math.PI, noNaN: true }),
});

describe('a fleet of phasor meters', () => {
  // The clocks of London go forward, and back, within the day that follows.
  for (const [phases, start] of [
    [1, '2026-10-24T22:00:00Z'],
    [3, '2026-03-28T23:00:00Z'],
  ] as const) {
    test(`${phases} phase(s): registers, rates and load profile equal those of single meters, over a clock change`, () => {
      const startMs = utc(start);
      const step = fc.record({
        seconds: fc.integer({ min: 1, max: 5000 }),
        phasors: fc.tuple(...Array.from({ length: 2 * phases }, () => phasor)),
      });
      fc.assert(
        fc.property(fc.array(step, { minLength: 1, maxLength: 20 }), (steps) => {
          const fleet = fleetOf({ meters: 2, phases, startMs });
          const singles = [0, 1].map(() => testMeter({ phases, startMs }).meter);
          let endMs = startMs;
          for (const { seconds, phasors } of steps) {
            endMs += seconds * 1000;
            const column = (key: 'voltageV' | 'currentA' | 'angleRad') =>
              Float64Array.from(phasors, (one) => one[key]);
            fleet.measure(endMs, {
              voltageV: column('voltageV'),
              currentA: column('currentA'),
              angleRad: column('angleRad'),
            });
            for (const [index, meter] of singles.entries()) {
              const own = phasors.slice(index * phases, (index + 1) * phases);
              meter.measure({ endMs, phasors: own, frequencyHz: 50 });
            }
          }
          for (const [index, { metrology }] of singles.entries()) {
            const { delivered, received, loadProfile } = metrology;
            assert.deepEqual(fleet.registersOf(index), {
              deliveredWh: delivered.total.wattHours,
              receivedWh: received.wattHours,
              ratesWh: Array.from({ length: delivered.rateCount }, (_, rate) => delivered.rate(rate + 1)),
            });
            assert.deepEqual(fleet.profileOf(index), loadProfile.entries());
          }
        }),
        { numRuns: 40 },
      );
    });
  }
  test('the profile holds its last intervals alone', () => {
    const startMs = utc('2026-06-01T00:00:00Z');
    const fleet = fleetOf({ meters: 1, phases: 1, startMs, intervalCapacity: 4 });
    const kilowatt = { voltageV: 230, currentA: 1000 / 230, angleRad: 0 };
    const columns = {
      voltageV: Float64Array.of(kilowatt.voltageV),
      currentA: Float64Array.of(kilowatt.currentA),
      angleRad: Float64Array.of(0),
    };
    for (let interval = 1; interval <= 10; interval++) fleet.measure(startMs + interval * 900_000, columns);
    assert.equal(fleet.registersOf(0).deliveredWh, 2500);
    assert.deepEqual(
      fleet.profileOf(0).map(({ labelMs, deliveredWh }) => [(labelMs - startMs) / 900_000, deliveredWh]),
      [
        [7, 250],
        [8, 250],
        [9, 250],
        [10, 250],
      ],
    );
  });
  test('a step of nothing, a column too short, a start within an interval are refused', () => {
    const startMs = utc('2026-06-01T00:00:00Z');
    const fleet = fleetOf({ meters: 2, phases: 1, startMs });
    const short = {
      voltageV: new Float64Array(1),
      currentA: new Float64Array(1),
      angleRad: new Float64Array(1),
    };
    assert.throws(() => fleet.measure(startMs + 1000, short), /expected 2 phasors, found 1/);
    assert.throws(() => fleet.measure(startMs, short), /follow/);
    assert.throws(() => fleetOf({ meters: 1, phases: 1, startMs: startMs + 1 }), /boundary/);
  });
});
