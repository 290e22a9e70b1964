/** The test station of the judge: a meter of a class on a source, calibrated once, its registers read before and after a run. */
import { calibrationOf } from '../engine/calibrate.ts';
import { type Calibration, nominalCalibration } from '../engine/calibration.ts';
import { MetrologyEngine } from '../engine/metrology-engine.ts';
import { blockLength, createFrontEnd, type FrontEnd, type FrontEndSpec } from '../front-end/front-end.ts';
import { currentTransformer, divider, rogowskiCoil, type Sensor, shunt } from '../front-end/sensor.ts';
import { balancedSource, type SourceSpec } from '../front-end/source.ts';
import type { MeterClass } from './accuracy-classes.ts';
import { referenceEnergyJ, referenceReactiveVar } from './reference.ts';

/** A meter as its name plate says. */
export interface RatedMeter {
  readonly class: MeterClass;
  readonly nominalV: number;
  readonly frequencyHz: 50;
  /** In of a meter on transformers, Ib of a direct one. */
  readonly nominalA: number;
  readonly largestA: number;
  /** Pulses for one kWh. */
  readonly constant: number;
  readonly startingShare: number;
  readonly currentSensor: Sensor;
}

const sampleRateHz = 8000;
const noiseDb = 100;
const settleS = 0.6;

const transformer = currentTransformer({
  ratedA: 5,
  ratioError: -0.001,
  angleRad: 0.0015,
  exponent: 0.3,
  ppmPerK: 5,
});

/** Meters that are judged, by class: 5(6) A on transformers, 10(100) A direct by shunt or Rogowski coil. */
export const ratedMeters: Readonly<Record<MeterClass, RatedMeter>> = {
  '0.2S': transformerMeter('0.2S'),
  '0.5S': transformerMeter('0.5S'),
  '1': {
    ...directMeter('1', 0.004),
    currentSensor: shunt({
      gainError: 0.008,
      ppmPerK: 30,
      selfHeatingPpm: 20,
      ratedA: 100,
      timeConstantS: 2e-6,
    }),
  },
  '2': {
    ...directMeter('2', 0.005),
    currentSensor: rogowskiCoil({ gainError: -0.01, cornerHz: 0.3, ppmPerK: 40 }),
  },
  '1 on transformers': { ...transformerMeter('1 on transformers'), startingShare: 0.002 },
  '2 on transformers': { ...transformerMeter('2 on transformers'), startingShare: 0.003 },
};

function transformerMeter(name: MeterClass): RatedMeter {
  return {
    class: name,
    nominalV: 230,
    frequencyHz: 50,
    nominalA: 5,
    largestA: 6,
    constant: 40_000,
    startingShare: 0.001,
    currentSensor: transformer,
  };
}

function directMeter(name: MeterClass, startingShare: number): Omit<RatedMeter, 'currentSensor'> {
  return {
    class: name,
    nominalV: 230,
    frequencyHz: 50,
    nominalA: 10,
    largestA: 100,
    constant: 1000,
    startingShare,
  };
}

function frontEndSpec(meter: RatedMeter, seed: string): FrontEndSpec {
  return {
    sampleRateHz,
    fullScaleV: 1.5 * meter.nominalV * Math.SQRT2,
    fullScaleA: 2 * meter.largestA * Math.SQRT2,
    noiseDb,
    dcShare: 1e-4,
    voltageSensor: divider({ gainError: 0.004, ppmPerK: 10, delayS: 1e-6 }),
    currentSensor: meter.currentSensor,
    seed,
  };
}

/** What a run showed. */
export interface RunResult {
  /** Energy of the registers, J or var s. */
  readonly registered: number;
  /** The same by the source in closed form. */
  readonly reference: number;
  readonly errorPercent: number;
}

/** The station of one meter. */
export interface TestStation {
  readonly meter: RatedMeter;
  readonly calibration: Calibration;
  /** Registers against the source over a time. */
  run(of: {
    readonly source: SourceSpec;
    readonly quantity: 'active' | 'reactive';
    readonly seconds: number;
  }): RunResult;
  /** Pulses of a quantity within a time, and when the first came, s. */
  countPulses(
    source: SourceSpec,
    seconds: number,
    quantity?: 'active' | 'reactive',
  ): { readonly pulses: number; readonly firstS: number };
}

/** Builds the meter and calibrates it, unless told not to, at unity power factor, three currents a decade. */
export function createTestStation(
  meter: RatedMeter,
  { isUncalibrated = false }: { readonly isUncalibrated?: boolean } = {},
): TestStation {
  const calibration = isUncalibrated ? nominalOf(meter) : calibrate(meter);
  const engineOn = (frontEnd: FrontEnd) =>
    new MetrologyEngine({ ...engineOptions(meter, frontEnd), calibration });
  return {
    meter,
    calibration,
    run({ source, quantity, seconds }) {
      const frontEnd = createFrontEnd(source, frontEndSpec(meter, `run ${seconds}`));
      const engine = engineOn(frontEnd);
      feed(frontEnd, engine, settleS);
      const before = energyOf(engine, quantity);
      const fromS = (engine.countedToSample - 0.5) / sampleRateHz;
      feed(frontEnd, engine, seconds);
      const registered = energyOf(engine, quantity) - before;
      const toS = (engine.countedToSample - 0.5) / sampleRateHz;
      const reference =
        quantity === 'active'
          ? referenceEnergyJ(source, fromS, toS)
          : referenceReactiveVar(source) * (toS - fromS);
      return { registered, reference, errorPercent: (registered / reference - 1) * 100 };
    },
    countPulses(source, seconds, quantity = 'active') {
      const frontEnd = createFrontEnd(source, frontEndSpec(meter, 'pulses'));
      const engine = engineOn(frontEnd);
      let firstS = Number.NaN;
      // Inductive: at sin 1 the noise of P decides between the first and the second quadrant.
      const [first, second] = engine.net.reactive;
      const total = () =>
        quantity === 'active'
          ? engine.net.deliveredActive.total()
          : (first?.total() ?? 0n) + (second?.total() ?? 0n);
      const pulsesOf = () => Number((total() * BigInt(meter.constant)) / 3_600_000_000_000n);
      for (let done = 0; done < seconds; done++) {
        feed(frontEnd, engine, 1);
        if (Number.isNaN(firstS) && pulsesOf() > 0) firstS = engine.countedToSample / sampleRateHz;
      }
      return { pulses: pulsesOf(), firstS };
    },
  };
}

function engineOptions(meter: RatedMeter, frontEnd: FrontEnd) {
  return {
    wiring: 'three-phase four-wire',
    sampleRateHz,
    nominalHz: meter.frequencyHz,
    declaredV: meter.nominalV,
    creepW: 0.4 * meter.startingShare * meter.nominalA * meter.nominalV,
    calibration: nominalCalibration({
      serial: `judged-${meter.class}`,
      voltsPerCode: frontEnd.voltsPerCode,
      ampsPerCode: frontEnd.ampsPerCode,
      phases: 3,
    }),
  } as const;
}

function nominalOf(meter: RatedMeter): Calibration {
  const load = {
    voltageV: meter.nominalV,
    currentA: 0,
    lagRad: 0,
    frequencyHz: meter.frequencyHz,
    phases: 3,
  } as const;
  return engineOptions(meter, createFrontEnd(balancedSource(load), frontEndSpec(meter, 'nominal')))
    .calibration;
}

function calibrate(meter: RatedMeter): Calibration {
  const points = [];
  const lowest = meter.startingShare * meter.nominalA;
  const steps = Math.ceil(3 * Math.log10((1.2 * meter.largestA) / lowest));
  for (let step = 0; step <= steps; step++) {
    const currentA = lowest * ((1.2 * meter.largestA) / lowest) ** (step / steps);
    const set = { voltageV: meter.nominalV, currentA, lagRad: 0 };
    const source = balancedSource({ ...set, frequencyHz: meter.frequencyHz, phases: 3 });
    const frontEnd = createFrontEnd(source, frontEndSpec(meter, `calibration ${step}`));
    const read = [0, 1, 2].map(() => ({ voltageV: 0, re: 0, im: 0 }));
    let windows = 0;
    const options = engineOptions(meter, frontEnd);
    const engine = new MetrologyEngine({
      ...options,
      onWindow(reading) {
        windows++;
        for (const [phase, sum] of read.entries()) {
          const { fundamentalV = 0, fundamentalA = 0, lagRad = 0 } = reading.phases[phase] ?? {};
          sum.voltageV += fundamentalV;
          sum.re += fundamentalA * Math.cos(lagRad);
          sum.im += fundamentalA * Math.sin(lagRad);
        }
      },
    });
    feed(frontEnd, engine, step < 4 ? 20 : 3);
    for (const [phase, { voltageV, re, im }] of read.entries()) {
      points.push({
        phase,
        set,
        read: {
          voltageV: voltageV / windows,
          currentA: Math.hypot(re, im) / windows,
          lagRad: Math.atan2(im, re),
        },
      });
    }
  }
  return calibrationOf(nominalOf(meter), points);
}

function feed(frontEnd: FrontEnd, engine: MetrologyEngine, seconds: number): void {
  for (let left = Math.round(seconds * sampleRateHz); left > 0; ) {
    const count = Math.min(left, blockLength);
    engine.push(frontEnd.read(count), count);
    left -= count;
  }
}

/** Net energy of the registers: delivered less received; inductive less capacitive. */
function energyOf({ net }: MetrologyEngine, quantity: 'active' | 'reactive'): number {
  if (quantity === 'active') return net.deliveredActive.joulesSince(0n) - net.receivedActive.joulesSince(0n);
  const [q1, q2, q3, q4] = net.reactive.map((counter) => counter.joulesSince(0n)) as [
    number,
    number,
    number,
    number,
  ];
  return q1 + q2 - q3 - q4;
}
