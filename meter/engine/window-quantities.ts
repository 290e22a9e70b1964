/** Sums, unbalance and neutral current of a window (IEEE 1459-2010, 3.2; IEC 61000-4-30, 5.7). */
import type { EngineOptions } from './engine-options.ts';
import type { PairSpectrum } from './pair-spectrum.ts';
import type { PhaseReading, WindowReading } from './window-reading.ts';

/** P, Q, S and power factor over the phases; two elements see each current at a line voltage: S is less by the root of 3 over 2. */
export function findSums(reading: WindowReading, { apparent, wiring }: EngineOptions): void {
  let activeW = 0;
  let reactiveVar = 0;
  let arithmeticVa = 0;
  for (const phase of reading.phases) {
    activeW += phase.activeW;
    reactiveVar += phase.reactiveVar;
    arithmeticVa += phase.apparentVa;
  }
  if (wiring === 'three-phase three-wire') arithmeticVa *= Math.sqrt(3) / 2;
  reading.activeW = activeW;
  reading.reactiveVar = reactiveVar;
  reading.apparentVa = apparent === 'arithmetic' ? arithmeticVa : Math.hypot(activeW, reactiveVar);
  reading.powerFactor = reading.apparentVa > 0 ? activeW / reading.apparentVa : 1;
}

/** Sequence components of the fundamental voltages; of three wires the line voltages are used, which have no zero sequence. */
export function findUnbalance(
  reading: WindowReading,
  spectra: readonly PairSpectrum[],
  isLineToLine: boolean,
): void {
  reading.negativeSequence = 0;
  reading.zeroSequence = 0;
  if (spectra.length < 2) return;
  const at = (phase: number): [number, number] => {
    const scale = scaleOf(reading.phases[phase] as PhaseReading, spectra[phase] as PairSpectrum);
    const spectrum = spectra[phase] as PairSpectrum;
    return [(spectrum.xRe[1] as number) * scale, (spectrum.xIm[1] as number) * scale];
  };
  const a = at(0);
  const second = at(1);
  const b: [number, number] = isLineToLine ? [-second[0], -second[1]] : second;
  const c: [number, number] = isLineToLine ? [-a[0] - b[0], -a[1] - b[1]] : at(2);
  const positive = sequence(a, b, c, 1);
  if (positive === 0) return;
  reading.negativeSequence = sequence(a, b, c, -1) / positive;
  reading.zeroSequence = isLineToLine ? 0 : sequence(a, b, c, 0) / positive;
}

function sequence(a: [number, number], b: [number, number], c: [number, number], turn: number): number {
  const cos = Math.cos((2 * Math.PI * turn) / 3);
  const sin = Math.sin((2 * Math.PI * turn) / 3);
  const re = a[0] + b[0] * cos - b[1] * sin + c[0] * cos + c[1] * sin;
  const im = a[1] + b[1] * cos + b[0] * sin + c[1] * cos - c[0] * sin;
  return Math.hypot(re, im) / 3;
}

function scaleOf(phase: PhaseReading, spectrum: PairSpectrum): number {
  const codes = Math.hypot(spectrum.xRe[1] as number, spectrum.xIm[1] as number);
  return codes > 0 ? phase.fundamentalV / codes : 0;
}

/** The neutral current as the sum of the phase currents, harmonic by harmonic. */
export function findNeutral(
  reading: WindowReading,
  spectra: readonly PairSpectrum[],
  currentScales: readonly number[],
): void {
  const orders = spectra[0]?.yRe.length ?? 0;
  let squares = 0;
  for (let order = 1; order < orders; order++) {
    let re = 0;
    let im = 0;
    for (let phase = 0; phase < spectra.length; phase++) {
      const { yRe, yIm } = spectra[phase] as PairSpectrum;
      re += (yRe[order] as number) * (currentScales[phase] as number);
      im += (yIm[order] as number) * (currentScales[phase] as number);
    }
    squares += re * re + im * im;
  }
  reading.neutralA = Math.sqrt(squares);
}
