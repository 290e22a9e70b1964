/** Power failures: what is kept of them, and what the meter can still say. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom } from '@wattline/base';
import fc from 'fast-check';
import { at, testMeter } from '../meter-fixture.ts';
import { holdUpJ, planLastGasp, usualGaspTiming, usualHoldUp } from './last-gasp.ts';
import { outageLogColumn } from './outages.ts';

const startMs = at('2026-10-01T12:00:00Z');

describe('outages', () => {
  test('all are counted, long ones are kept apart with their duration', () => {
    const { meter } = testMeter({ startMs });
    for (const seconds of [30, 179, 180, 4000]) {
      meter.powerDown();
      meter.powerUp(meter.countedToMs + seconds * 1000);
    }
    const { count, longCount, longSeconds, lastLongSeconds, lastSeconds, log } = meter.outages;
    assert.deepEqual([count, longCount, longSeconds, lastLongSeconds, lastSeconds], [4, 2, 4180, 4000, 4000]);
    assert.equal(log.at(outageLogColumn.duration, 1), 4000);
    assert.equal(log.at(outageLogColumn.label, 1), startMs + 4_389_000);
  });
});

describe('the last gasp', () => {
  test('lives on half C times V squared, less what is left at the least voltage', () =>
    assert.equal(holdUpJ(usualHoldUp), 8));
  test('waits out a flicker, then a random time, and never longer than the capacitor carries it', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.05, max: 5, noNaN: true }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.nat(),
        (capacitanceF, idleW, seed) => {
          const holdUp = { ...usualHoldUp, capacitanceF, idleW };
          const delayMs = planLastGasp(holdUp, usualGaspTiming, seededRandom(seed));
          if (delayMs === undefined) {
            const spentJ = (usualGaspTiming.debounceMs / 1000) * idleW + holdUp.messageJ + holdUp.saveJ;
            assert.ok(spentJ > holdUpJ(holdUp) - idleW / 1000);
            return;
          }
          assert.ok(delayMs >= usualGaspTiming.debounceMs);
          assert.ok(delayMs <= usualGaspTiming.debounceMs + usualGaspTiming.mostBackOffMs);
          const spentJ = (delayMs / 1000) * idleW + holdUp.messageJ + holdUp.saveJ;
          assert.ok(spentJ <= holdUpJ(holdUp) + 1e-9, `${spentJ} J of ${holdUpJ(holdUp)}`);
        },
      ),
    );
  });
  test('of a street does not come at once', () => {
    const delays = Array.from({ length: 100 }, (_, n) =>
      planLastGasp(usualHoldUp, usualGaspTiming, seededRandom(n)),
    );
    assert.ok(new Set(delays).size > 90);
  });
  test('goes when the times that were set have passed', () => {
    const delays: number[] = [];
    const { meter } = testMeter({ startMs }, { send: (_, delayMs) => delays.push(delayMs) });
    const management = { name: 'management', role: 'management' };
    const timing = { debounceMs: 4321, mostBackOffMs: 0 };
    assert.equal(meter.configuration.set('last-gasp', timing, management), undefined);
    meter.powerDown();
    assert.deepEqual(delays, [4321]);
  });
  test('is not sent when the capacitor cannot pay for it, and the outage is known all the same', () => {
    const { meter, pushed } = testMeter({ startMs, holdUp: { ...usualHoldUp, capacitanceF: 0.1 } });
    meter.powerDown();
    assert.equal(pushed.length, 0);
    meter.powerUp(startMs + 60_000);
    assert.equal(pushed.length, 1);
    assert.equal(meter.outages.count, 1);
  });
});
