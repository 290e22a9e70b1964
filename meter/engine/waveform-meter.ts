/**
 * The waveform engine in front of a meter: energy counted from samples goes into the same registers as that of phasors, whole
 * milliwatt-seconds by `accumulate`; the display shows the fundamental phasors.
 */
import assert from 'node:assert/strict';
import type { SampleBlock } from '../front-end/front-end.ts';
import type { Phasor } from '../quantities/phasor.ts';
import type { EnergyStep } from '../registers/energy-step.ts';
import type { EngineOptions } from './engine-options.ts';
import { MetrologyEngine } from './metrology-engine.ts';
import type { WindowReading } from './window-reading.ts';

/** What the engine needs of a meter; `Meter` is one. */
export interface CountingMeter {
  readonly countedToMs: number;
  accumulate(step: EnergyStep): void;
  show(phasors: readonly Phasor[], frequencyHz: number): void;
}

/** A meter that is fed with samples. */
export interface WaveformMeter {
  readonly engine: MetrologyEngine;
  /** Takes converter codes; windows that end with them are counted and shown. */
  push(block: SampleBlock, count: number): void;
}

/**
 * Joins engine and meter. Sample 0 is the instant up to which the meter has counted. The registers of the meter hold the counters of the
 * engine cut to whole milliwatt-seconds, at any time; a switch that is open lets the meter count nothing, as it does with phasors.
 */
export function attachEngine(meter: CountingMeter, options: EngineOptions): WaveformMeter {
  assert(options.wiring !== 'three-phase three-wire', 'the registers show phases against neutral');
  const startMs = meter.countedToMs;
  let delivered = 0n;
  let received = 0n;
  const phasors: Phasor[] = [];
  let frequencyHz: number = options.nominalHz;
  const engine = new MetrologyEngine({
    ...options,
    onWindow(reading) {
      keepPhasors(reading, phasors);
      frequencyHz = reading.frequencyHz;
      options.onWindow?.(reading);
    },
  });
  const settle = () => {
    const endMs = startMs + Math.floor((engine.countedToSample * 1000) / options.sampleRateHz);
    if (endMs <= meter.countedToMs) return;
    const deliveredNow = engine.net.deliveredActive.milliwattSeconds();
    const receivedNow = engine.net.receivedActive.milliwattSeconds();
    meter.show(phasors, frequencyHz);
    meter.accumulate({
      startMs: meter.countedToMs,
      endMs,
      deliveredMws: Number(deliveredNow - delivered),
      receivedMws: Number(receivedNow - received),
    });
    delivered = deliveredNow;
    received = receivedNow;
  };
  return {
    engine,
    push(block, count) {
      engine.push(block, count);
      settle();
    },
  };
}

function keepPhasors(reading: WindowReading, phasors: Phasor[]): void {
  for (const [index, { fundamentalV, fundamentalA, lagRad }] of reading.phases.entries()) {
    phasors[index] = { voltageV: fundamentalV, currentA: fundamentalA, angleRad: lagRad };
  }
}
