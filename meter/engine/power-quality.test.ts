/** Power quality: events on Urms(1/2), rapid changes, flicker against the tables of IEC 61000-4-15, aggregation. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { balancedSource, type Disturbance } from '../front-end/source.ts';
import { type AggregatedReading, Aggregator } from './aggregation.ts';
import { runEngine } from './engine-fixture.ts';
import { Flickermeter, longTermFlicker } from './flicker.ts';

const calm = balancedSource({ frequencyHz: 50, voltageV: 230, currentA: 5, lagRad: 0, phases: 3 });
const disturbed = (disturbances: readonly Disturbance[], seconds = 4) =>
  runEngine({ source: { ...calm, disturbances }, seconds });

describe('supply events', () => {
  test('a sag to 70 % for 200 ms of one phase is a dip with its residual voltage and duration', () => {
    const { events, readings } = disturbed([{ startS: 1, endS: 1.2, factor: 0.7, phases: [1] }]);
    assert.deepEqual(
      events.map(({ kind, phase }) => [kind, phase]),
      [['dip', 1]],
    );
    const [dip] = events;
    assert.ok(dip && Math.abs(dip.extremeV - 161) < 0.46);
    assert.ok(Math.abs(dip.endS - dip.startS - 0.2) <= 0.02);
    assert.ok(Math.abs(dip.startS - 1) <= 0.02);
    assert.ok(readings.some(({ isFlagged }) => isFlagged) && readings.some(({ isFlagged }) => !isFlagged));
    for (const { isFlagged, startS, durationS } of readings) {
      assert.equal(isFlagged, startS < dip.endS && startS + durationS > dip.startS);
    }
  });
  test('a swell to 120 % ends only below the threshold less the hysteresis', () => {
    const { events } = disturbed([
      { startS: 1, endS: 1.5, factor: 1.2 },
      { startS: 1.5, endS: 2, factor: 1.09 },
    ]);
    const [swell] = events.filter(({ kind }) => kind === 'swell');
    assert.ok(swell && Math.abs(swell.extremeV - 276) < 0.46);
    assert.ok(Math.abs(swell.endS - 2) <= 0.02);
  });
  test('an interruption of all phases is a dip and an interruption; of two phases only a dip', () => {
    const all = disturbed([{ startS: 1, endS: 2, factor: 0 }]);
    assert.deepEqual(all.events.map(({ kind }) => kind).sort(), ['dip', 'interruption']);
    assert.ok(all.readings.some(({ isFrequencyHeld }) => isFrequencyHeld));
    assert.ok(Math.abs((all.readings.at(-1)?.frequencyHz ?? 0) - 50) < 1e-3);
    const two = disturbed([{ startS: 1, endS: 2, factor: 0, phases: [0, 1] }]);
    assert.deepEqual(
      two.events.map(({ kind }) => kind),
      ['dip'],
    );
    assert.ok(two.readings.every(({ isFrequencyHeld }) => !isFrequencyHeld));
  });
  test('a step of 5 % within the limits is one rapid voltage change; a dip is none', () => {
    const { events } = disturbed([{ startS: 2, endS: 9, factor: 0.95, phases: [0] }], 5);
    assert.deepEqual(
      events.map(({ kind, phase }) => [kind, phase]),
      [['rapid-voltage-change', 0]],
    );
    assert.ok(Math.abs((events[0]?.steadyChangeV ?? 0) + 11.5) < 0.3);
    const dip = disturbed([{ startS: 2, endS: 2.4, factor: 0.6 }], 5);
    assert.deepEqual(
      dip.events.map(({ kind }) => kind),
      ['dip'],
    );
  });
  test('a steady mains has no events', () => assert.deepEqual(disturbed([]).events, []));
});

const path = `${process.env.WATTLINE_SHARED ?? '../shared'}/samples/metrology/tables/flicker_61000-4-15_ed2_230V50Hz_120V60Hz.json`;
const skip = existsSync(path) ? false : `${path} is not there`;

interface FlickerTable {
  readonly lamp_voltage: 230 | 120;
  readonly mains_hz: 50 | 60;
  readonly modulation: 'sinusoidal' | 'rectangular';
  readonly expect: string;
  readonly points: readonly { readonly changes_per_min: number; readonly dVV_percent: number }[];
}

describe('flicker', { skip }, () => {
  const tables: readonly FlickerTable[] = skip ? [] : JSON.parse(readFileSync(path, 'utf8')).tables;
  const measure = (of: FlickerTable, point: FlickerTable['points'][number], seconds: number) => {
    const sampleRateHz = 8000;
    let pst = Number.NaN;
    const meter = new Flickermeter({
      sampleRateHz,
      nominalHz: of.mains_hz,
      lamp: of.lamp_voltage === 230 ? '230 V' : '120 V',
      onShortTerm: (value) => {
        pst = value;
      },
    });
    const samples = new Float64Array(sampleRateHz);
    const modulationHz = point.changes_per_min / 120;
    for (let second = 0; second < seconds; second++) {
      for (let n = 0; n < sampleRateHz; n++) {
        const t = second + n / sampleRateHz;
        const wave = Math.sin(2 * Math.PI * modulationHz * t);
        const m = of.modulation === 'sinusoidal' ? wave : wave >= 0 ? 1 : -1;
        samples[n] = Math.sin(2 * Math.PI * of.mains_hz * t) * (1 + (point.dVV_percent / 200) * m);
      }
      meter.push(samples, 0, sampleRateHz);
    }
    return { pst, pinstMax: meter.pinstMax };
  };
  for (const table of tables.filter(({ expect }) => expect === 'Pinst_max=1')) {
    test(`${table.modulation} changes, ${table.lamp_voltage} V, ${table.mains_hz} Hz: Pinst is 1 within 2.5 % (the standard asks 8 %)`, () => {
      const picked = table.points.filter((_, index) => index % 5 === 0 || index === table.points.length - 1);
      for (const point of picked) {
        const { pinstMax } = measure(table, point, 130);
        assert.ok(Math.abs(pinstMax - 1) < 0.025, `${point.changes_per_min} per min: ${pinstMax}`);
      }
    });
  }
  for (const table of tables.filter(({ expect }) => expect === 'Pst=1')) {
    test(`rectangular changes, ${table.lamp_voltage} V: Pst is 1 within 0.5 % (the standard asks 5 %)`, () => {
      for (const point of table.points) {
        const { pst } = measure(table, point, 722);
        assert.ok(Math.abs(pst - 1) < 0.005, `${point.changes_per_min} per min: ${pst}`);
      }
    });
  }
});

describe('interharmonics', () => {
  const load = { voltageV: 230, currentA: 5, lagRad: 0.3, phases: 3 } as const;
  for (const [nominalHz, frequencyHz] of [
    [50, 50],
    [50, 50.37],
    [60, 59.8],
  ] as const) {
    test(`at ${frequencyHz} Hz: a line between harmonics is its subgroup, of voltage and of current, and no other`, () => {
      const cycles = nominalHz / 5;
      // Lines of the window: 3 above the fifth harmonic of the voltage, in the middle above the second of the current, one below the first.
      const source = balancedSource({
        ...load,
        frequencyHz,
        voltageHarmonics: [
          { order: 5 + 3 / cycles, share: 0.02, angleRad: 1 },
          { order: 5, share: 0.1, angleRad: 0 },
          { order: 4 / cycles, share: 0.005, angleRad: 0.4 },
        ],
        currentHarmonics: [{ order: 2.5, share: 0.08, angleRad: 2 }],
      });
      const { readings } = runEngine({ source, seconds: 2, nominalHz, interharmonics: true });
      const { voltageInterharmonicsV: volts, currentInterharmonicsA: amps } =
        readings.at(-1)?.phases[1] ?? assert.fail();
      const near = (found: number | undefined, expected: number, of: number) =>
        assert.ok(Math.abs((found ?? Number.NaN) - expected) < 1e-4 * of, `${found} in place of ${expected}`);
      for (let order = 0; order < 31; order++) {
        near(volts[order], order === 5 ? 4.6 : order === 0 ? 1.15 : 0, 230);
        near(amps[order], order === 2 ? 0.4 : 0, 5);
      }
    });
  }
  test('one that wanders between two lines keeps its size within its subgroup, and is not measured unasked', () => {
    const source = balancedSource({
      ...load,
      frequencyHz: 50,
      voltageHarmonics: [{ order: 6.47, share: 0.02, angleRad: 0 }],
    });
    const { readings } = runEngine({ source, seconds: 2, interharmonics: true });
    const found = readings.at(-1)?.phases[0]?.voltageInterharmonicsV[6] ?? 0;
    assert.ok(Math.abs(found / 4.6 - 1) < 0.08, `${found} V`);
    const unasked = runEngine({ source, seconds: 1 }).readings.at(-1)?.phases[0];
    assert.equal(unasked?.voltageInterharmonicsV.length, 0);
  });
  test('are aggregated as harmonics are', () => {
    const made: AggregatedReading[] = [];
    const aggregator = new Aggregator({ interval: '150/180 cycles' }, (one) => made.push(one));
    const source = balancedSource({
      ...load,
      frequencyHz: 50,
      voltageHarmonics: [{ order: 2.5, share: 0.01, angleRad: 0 }],
    });
    runEngine({ source, seconds: 4, interharmonics: true, onWindow: (reading) => aggregator.add(reading) });
    assert.ok(Math.abs((made[0]?.phases[0]?.voltageInterharmonicsV[2] ?? 0) - 2.3) < 0.01);
  });
});

describe('long times', () => {
  test('Plt is the cubic mean of Pst', () => {
    assert.ok(Math.abs(longTermFlicker([1, 1, 2]) - Math.cbrt(10 / 3)) < 1e-12);
  });
  test('15 windows are one aggregate; its RMS is the root of the mean square, and one dip flags it', () => {
    const made: AggregatedReading[] = [];
    const aggregator = new Aggregator({ interval: '150/180 cycles' }, (reading) => made.push(reading));
    runEngine({
      source: { ...calm, disturbances: [{ startS: 4, endS: 4.1, factor: 0.5 }] },
      seconds: 7,
      onWindow: (reading) => aggregator.add(reading),
    });
    assert.deepEqual(
      made.map(({ windows, isFlagged }) => [windows, isFlagged]),
      [
        [15, false],
        [15, true],
      ],
    );
    assert.ok(Math.abs((made[0]?.phases[2]?.voltageV ?? 0) - 230) < 1e-3);
    assert.ok(Math.abs((made[0]?.phases[2]?.activeW ?? 0) - 1150) < 1e-2);
  });
  test('harmonics are aggregated order by order, as the root of the mean square', () => {
    const third = (share: number) => [{ order: 3, share, angleRad: 0 }];
    const load = { frequencyHz: 50, voltageV: 230, currentA: 5, lagRad: 0, phases: 1 } as const;
    const intervals: AggregatedReading[] = [];
    const aggregator = new Aggregator({ interval: '150/180 cycles' }, (one) => intervals.push(one));
    for (const share of [0.03, 0.04]) {
      const source = balancedSource({ ...load, voltageHarmonics: third(share) });
      const { readings } = runEngine({ source, seconds: 3 });
      for (const reading of readings.slice(0, share === 0.03 ? 8 : 7)) aggregator.add(reading);
    }
    const expected = 230 * Math.sqrt((8 * 0.03 ** 2 + 7 * 0.04 ** 2) / 15);
    assert.equal(intervals.length, 1);
    const [interval] = intervals;
    assert.ok(Math.abs((interval?.phases[0]?.voltageHarmonicsV[3] ?? 0) - expected) < 1e-4);
    assert.ok(Math.abs((interval?.phases[0]?.voltageHarmonicsV[1] ?? 0) - 230) < 1e-3);
    assert.ok((interval?.phases[0]?.currentHarmonicsA[3] ?? 1) < 1e-4);
  });
  test('at the 10-minute tick another 150/180 cycles begin, and those under way go on to their fifteenth window', () => {
    const made: AggregatedReading[] = [];
    const aggregator = new Aggregator({ interval: '150/180 cycles', clockS: 598 }, (one) => made.push(one));
    runEngine({ source: calm, seconds: 7, clockS: 598, onWindow: (reading) => aggregator.add(reading) });
    assert.ok(made.every(({ windows }) => windows === 15));
    const [first, second] = made;
    // The tick lies at 2 s: the first ends beyond it, the second begins there.
    assert.ok(first && second && first.startS < 0.1 && first.endS > 2.5);
    assert.ok(Math.abs(second.startS - 2) < 0.001, `${second.startS}`);
    assert.ok(Math.abs(second.endS - 5) < 0.01, `${second.endS}`);
  });
  test('10 minutes end at the tick of the clock, not after so many windows', () => {
    const made: AggregatedReading[] = [];
    const interval = { interval: '10 min', clockS: 597 } as const;
    const aggregator = new Aggregator(interval, (reading) => made.push(reading));
    runEngine({ source: calm, seconds: 5, onWindow: (reading) => aggregator.add(reading) });
    assert.equal(made.length, 1);
    assert.ok(Math.abs((made[0]?.endS ?? 0) - 3) < 0.25);
  });
});
