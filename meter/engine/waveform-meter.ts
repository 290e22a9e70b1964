/**
 * The waveform engine in front of a meter: energy counted from samples goes into the same registers as that of phasors, whole
 * milliwatt-seconds by `accumulate`; what it shows are RMS values and powers with harmonics.
 */
import type { SampledSigns } from '../events/observation.ts';
import type { SampleBlock } from '../front-end/front-end.ts';
import type { MeterSpec } from '../meter-spec.ts';
import type { Phasor } from '../quantities/phasor.ts';
import type { WaveformSnapshot } from '../quantities/waveform-snapshot.ts';
import type { EnergyStep } from '../registers/energy-step.ts';
import type { EnergyCounter } from './energy-counter.ts';
import { type EngineOptions, wirings } from './engine-options.ts';
import { neutralSignsOf, phasorsOf, quantitiesOfReading } from './line-phasors.ts';
import { MetrologyEngine } from './metrology-engine.ts';
import { SnapshotRecorder } from './snapshot-recorder.ts';
import type { SupplyThresholds } from './supply-events.ts';

/** What the engine needs of a meter; `Meter` is one. */
export interface CountingMeter {
  readonly countedToMs: number;
  accumulate(step: EnergyStep): void;
  show(phasors: readonly Phasor[], frequencyHz: number, sampled?: SampledSigns): void;
  readonly spec?: Pick<MeterSpec, 'apparent'>;
  /** Limits of supply events; the engine takes others as soon as they are set. */
  readonly supplyThresholds?: SupplyThresholds;
}

/** A meter that is fed with samples. */
export interface WaveformMeter {
  readonly engine: MetrologyEngine;
  /** Takes converter codes; windows that end with them are counted and shown. */
  push(block: SampleBlock, count: number): void;
  /** The wave as it was seen last; `undefined` before the first window. */
  snapshot(): WaveformSnapshot | undefined;
}

/**
 * Joins engine and meter; one of three wires shows its lines against a star point of its own. Sample 0 is the instant up to which the meter has counted. The registers of the meter hold the counters of the
 * engine cut to whole milliunit-seconds, at any time; a switch that is open lets the meter count nothing, as it does with phasors.
 */
export function attachEngine(meter: CountingMeter, options: EngineOptions): WaveformMeter {
  const { sampleRateHz, nominalHz, calibration } = options;
  const startMs = meter.countedToMs;
  const { isLineToLine } = wirings[options.wiring];
  let phasors: readonly Phasor[] = [];
  let sampled: SampledSigns = {};
  let hasNeutral = false;
  let frequencyHz: number = nominalHz;
  let thresholds = meter.supplyThresholds;
  const recorder = new SnapshotRecorder({
    ...{ origin: 'sampled', sampleRateHz, nominalHz, startMs },
    voltsPerCode: calibration.voltsPerCode,
    ampsPerCode: calibration.ampsPerCode,
    phases: wirings[options.wiring].elements,
  });
  const engine = new MetrologyEngine({
    apparent: meter.spec?.apparent ?? 'arithmetic',
    ...options,
    supplyThresholds: { ...thresholds, ...options.supplyThresholds },
    onWindow(reading) {
      phasors = phasorsOf(reading, isLineToLine);
      sampled = {
        neutral: neutralSignsOf(reading, hasNeutral),
        quantities: quantitiesOfReading(reading, phasors),
      };
      frequencyHz = reading.frequencyHz;
      recorder.keepReading(reading);
      options.onWindow?.(reading);
    },
    onSupplyEvent(event) {
      recorder.keepEvent(event);
      options.onSupplyEvent?.(event);
    },
  });
  const growth = growthOf(engine);
  return {
    engine,
    push(block, count) {
      if (meter.supplyThresholds && meter.supplyThresholds !== thresholds) {
        thresholds = meter.supplyThresholds;
        engine.watchSupply(thresholds);
      }
      hasNeutral = block.neutral !== undefined;
      recorder.keepSamples(block, count);
      engine.push(block, count);
      const endMs = startMs + Math.floor((engine.countedToSample * 1000) / sampleRateHz);
      if (endMs <= meter.countedToMs) return;
      meter.show(phasors, frequencyHz, sampled);
      meter.accumulate({ startMs: meter.countedToMs, endMs, ...growth() });
    },
    snapshot: () => recorder.snapshot(),
  };
}

/** What the counters went on by since the last call, in whole milliunit-seconds. */
function growthOf({ net }: MetrologyEngine): () => Omit<EnergyStep, 'startMs' | 'endMs'> {
  const [reactiveQ1, reactiveQ2, reactiveQ3, reactiveQ4] = net.reactive as [
    EnergyCounter,
    EnergyCounter,
    EnergyCounter,
    EnergyCounter,
  ];
  const since = (counter: EnergyCounter) => {
    let before = counter.milliwattSeconds();
    return () => {
      const grown = counter.milliwattSeconds() - before;
      before += grown;
      return Number(grown);
    };
  };
  const delivered = since(net.deliveredActive);
  const received = since(net.receivedActive);
  const further = Object.entries({
    ...{ reactiveQ1, reactiveQ2, reactiveQ3, reactiveQ4 },
    apparentDelivered: net.deliveredApparent,
    apparentReceived: net.receivedApparent,
  }).map(([kind, counter]) => [kind, since(counter)] as const);
  return () => ({
    deliveredMws: delivered(),
    receivedMws: received(),
    further: Object.fromEntries(further.map(([kind, grown]) => [kind, grown()])),
  });
}
