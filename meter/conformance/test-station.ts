/** The test station of the judge: a meter of a class on a source, calibrated once, its registers read before and after a run. */
import { calibrationOf } from '../engine/calibrate.ts';
import { type Calibration, nominalCalibration } from '../engine/calibration.ts';
import { MetrologyEngine } from '../engine/metrology-engine.ts';
import { blockLength, createFrontEnd, type FrontEnd, type FrontEndSpec } from '../front-end/front-end.ts';
import { currentTransformer, divider, rogowskiCoil, type Sensor, shunt } from '../front-end/sensor.ts';
import { balancedSource, type SourceSpec, threeWireSource } from '../front-end/source.ts';
import type { MeterClass } from './accuracy-classes.ts';
import { referenceEnergyJ, referenceReactiveVar } from './reference.ts';

/** A meter as its name plate says. */
export interface RatedMeter {
  readonly class: MeterClass;
  readonly nominalV: number;
  readonly frequencyHz: 50 | 60;
  /** In of a meter on transformers, Ib of a direct one. */
  readonly nominalA: number;
  readonly largestA: number;
  /** Pulses for one kWh. */
  readonly constant: number;
  readonly startingShare: number;
  readonly currentSensor: Sensor;
}

/** How the meter samples and is wired. */
export interface StationSetup {
  /** 4000, 8000 or 16000. */
  readonly sampleRateHz: 4000 | 8000 | 16_000;
  readonly wiring: 'three-phase four-wire' | 'three-phase three-wire';
}

export const usualSetup: StationSetup = { sampleRateHz: 8000, wiring: 'three-phase four-wire' };

const noiseDb = 100;
const settleS = 0.6;

const transformerFor = (ratedA: number) =>
  currentTransformer({ ratedA, ratioError: -0.001, angleRad: 0.0015, exponent: 0.3, ppmPerK: 5 });

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
    currentSensor: transformerFor(5),
  };
}

/** The meter of a class as it is made for North America: 120 V, 60 Hz, class 20, its own transformers made for 20 A. */
export function americanMeter(meter: RatedMeter): RatedMeter {
  return {
    ...meter,
    nominalV: 120,
    frequencyHz: 60,
    nominalA: 5,
    largestA: 20,
    currentSensor: transformerFor(20),
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

/** A meter on its station. */
interface Bench {
  readonly meter: RatedMeter;
  readonly setup: StationSetup;
}

const isThreeWire = ({ setup }: Bench) => setup.wiring === 'three-phase three-wire';
/** Voltage of an element: against neutral, or between lines. */
const elementV = (bench: Bench) => (isThreeWire(bench) ? Math.sqrt(3) : 1) * bench.meter.nominalV;

function frontEndSpec(bench: Bench, seed: string): FrontEndSpec {
  const { meter, setup } = bench;
  return {
    sampleRateHz: setup.sampleRateHz,
    fullScaleV: 1.5 * elementV(bench) * Math.SQRT2,
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
  readonly setup: StationSetup;
  readonly calibration: Calibration;
  /** Registers against the source over a time. A source has three phases; a meter of three wires sees two elements of it. */
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
  { isUncalibrated = false, ...chosen }: Partial<StationSetup> & { readonly isUncalibrated?: boolean } = {},
): TestStation {
  const setup = { ...usualSetup, ...chosen };
  const bench = { meter, setup };
  const { sampleRateHz } = setup;
  const calibration = isUncalibrated ? nominalOf(bench) : calibrate(bench);
  const engineOn = (frontEnd: FrontEnd) =>
    new MetrologyEngine({ ...engineOptions(bench, frontEnd), calibration });
  const seenOf = (source: SourceSpec) => (isThreeWire(bench) ? threeWireSource(source) : source);
  return {
    meter,
    setup,
    calibration,
    run({ source: all, quantity, seconds }) {
      const source = seenOf(all);
      const frontEnd = createFrontEnd(source, frontEndSpec(bench, `run ${seconds}`));
      const engine = engineOn(frontEnd);
      feed(frontEnd, engine, settleS * sampleRateHz);
      const before = energyOf(engine, quantity);
      const fromS = (engine.countedToSample - 0.5) / sampleRateHz;
      feed(frontEnd, engine, seconds * sampleRateHz);
      const registered = energyOf(engine, quantity) - before;
      const toS = (engine.countedToSample - 0.5) / sampleRateHz;
      const reference =
        quantity === 'active'
          ? referenceEnergyJ(source, fromS, toS)
          : referenceReactiveVar(source) * (toS - fromS);
      return { registered, reference, errorPercent: (registered / reference - 1) * 100 };
    },
    countPulses(source, seconds, quantity = 'active') {
      const frontEnd = createFrontEnd(seenOf(source), frontEndSpec(bench, 'pulses'));
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
        feed(frontEnd, engine, sampleRateHz);
        if (Number.isNaN(firstS) && pulsesOf() > 0) firstS = engine.countedToSample / sampleRateHz;
      }
      return { pulses: pulsesOf(), firstS };
    },
  };
}

function engineOptions(bench: Bench, frontEnd: FrontEnd) {
  const { meter, setup } = bench;
  return {
    ...setup,
    nominalHz: meter.frequencyHz,
    declaredV: elementV(bench),
    creepW: 0.4 * meter.startingShare * meter.nominalA * meter.nominalV,
    calibration: nominalCalibration({
      serial: `judged-${meter.class}`,
      voltsPerCode: frontEnd.voltsPerCode,
      ampsPerCode: frontEnd.ampsPerCode,
      phases: elementsOf(bench),
    }),
  } as const;
}

const elementsOf = (bench: Bench) => (isThreeWire(bench) ? 2 : 3);

/** Each element with its voltage and a current in phase with it, as a bench that calibrates has them. */
function elementSource(bench: Bench, currentA: number): SourceSpec {
  const { frequencyHz } = bench.meter;
  const source = balancedSource({ voltageV: elementV(bench), currentA, lagRad: 0, frequencyHz, phases: 3 });
  const { voltages, currents } = source;
  return {
    ...source,
    voltages: voltages.slice(0, elementsOf(bench)),
    currents: currents.slice(0, elementsOf(bench)),
  };
}

function nominalOf(bench: Bench): Calibration {
  return engineOptions(bench, createFrontEnd(elementSource(bench, 0), frontEndSpec(bench, 'nominal')))
    .calibration;
}

function calibrate(bench: Bench): Calibration {
  const { meter, setup } = bench;
  const points = [];
  const lowest = meter.startingShare * meter.nominalA;
  const steps = Math.ceil(3 * Math.log10((1.2 * meter.largestA) / lowest));
  for (let step = 0; step <= steps; step++) {
    const currentA = lowest * ((1.2 * meter.largestA) / lowest) ** (step / steps);
    const set = { voltageV: elementV(bench), currentA, lagRad: 0 };
    const frontEnd = createFrontEnd(
      elementSource(bench, currentA),
      frontEndSpec(bench, `calibration ${step}`),
    );
    const read = Array.from({ length: elementsOf(bench) }, () => ({ voltageV: 0, re: 0, im: 0 }));
    let windows = 0;
    const options = engineOptions(bench, frontEnd);
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
    feed(frontEnd, engine, (step < 4 ? 20 : 3) * setup.sampleRateHz);
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
  return calibrationOf(nominalOf(bench), points);
}

function feed(frontEnd: FrontEnd, engine: MetrologyEngine, samples: number): void {
  for (let left = Math.round(samples); left > 0; ) {
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
