/**
 * The wave of a phasor meter: it measures phasors and has no converter, so what it shows is a model: the phasors with the distortion that a
 * low-voltage supply and its electronics usually have, sampled and analysed by the same front end and engine as that of a waveform meter.
 */
import { blockLength, createFrontEnd } from '../front-end/front-end.ts';
import type { Component } from '../front-end/source.ts';
import type { Quantities } from '../quantities/phasor.ts';
import type { WaveformSnapshot } from '../quantities/waveform-snapshot.ts';
import { nominalCalibration } from './calibration.ts';
import { MetrologyEngine } from './metrology-engine.ts';
import { SnapshotRecorder } from './snapshot-recorder.ts';

/** Share of the fundamental and angle to it, by order. Voltages as in EN 50160 networks far below its limits: THD 1.9 %. */
const voltageDistortion = [
  [3, 0.006, 0.2],
  [5, 0.014, 2.9],
  [7, 0.009, 0.4],
  [11, 0.005, 1.1],
  [13, 0.003, 2.2],
] as const;
/** Rectifiers with capacitors (class D of IEC 61000-3-2) as shares of their fundamental, before the rest of the load joins. */
const currentDistortion = [
  [3, 0.62, Math.PI],
  [5, 0.34, 0.2],
  [7, 0.16, Math.PI + 0.3],
  [9, 0.08, 0.5],
  [11, 0.05, 2.8],
  [13, 0.03, 0.9],
] as const;
/** Current of electronics that a home always has, A. */
const electronicsA = 0.35;
const sampleRateHz = 8000;
/** The first window has no predecessor; three more are looked at. */
const seconds = 0.9;

const known = new WeakMap<Quantities, WaveformSnapshot>();

/** The wave about quantities; worked out once for the same ones. */
export function modelledWaveform(quantities: Quantities): WaveformSnapshot | undefined {
  const found = known.get(quantities);
  if (found) return found;
  const made = modelWaveform(quantities);
  if (made) known.set(quantities, made);
  return made;
}

function modelWaveform({ phases, frequencyHz }: Quantities): WaveformSnapshot | undefined {
  const turn = (-2 * Math.PI) / 3;
  const nominalHz = frequencyHz > 55 ? 60 : 50;
  const largestV = Math.max(...phases.map(({ voltageV }) => voltageV));
  if (!(largestV > 0)) return undefined;
  const fullScaleV = 2 * largestV;
  const fullScaleA = 3 * Math.max(1, ...phases.map(({ currentA }) => currentA));
  const frontEnd = createFrontEnd(
    {
      frequencyHz,
      voltages: phases.map(({ voltageV }, phase) =>
        distorted({ rms: voltageV, angleRad: phase * turn }, phase * turn, voltageDistortion, 1),
      ),
      currents: phases.map(({ currentA, activeW, reactiveVar }, phase) => {
        const lagRad = Math.atan2(reactiveVar, activeW);
        const share = currentA > 0 ? Math.min(1, electronicsA / currentA) : 0;
        const fundamental = { rms: currentA, angleRad: phase * turn - lagRad };
        return distorted(fundamental, phase * turn, currentDistortion, share);
      }),
    },
    { sampleRateHz, fullScaleV, fullScaleA, noiseDb: 90 },
  );
  const { voltsPerCode, ampsPerCode } = frontEnd;
  const recorder = new SnapshotRecorder({
    ...{ origin: 'modelled', sampleRateHz, nominalHz, voltsPerCode, ampsPerCode },
    phases: phases.length,
    startMs: 0,
  });
  const engine = new MetrologyEngine({
    wiring: phases.length === 1 ? 'one-phase' : 'three-phase four-wire',
    sampleRateHz,
    nominalHz,
    declaredV: largestV,
    calibration: nominalCalibration({ serial: 'modelled', voltsPerCode, ampsPerCode, phases: phases.length }),
    onWindow: (reading) => recorder.keepReading(reading),
  });
  const count = Math.min(blockLength, Math.round(seconds * sampleRateHz));
  const block = frontEnd.read(count);
  recorder.keepSamples(block, count);
  engine.push(block, count);
  return recorder.snapshot();
}

/** A fundamental with parts of it; orders turn with the voltage of their phase. */
function distorted(
  fundamental: Omit<Component, 'order'>,
  phaseRad: number,
  parts: readonly (readonly [number, number, number])[],
  share: number,
): Component[] {
  return [
    { order: 1, ...fundamental },
    ...parts.map(([order, size, angleRad]) => ({
      order,
      rms: fundamental.rms * size * share,
      angleRad: angleRad + order * phaseRad,
    })),
  ];
}
