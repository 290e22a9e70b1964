/** References of the judge in closed form, from the numbers of the source alone: integrals of products of sinusoids; no estimator. */
import type { Component, SourceSpec } from '../front-end/source.ts';

/** RMS of a channel over long times. */
export function referenceRms(components: readonly Component[]): number {
  return Math.sqrt(components.reduce((sum, { rms }) => sum + rms ** 2, 0));
}

/** Mean active power of one pair of channels, W: orders that meet. */
export function referencePowerW(voltage: readonly Component[], current: readonly Component[]): number {
  let sum = 0;
  for (const u of voltage) {
    for (const i of current)
      if (u.order === i.order) sum += u.rms * i.rms * Math.cos(u.angleRad - i.angleRad);
  }
  return sum;
}

/** Fundamental reactive power of all phases, var (IEC 62053-24). */
export function referenceReactiveVar({ voltages, currents }: SourceSpec): number {
  let sum = 0;
  for (const [phase, voltage] of voltages.entries()) {
    const u = voltage.find(({ order }) => order === 1);
    const i = currents[phase]?.find(({ order }) => order === 1);
    if (u && i) sum += u.rms * i.rms * Math.sin(u.angleRad - i.angleRad);
  }
  return sum;
}

/** Energy of all phases between two times, J: the integral of u i, whatever part of a cycle the times cut. */
export function referenceEnergyJ(
  { voltages, currents, frequencyHz }: SourceSpec,
  fromS: number,
  toS: number,
): number {
  let sum = 0;
  for (const [phase, voltage] of voltages.entries()) {
    for (const u of voltage) {
      for (const i of currents[phase] ?? []) {
        const size = u.rms * i.rms;
        // 2 cos a cos b = cos(a - b) + cos(a + b)
        sum += size * cosineIntegral((u.order - i.order) * frequencyHz, u.angleRad - i.angleRad, fromS, toS);
        sum += size * cosineIntegral((u.order + i.order) * frequencyHz, u.angleRad + i.angleRad, fromS, toS);
      }
    }
  }
  return sum;
}

/** Integral of cos(2 pi f t + angle). */
function cosineIntegral(hz: number, angleRad: number, fromS: number, toS: number): number {
  if (hz === 0) return Math.cos(angleRad) * (toS - fromS);
  const w = 2 * Math.PI * hz;
  return (Math.sin(w * toS + angleRad) - Math.sin(w * fromS + angleRad)) / w;
}
