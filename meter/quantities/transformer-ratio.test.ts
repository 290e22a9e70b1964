/** Instrument transformers that are programmed: what the terminals see is shown and counted as the primary side has it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { dataOf } from '../cosem/data-type.ts';
import { volatileMemory } from '../memory/non-volatile.ts';
import { at, connect, testMeter, wattHour } from '../meter-fixture.ts';
import { companionProfiles } from '../profiles/companion-profiles.ts';
import { TransformerRatio, type TransformerRatios } from './transformer-ratio.ts';

const startMs = at('2026-10-01T12:00:00Z');
const ratios: TransformerRatios = {
  ...{ currentNumerator: 600, currentDenominator: 5 },
  ...{ voltageNumerator: 11_000, voltageDenominator: 110 },
};
const seen = [0, 1, 2].map(() => ({ voltageV: 63.5, currentA: 2, angleRad: 0.5 }));

describe('transformer ratios', () => {
  test('600/5 A and 11000/110 V: the meter shows and counts twelve thousand times what it sees', () => {
    const { meter } = testMeter({ startMs, phases: 3, transformers: ratios, ratings: { ratedV: 63.5 } });
    meter.measure({ endMs: startMs + 3_600_000, phasors: seen, frequencyHz: 50 });
    const watts = 3 * 63.5 * 2 * Math.cos(0.5) * 12_000;
    assert.equal(meter.metrology.delivered.wattHours, Math.floor(watts));
    const { energies } = meter.metrology;
    assert.equal(energies.read('apparentDelivered'), 3 * 63.5 * 2 * 12_000);
    const scene = meter.display.scene(startMs);
    assert.deepEqual(scene.annunciators.phases, [true, true, true]);
    meter.show(
      seen.map((phasor, phase) => (phase === 1 ? { ...phasor, voltageV: 20 } : phasor)),
      50,
    );
    assert.deepEqual(meter.display.scene(startMs).annunciators.phases, [true, false, true]);
  });
  test('a medium voltage is read whole: what outgrows 16 bits takes 32', async () => {
    const high = { ...ratios, voltageNumerator: 33_000 };
    for (const profile of Object.keys(companionProfiles)) {
      const { meter } = testMeter({ startMs, phases: 3, profile, transformers: high });
      meter.show(seen, 50);
      const manager = meter.clients.find(({ role }) => role === 'management');
      const client = await connect(meter, manager?.name ?? '');
      const value = await client.get(3, '1.0.32.7.0.255', 2);
      const scaler = await client.get(3, '1.0.32.7.0.255', 3);
      assert.ok(typeof value === 'object' && value.type === 'double-long-unsigned', JSON.stringify(value));
      assert.ok(typeof scaler === 'object' && scaler.type === 'structure', JSON.stringify(scaler));
      const [exponent] = scaler.value;
      assert.ok(exponent?.type === 'integer');
      assert.equal(Math.round(value.value * 10 ** exponent.value), 19_050, profile);
    }
  });
  test('nothing is lost or won however a stretch is cut, for any ratio', () => {
    const figure = fc.integer({ min: 1, max: 65_535 });
    fc.assert(
      fc.property(
        figure,
        figure,
        fc.array(fc.integer({ min: 0, max: 10_000_000 }), { minLength: 1, maxLength: 40 }),
        (n, d, parts) => {
          const ratio = new TransformerRatio({ ...ratios, currentNumerator: n, currentDenominator: d });
          let counted = 0n;
          for (const deliveredMws of parts)
            counted += BigInt(
              ratio.step({ startMs: 0, endMs: 1, deliveredMws, receivedMws: 0 }).deliveredMws,
            );
          const sum = parts.reduce((all, part) => all + BigInt(part), 0n);
          assert.equal(counted, (sum * BigInt(n) * 11_000n) / (BigInt(d) * 110n));
        },
      ),
    );
  });
  test('are programmed by DLMS at their standard names: audited, from that instant on, and again when the past is lived again', async () => {
    const memory = volatileMemory();
    const step = (meter: ReturnType<typeof testMeter>['meter']) => {
      const from = meter.countedToMs;
      meter.accumulate({
        startMs: from,
        endMs: from + 900_000,
        deliveredMws: 100 * wattHour,
        receivedMws: 0,
      });
    };
    const { meter } = testMeter({ startMs, profile: 'is15959' }, { memory });
    step(meter);
    const management = meter.clients.find(({ role }) => role === 'management');
    const client = await connect(meter, management?.name ?? '');
    assert.equal(await client.set(1, '1.0.0.4.2.255', 2, dataOf.number('long-unsigned', 400)), 'success');
    assert.equal(await client.set(1, '1.0.0.4.5.255', 2, dataOf.number('long-unsigned', 5)), 'success');
    assert.equal(await client.set(1, '1.0.0.4.5.255', 2, dataOf.number('long-unsigned', 0)), 'other-reason');
    step(meter);
    assert.equal(meter.metrology.delivered.wattHours, 100 + 8000);
    assert.deepEqual(
      meter.configuration.audit.map(({ by, parameter }) => [by, parameter]),
      [
        [management?.name, 'transformer-ratios'],
        [management?.name, 'transformer-ratios'],
      ],
    );
    const { meter: again } = testMeter({ startMs, profile: 'is15959' }, { memory });
    step(again);
    step(again);
    assert.equal(again.metrology.delivered.wattHours, 8100);
    assert.deepEqual(again.transformers.ratios, {
      ...ratios,
      currentNumerator: 400,
      voltageNumerator: 1,
      voltageDenominator: 1,
    });
  });
  test('a reader may not program them, and a specification out of range is refused', async () => {
    const { meter } = testMeter({ startMs });
    const reader = await connect(meter, 'reader');
    const set = await reader.set(1, '1.0.0.4.2.255', 2, dataOf.number('long-unsigned', 400));
    assert.equal(set, 'read-write-denied');
    assert.throws(() => testMeter({ transformers: { ...ratios, currentDenominator: 0 } }), {
      code: 'meter/bad-spec',
    });
  });
});
