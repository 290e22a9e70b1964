import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom } from '@wattline/base';
import { noData, sampleText } from '../exchange/exchange-fixture.ts';
import { indexConsumers, type MeterTrace } from './consumer-index.ts';

/** A week of quarter-hours. */
const slots = 672;

/**
 * A street of `nodes` transformers with `perNode` meters each: the transformer's voltage wanders, every meter sees it less the drop
 * of its own service, which follows its own load and is as large as the wandering.
 */
function street(seed: string, { nodes = 4, perNode = 8 } = {}) {
  const random = seededRandom(seed);
  const noise = () => random.next() + random.next() + random.next() - 1.5;
  const meters: (MeterTrace & { readonly truth: string })[] = [];
  const darkAt = new Map<string, number>();
  for (let n = 0; n < nodes; n++) {
    const node = `T${n}`;
    darkAt.set(node, 40 + n * 60);
    let level = 230;
    const source = Float64Array.from({ length: slots }, () => {
      level += noise() + (230 - level) * 0.05;
      return level;
    });
    for (let m = 0; m < perNode; m++) {
      const voltage = source.map((value) => value - Math.abs(noise()));
      meters.push({ id: `${node}-${m}`, node, truth: node, voltage, dark: new Uint8Array(slots) });
    }
  }
  return { meters, darkAt };
}

/** Writes a meter down at another transformer. */
const swap = (meters: readonly MeterTrace[], id: string, node: string) =>
  meters.map((meter) => (meter.id === id ? { ...meter, node } : meter));

describe('consumer indexing', () => {
  test('doubts nobody where everybody is written down right', () => {
    for (const seed of ['a', 'b', 'c']) {
      const findings = indexConsumers(street(seed).meters);
      assert.deepEqual(
        findings.filter(({ isDoubted }) => isDoubted),
        [],
      );
    }
  });
  test('finds meters written down at the wrong transformer, and says which is theirs', () => {
    let meters: readonly MeterTrace[] = street('wrong').meters;
    for (const [id, node] of [
      ['T0-3', 'T2'],
      ['T1-0', 'T3'],
      ['T3-7', 'T0'],
    ] as const)
      meters = swap(meters, id, node);
    const doubted = indexConsumers(meters).filter(({ isDoubted }) => isDoubted);
    assert.deepEqual(
      doubted.map(({ id, node, best }) => [id, node, best.node]),
      [
        ['T0-3', 'T2', 'T0'],
        ['T1-0', 'T3', 'T1'],
        ['T3-7', 'T0', 'T3'],
      ],
    );
  });
  test('finds them by outages alone where meters measure no voltage', () => {
    const { meters, darkAt } = street('dark');
    const mute = meters.map((meter) => {
      const dark = new Uint8Array(slots);
      const at = darkAt.get(meter.truth) as number;
      dark.fill(1, at, at + 8);
      return { ...meter, voltage: new Float64Array(slots).fill(Number.NaN), dark };
    });
    const doubted = indexConsumers(swap(mute, 'T2-1', 'T1')).filter(({ isDoubted }) => isDoubted);
    assert.deepEqual(
      doubted.map(({ id, best }) => [id, best.node, best.voltage, best.outages]),
      [['T2-1', 'T2', null, 1]],
    );
  });
  test('says nothing of a meter that has told too little, or of a transformer with one meter', () => {
    const { meters } = street('short', { nodes: 2, perNode: 3 });
    const short = meters.map((meter) => ({
      ...meter,
      voltage: meter.voltage.slice(0, 20),
      dark: meter.dark.slice(0, 20),
    }));
    assert(indexConsumers(swap(short, 'T0-0', 'T1')).every(({ isDoubted }) => !isDoubted));
    const alone = indexConsumers([{ ...(meters[0] as MeterTrace), node: 'T9' }]);
    assert.deepEqual(alone[0]?.own, { node: 'T9', voltage: null, outages: null });
  });
  test('takes the drop in a meter’s own service out of its voltage where its energy is at hand', () => {
    const random = seededRandom('drop');
    const energies = new Map<string, Float64Array>();
    const silent = street('drop').meters.map((meter) => {
      const energy = Float64Array.from({ length: slots }, () =>
        random.next() < 0.2 ? 900 * random.next() : 30,
      );
      energies.set(meter.id, energy);
      const voltage = meter.voltage.map((volts, slot) => volts - 0.02 * (energy[slot] as number));
      return { ...meter, voltage };
    });
    const wrongly = swap(silent, 'T0-3', 'T2');
    const telling = wrongly.map((meter) => ({ ...meter, energy: energies.get(meter.id) as Float64Array }));
    const [with_, without] = [telling, wrongly].map((meters) =>
      indexConsumers(meters).find(({ id }) => id === 'T0-3'),
    );
    assert.deepEqual([with_?.isDoubted, with_?.best.node], [true, 'T0']);
    assert.equal(without?.isDoubted, false, 'the drop hides the transformer');
  });
});

describe('consumer indexing on the phases of a real transformer', { skip: noData }, () => {
  /** A January week of quarter-hours of B01, phase by phase; the monitor missed few of them. */
  function phases(): Float64Array[] {
    const first = Date.UTC(2020, 0, 12);
    const found = [0, 1, 2].map(() => new Float64Array(slots).fill(Number.NaN));
    for (const line of sampleText('data/B01_in_dt_current_voltage_15min.csv.gz')
      .trim()
      .split('\n')
      .slice(1)) {
      const [at = '', ...cells] = line.split(',');
      const slot = Math.floor((Date.parse(`${at}:00Z`) - first) / 900_000);
      if (slot < 0 || slot >= slots) continue;
      found.forEach((phase, number) => {
        if (Number(cells[number]) > 100) phase[slot] = Number(cells[number]);
      });
    }
    return found;
  }

  test('finds the one meter written down at another phase, though phases move together, and doubts no other', () => {
    const random = seededRandom('phases');
    const meters = phases().flatMap((phase, number) =>
      Array.from({ length: 6 }, (_, meter): MeterTrace => {
        const energy = Float64Array.from(
          { length: slots },
          () => 40 + (random.next() < 0.1 ? 600 * random.next() : 0),
        );
        const voltage = phase.map(
          (volts, slot) => Math.round((volts - 0.002 * (energy[slot] as number)) * 10) / 10,
        );
        const node = `L${number + 1}`;
        return { id: `${node}-${meter}`, node, voltage, energy, dark: new Uint8Array(slots) };
      }),
    );
    const doubted = indexConsumers(swap(meters, 'L2-4', 'L3')).filter(({ isDoubted }) => isDoubted);
    assert.deepEqual(
      doubted.map(({ id, best }) => [id, best.node]),
      [['L2-4', 'L2']],
    );
  });
});
