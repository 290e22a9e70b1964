/** The loads by which influences are tried (IEC 62053-2x, influence quantities; wave shapes of annexes A and B as Fourier series). */
import type { BalancedLoad, Harmonic } from '../front-end/source.ts';
import type { InfluenceQuantity } from './accuracy-classes.ts';

/** The same load under an influence; several when the influence has two ends. */
export function influencedLoads(quantity: InfluenceQuantity, load: BalancedLoad): BalancedLoad[] {
  const fifth = (share: number) => [{ order: 5, share, angleRad: 0 }];
  switch (quantity) {
    case 'voltage':
      return [0.9, 1.1].map((share) => ({ ...load, voltageV: load.voltageV * share }));
    case 'frequency':
      return [0.98, 1.02].map((share) => ({ ...load, frequencyHz: load.frequencyHz * share }));
    case 'reversed phase sequence':
      return [{ ...load, isReversed: true }];
    case 'voltage unbalance':
      return [
        { ...load, supplied: [0, 1] },
        { ...load, supplied: [0] },
      ];
    case 'harmonics in voltage and current':
      return [{ ...load, voltageHarmonics: fifth(0.1), currentHarmonics: fifth(0.4) }];
    case 'odd harmonics in current':
      return [firedLoad(load)];
    case 'DC and even harmonics in current':
      return [{ ...load, currentHarmonics: halfWaveParts() }];
    case 'sub-harmonics in current':
      return [{ ...load, currentHarmonics: burstParts() }];
    default:
      return [];
  }
}

/** Highest order of a series: what the converter of a meter at 8 kHz lets through. */
const highestOrder = 39;

/** A current of half waves, by its own fundamental: DC and the even orders. */
function halfWaveParts(): Harmonic[] {
  const parts: Harmonic[] = [{ order: 0, share: 2 / Math.PI, angleRad: 0 }];
  for (let k = 1; 2 * k <= highestOrder; k++) {
    const share = 4 / (Math.PI * (4 * k * k - 1));
    parts.push({ order: 2 * k, share, angleRad: k % 2 === 1 ? 0 : Math.PI });
  }
  return parts;
}

/** Two cycles on, two off: a cosine times a square wave of a quarter of its frequency, as parts of its own fundamental. */
function burstParts(): Harmonic[] {
  const parts: Harmonic[] = [];
  for (let k = 1; k / 4 + 1 <= highestOrder; k += 2) {
    const share = 2 / (Math.PI * k);
    parts.push({ order: k / 4 + 1, share, angleRad: -Math.PI / 2 });
    parts.push({ order: Math.abs(k / 4 - 1), share, angleRad: k > 4 ? -Math.PI / 2 : Math.PI / 2 });
  }
  return parts;
}

/** A current that is switched on at the crest of each half wave of the voltage; its fundamental is that of the load. */
function firedLoad(load: BalancedLoad): BalancedLoad {
  // Of sin(x) from a quarter to a half turn and again half a turn later, cosine and sine parts of order n.
  const part = (n: number) => {
    const below = n - 1;
    const above = n + 1;
    const half = Math.PI / 2;
    if (n === 1) return { cos: -1 / Math.PI, sin: 1 / 2 };
    const cosAt = (x: number) => Math.cos(below * x) / below - Math.cos(above * x) / above;
    const sinAt = (x: number) => Math.sin(below * x) / below - Math.sin(above * x) / above;
    return { cos: (cosAt(Math.PI) - cosAt(half)) / Math.PI, sin: (sinAt(Math.PI) - sinAt(half)) / Math.PI };
  };
  const fundamental = part(1);
  const size = Math.hypot(fundamental.cos, fundamental.sin);
  const lagRad = Math.atan2(fundamental.sin, fundamental.cos) - Math.PI / 2;
  const currentHarmonics: Harmonic[] = [];
  for (let order = 3; order <= highestOrder; order += 2) {
    const { cos, sin } = part(order);
    // x is a quarter turn ahead of the cosine that the voltage is.
    const angleRad = (order * Math.PI) / 2 - Math.atan2(sin, cos) + order * lagRad;
    currentHarmonics.push({ order, share: Math.hypot(cos, sin) / size, angleRad });
  }
  return { ...load, lagRad, currentHarmonics };
}
