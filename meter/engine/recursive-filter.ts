/** Second-order recursive filters out of analogue prototypes by the bilinear transform, exact at one frequency. */

/** An analogue section (n0 + n1 s + n2 s^2) / (d0 + d1 s + d2 s^2). */
export interface AnalogueSection {
  readonly numerator: readonly [number, number, number];
  readonly denominator: readonly [number, number, number];
}

/** Sections in a row, all states in one array; feed with {@link SectionChain.step}. */
export class SectionChain {
  readonly #coefficients: Float64Array;
  readonly #state: Float64Array;
  readonly #count: number;
  readonly #rateHz: number;

  constructor(sections: readonly AnalogueSection[], rateHz: number, exactHz: number) {
    this.#count = sections.length;
    this.#rateHz = rateHz;
    this.#state = new Float64Array(2 * sections.length);
    const omega = 2 * Math.PI * exactHz;
    const k = omega / Math.tan(omega / (2 * rateHz));
    this.#coefficients = Float64Array.from(sections.flatMap((section) => digital(section, k)));
  }

  /** One sample through all sections. */
  step(sample: number): number {
    const c = this.#coefficients;
    const s = this.#state;
    let value = sample;
    for (let section = 0; section < this.#count; section++) {
      const at = section * 5;
      const y = (c[at] as number) * value + (s[2 * section] as number);
      s[2 * section] =
        (c[at + 1] as number) * value - (c[at + 3] as number) * y + (s[2 * section + 1] as number);
      s[2 * section + 1] = (c[at + 2] as number) * value - (c[at + 4] as number) * y;
      value = y;
    }
    return value;
  }

  /** Gain at a frequency. */
  gainAt(hz: number): number {
    const w = (2 * Math.PI * hz) / this.#rateHz;
    let gain = 1;
    for (let section = 0; section < this.#count; section++) {
      const [b0, b1, b2, a1, a2] = this.#coefficients.subarray(section * 5, section * 5 + 5) as unknown as [
        number,
        number,
        number,
        number,
        number,
      ];
      const above = Math.hypot(
        b0 + b1 * Math.cos(w) + b2 * Math.cos(2 * w),
        b1 * Math.sin(w) + b2 * Math.sin(2 * w),
      );
      const below = Math.hypot(
        1 + a1 * Math.cos(w) + a2 * Math.cos(2 * w),
        a1 * Math.sin(w) + a2 * Math.sin(2 * w),
      );
      gain *= above / below;
    }
    return gain;
  }
}

function digital({ numerator, denominator }: AnalogueSection, k: number): number[] {
  const [n0, n1, n2] = numerator;
  const [d0, d1, d2] = denominator;
  const a0 = d0 + d1 * k + d2 * k * k;
  return [
    (n0 + n1 * k + n2 * k * k) / a0,
    (2 * n0 - 2 * n2 * k * k) / a0,
    (n0 - n1 * k + n2 * k * k) / a0,
    (2 * d0 - 2 * d2 * k * k) / a0,
    (d0 - d1 * k + d2 * k * k) / a0,
  ];
}

/** A Butterworth low pass of even order. */
export function butterworthLowPass(order: number, cutoffHz: number): AnalogueSection[] {
  const w = 2 * Math.PI * cutoffHz;
  return Array.from({ length: order / 2 }, (_, index) => {
    const damping = 2 * Math.sin((Math.PI * (2 * index + 1)) / (2 * order));
    return { numerator: [w * w, 0, 0], denominator: [w * w, damping * w, 1] } as const;
  });
}
