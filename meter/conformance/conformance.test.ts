/** The judge: it passes meters that are good, fails one that is not calibrated, and its references stand on their own. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { balancedSource } from '../front-end/source.ts';
import { accuracyTables, lagOf, meterClasses } from './accuracy-classes.ts';
import { influencedLoads } from './influenced-loads.ts';
import { runConformance } from './judge.ts';
import { referenceEnergyJ, referencePowerW, referenceReactiveVar, referenceRms } from './reference.ts';
import { conformancePage } from './report-page.ts';
import { americanMeter, createTestStation, ratedMeters } from './test-station.ts';

const path = `${process.env.WATTLINE_SHARED ?? '../shared'}/samples/metrology/tables/meter_accuracy_limits.json`;
const skip = existsSync(path) ? false : `${path} is not there`;

describe('references', () => {
  const source = balancedSource({
    frequencyHz: 50,
    voltageV: 230,
    currentA: 10,
    lagRad: Math.PI / 3,
    phases: 3,
    voltageHarmonics: [{ order: 5, share: 0.1, angleRad: 0 }],
    currentHarmonics: [{ order: 5, share: 0.4, angleRad: 1 }],
  });
  test('power is the sum of orders that meet; over whole cycles its energy is power times time', () => {
    const fifthW = 230 * 10 * 0.04 * Math.cos(5 * (Math.PI / 3) - 1);
    const power = referencePowerW(source.voltages[0] ?? [], source.currents[0] ?? []);
    assert.ok(Math.abs(power - (1150 + fifthW)) < 1e-9);
    assert.ok(Math.abs(referenceEnergyJ(source, 0.0137, 2.0137) - 6 * power) < 1e-6);
    assert.ok(Math.abs(referenceReactiveVar(source) - 3 * 2300 * Math.sin(Math.PI / 3)) < 1e-9);
    assert.ok(Math.abs(referenceRms(source.voltages[0] ?? []) - 230 * Math.sqrt(1.01)) < 1e-9);
  });
  test('energy over a part of a cycle is the integral, as summed in a million steps', () => {
    const one = balancedSource({ frequencyHz: 50, voltageV: 230, currentA: 10, lagRad: 0.4, phases: 1 });
    let sum = 0;
    const steps = 1_000_000;
    const stepS = 0.013 / steps;
    for (let n = 0; n < steps; n++) {
      const w = 100 * Math.PI * (0.002 + (n + 0.5) * stepS);
      sum += 2 * 2300 * Math.cos(w) * Math.cos(w - 0.4) * stepS;
    }
    assert.ok(Math.abs(referenceEnergyJ(one, 0.002, 0.015) - sum) < 1e-6);
  });
});

describe('wave shapes of the influences', () => {
  const load = { frequencyHz: 50, voltageV: 230, currentA: 1, lagRad: 0, phases: 1 } as const;
  /** The current of a load at a time, s. */
  const currentAt = (shape: Parameters<typeof influencedLoads>[0], t: number) => {
    const [changed] = influencedLoads(shape, load);
    assert.ok(changed);
    const wave = balancedSource(changed).currents[0] ?? [];
    return wave.reduce(
      (sum, { order, rms, angleRad }) =>
        sum + rms * Math.SQRT2 * Math.cos(100 * Math.PI * order * t + angleRad),
      0,
    );
  };
  test('sub-harmonics: two cycles on, two cycles off', () => {
    const crest = currentAt('sub-harmonics in current', 0.02);
    assert.ok(Math.abs(crest - 2 * Math.SQRT2) < 0.1, `${crest}`);
    for (const t of [0.05, 0.06, 0.07]) assert.ok(Math.abs(currentAt('sub-harmonics in current', t)) < 0.1);
  });
  test('odd harmonics: nothing from the zero of the voltage to its crest, then current until the next zero', () => {
    // The voltage has its crest at 0 and its zeros at 5 and 15 ms.
    for (const t of [0.006, 0.0075, 0.009])
      assert.ok(Math.abs(currentAt('odd harmonics in current', t)) < 0.2);
    assert.ok(currentAt('odd harmonics in current', 0.0025) > 1);
    assert.ok(currentAt('odd harmonics in current', 0.0125) < -1);
  });
});

describe('tables of limits', () => {
  test('every active row is that of the shared table', { skip }, () => {
    const shared = JSON.parse(readFileSync(path, 'utf8'));
    for (const [name, block, rows] of [
      ['active 0.2S', shared.iec62053_22_active, 'balanced'],
      ['active 0.5S', shared.iec62053_22_active, 'balanced'],
      ['active 1', shared.iec62053_21_active, 'balanced_direct_Ib'],
      ['active 2', shared.iec62053_21_active, 'balanced_direct_Ib'],
    ] as const) {
      const { class: meterClass, balanced } = accuracyTables[name];
      const ours = balanced.flatMap((row) =>
        row.factors.map((factor) => `${row.from} ${row.to} ${factor} ${row.limitPercent}`),
      );
      const theirs = (block[rows] as SharedRow[])
        .filter(({ limit_pct }) => limit_pct[meterClass] !== undefined)
        .map((row) => {
          const to = row.i_to === 'Imax' ? 'Imax' : Number.parseFloat(row.i_to) || 1;
          return `${Number.parseFloat(row.i_from)} ${to} ${row.pf} ${row.limit_pct[meterClass]}`;
        });
      assert.deepEqual(ours.sort(), theirs.sort());
    }
  });
  test('every class names tables of active and reactive energy', () => {
    for (const names of Object.values(meterClasses)) {
      assert.deepEqual(
        [...new Set(names.map((name) => accuracyTables[name].quantity))],
        ['active', 'reactive'],
      );
    }
  });
  test('0.5L lags by a sixth of a turn, and 0.8C leads', () => {
    assert.ok(Math.abs(lagOf('0.5L', 'active') - Math.PI / 3) < 1e-12);
    assert.ok(lagOf('0.8C', 'active') < 0);
    assert.ok(Math.abs(lagOf('0.5L', 'reactive') - Math.PI / 6) < 1e-12);
  });
});

interface SharedRow {
  readonly i_from: string;
  readonly i_to: string;
  readonly pf: string;
  readonly limit_pct: Readonly<Record<string, number>>;
}

describe('rows that the shared table has', () => {
  test('single-phase reactive load, MID beyond reference temperature and ANSI 0.1 are in our tables', {
    skip,
  }, () => {
    const shared = JSON.parse(readFileSync(path, 'utf8'));
    for (const name of ['2', '3'] as const) {
      const limits = (shared.iec62053_23_reactive.single_phase_load as SharedRow[]).map(
        ({ limit_pct }) => limit_pct[name],
      );
      const ours = accuracyTables[`reactive ${name}`].singlePhase.map(({ limitPercent }) => limitPercent);
      assert.deepEqual(ours, limits);
    }
    const { mpe_pct } = shared.mid_mi003;
    for (const name of ['A', 'B', 'C'] as const) {
      const balanced = mpe_pct['balanced Itr<=I<=Imax'][name] as number[];
      const { declared = [], balanced: rows } = accuracyTables[`MID ${name}`];
      assert.equal(rows.at(-1)?.limitPercent, balanced[0]);
      const outside = (start: string) =>
        declared.filter(([title]) => title.startsWith(start)).map(([, limit]) => limit);
      assert.deepEqual(outside('balanced,'), balanced.slice(1));
      const low = mpe_pct['balanced Imin<=I<Itr'][name] as number[];
      assert.equal(rows[0]?.limitPercent, low[0]);
      assert.deepEqual(outside('balanced below Itr'), low.slice(1));
    }
    const american = shared.ansi_c12_20.load_performance_pct.all_higher_points_pf1;
    for (const name of ['0.1', '0.2', '0.5'] as const) {
      assert.equal(accuracyTables[`ANSI ${name}`].balanced[1]?.limitPercent, american[name]);
    }
  });
  test('half waves: DC and even orders, nothing while the current is off', () => {
    const load = { frequencyHz: 50, voltageV: 230, currentA: 1, lagRad: 0, phases: 1 } as const;
    const [wave] = influencedLoads('DC and even harmonics in current', load).map((one) =>
      balancedSource(one),
    );
    const at = (t: number) =>
      (wave?.currents[0] ?? []).reduce(
        (sum, { order, rms, angleRad }) =>
          sum + rms * Math.SQRT2 * Math.cos(2 * Math.PI * 50 * order * t + angleRad),
        0,
      );
    // Twice the crest of its fundamental at 0, nothing from a quarter to three quarters of the cycle.
    assert.ok(Math.abs(at(0) - 2 * Math.SQRT2) < 0.1);
    for (const t of [0.007, 0.01, 0.013]) assert.ok(Math.abs(at(t)) < 0.1, `${at(t)}`);
  });
});

describe('the judge', () => {
  test('a calibrated meter of class 0.2S keeps a tenth of every accuracy limit', () => {
    const report = runConformance({ class: '0.2S', isBrief: true });
    const failed = report.rows.filter(({ verdict }) => verdict !== 'passed');
    assert.deepEqual(failed, []);
    assert.equal(report.rows.length, 10);
    const page = conformancePage(report);
    assert.match(page, /Class 0\.2S: passed/);
    assert.equal(page.match(/<polyline/g)?.length, 10);
  });
  for (const setup of [
    { sampleRateHz: 4000 },
    { sampleRateHz: 16_000 },
    { wiring: 'three-phase three-wire' },
  ] as const) {
    test(`so does one with ${Object.values(setup)[0]}${'sampleRateHz' in setup ? ' samples a second' : ''}`, () => {
      const report = runConformance({ class: '0.2S', isBrief: true, ...setup });
      assert.deepEqual(
        report.rows.filter(({ verdict }) => verdict !== 'passed'),
        [],
      );
      // Three wires have no neutral by which one phase alone could be loaded.
      assert.equal(report.rows.length, 'wiring' in setup ? 8 : 10);
    });
  }
  test('tables of ANSI are judged at 120 V and 60 Hz on a class 20 meter', () => {
    const meter = americanMeter(ratedMeters['0.2S']);
    const station = createTestStation(meter);
    for (const [currentA, lagRad] of [
      [0.15, 0],
      [20, Math.PI / 3],
    ] as const) {
      const source = balancedSource({ frequencyHz: 60, voltageV: 120, currentA, lagRad, phases: 3 });
      const { errorPercent, reference } = station.run({ source, quantity: 'active', seconds: 10 });
      assert.ok(Math.abs(reference / (360 * currentA * Math.cos(lagRad) * 10) - 1) < 0.05);
      assert.ok(Math.abs(errorPercent) < 0.02, `${errorPercent} %`);
    }
  });
  test('class 0.2S starts at 0.001 In within twice the nominal time, and gives no pulse at 1.15 Un without load', () => {
    const station = createTestStation(ratedMeters['0.2S']);
    const { nominalV, nominalA, constant } = station.meter;
    const load = {
      frequencyHz: 50,
      voltageV: nominalV,
      currentA: 0.001 * nominalA,
      lagRad: 0,
      phases: 3,
    } as const;
    const nominalS = 3_600_000 / (3 * nominalV * load.currentA * constant);
    const { pulses, firstS } = station.countPulses(balancedSource(load), Math.ceil(2 * nominalS));
    assert.ok(pulses >= 1 && firstS <= 2 * nominalS, `${firstS} s`);
    const idle = balancedSource({ ...load, voltageV: 1.15 * nominalV, currentA: 0 });
    assert.equal(station.countPulses(idle, 60).pulses, 0);
  });
  test('the same meter without its calibration fails, and the page says so', () => {
    const report = runConformance({ class: '0.2S', isBrief: true, isUncalibrated: true });
    assert.equal(report.isPassed, false);
    assert.match(conformancePage(report), /class="failed"/);
  });
});
