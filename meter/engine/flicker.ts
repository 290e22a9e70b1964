/** The flickermeter (IEC 61000-4-15 ed. 2): blocks 1 to 5 from voltage samples to Pinst, Pst and Plt. */
import { butterworthLowPass, SectionChain } from './recursive-filter.ts';

/** Lamps of the standard: their weighting and the point that makes Pinst 1 (8.8 Hz, relative change of table 1). */
export const flickerLamps = {
  '230 V': {
    k: 1.74802,
    lambdaHz: 4.05981,
    hz: [9.15494, 2.27979, 1.22535, 21.9],
    unitDepth: 0.0025,
  },
  '120 V': {
    k: 1.6357,
    lambdaHz: 4.167375,
    hz: [9.077169, 2.939902, 1.394468, 17.31512],
    unitDepth: 0.00321,
  },
} as const;

/** A lamp by its voltage. */
export type FlickerLamp = keyof typeof flickerLamps;

/** How a flickermeter is built. */
export interface FlickerOptions {
  readonly sampleRateHz: number;
  readonly nominalHz: 50 | 60;
  readonly lamp: FlickerLamp;
  /** Time of settling before the first interval, s; default 120, as block 1 adapts with a time constant of 27.3 s. */
  readonly settleS?: number;
  /** Length of an interval, s; default 600. */
  readonly intervalS?: number;
  readonly onShortTerm?: (pst: number, endS: number) => void;
}

const innerRateHz = 4000;
const unitHz = 8.8;
const highPassHz = 0.05;
/** Time constants: block 1 adapts with a rise of one minute, block 4 smooths. */
const adaptS = 27.3;
const smoothS = 0.3;
const binsPerOctave = 512;
const lowestOctave = -20;
const octaves = 36;
/** Pinst is put into classes at this share of the inner rate. */
const classifyEvery = 8;

/** One voltage channel. */
export class Flickermeter {
  /** Instantaneous flicker sensation now, and its largest value since the last interval began. */
  pinst = 0;
  pinstMax = 0;
  readonly #options: FlickerOptions;
  readonly #every: number;
  readonly #chain: SectionChain;
  readonly #adapt: number;
  readonly #smooth: number;
  readonly #scale: number;
  readonly #classes = new Float64Array(binsPerOctave * octaves);
  readonly #startAfter: number;
  readonly #intervalLength: number;
  #sum = 0;
  #inSum = 0;
  #steps = 0;
  #mean = 0;
  #classified = 0;

  constructor(options: FlickerOptions) {
    const { sampleRateHz, nominalHz, lamp, settleS = 120, intervalS = 600 } = options;
    this.#options = options;
    this.#every = Math.max(1, Math.round(sampleRateHz / innerRateHz));
    const rateHz = sampleRateHz / this.#every;
    const { k, lambdaHz, hz, unitDepth } = flickerLamps[lamp];
    const [w1, w2, w3, w4] = hz.map((f) => 2 * Math.PI * f) as [number, number, number, number];
    const lambda = 2 * Math.PI * lambdaHz;
    this.#chain = new SectionChain(
      [
        { numerator: [0, 1, 0], denominator: [2 * Math.PI * highPassHz, 1, 0] },
        ...butterworthLowPass(6, nominalHz === 50 ? 35 : 42),
        { numerator: [0, k * w1, 0], denominator: [w1 * w1, 2 * lambda, 1] },
        { numerator: [1, 1 / w2, 0], denominator: [1, 1 / w3 + 1 / w4, 1 / (w3 * w4)] },
      ],
      rateHz,
      unitHz,
    );
    this.#adapt = 1 - Math.exp(-1 / (adaptS * rateHz));
    this.#smooth = 1 - Math.exp(-1 / (smoothS * rateHz));
    const ripple = 1 / Math.hypot(1, 2 * Math.PI * 2 * unitHz * smoothS);
    this.#scale = 2 / ((unitDepth * this.#chain.gainAt(unitHz)) ** 2 * (1 + ripple));
    this.#startAfter = Math.round(settleS * rateHz);
    this.#intervalLength = Math.floor((intervalS * rateHz) / classifyEvery);
  }

  /** Takes the samples x[from..to) in any unit. */
  push(x: Float64Array | Int32Array, from: number, to: number): void {
    for (let n = from; n < to; n++) {
      const value = x[n] as number;
      this.#sum += value * value;
      if (++this.#inSum < this.#every) continue;
      this.#step(this.#sum / this.#every);
      this.#sum = 0;
      this.#inSum = 0;
    }
  }

  #step(square: number): void {
    const steps = ++this.#steps;
    // The first second is only averaged, so that the filters start near their rest.
    if (steps <= innerRateHz) {
      this.#mean += (square - this.#mean) / steps;
      return;
    }
    this.#mean += this.#adapt * (square - this.#mean);
    if (this.#mean <= 0) return;
    const sensed = this.#chain.step(square / this.#mean - 1);
    this.pinst += this.#smooth * (sensed * sensed * this.#scale - this.pinst);
    if (steps < this.#startAfter) return;
    if (this.pinst > this.pinstMax) this.pinstMax = this.pinst;
    if (steps % classifyEvery === 0) this.#classify();
  }

  #classify(): void {
    const place = Math.floor((Math.log2(Math.max(this.pinst, 1e-12)) - lowestOctave) * binsPerOctave);
    const bin = Math.max(0, Math.min(this.#classes.length - 1, place));
    this.#classes[bin] = (this.#classes[bin] as number) + 1;
    if (++this.#classified < this.#intervalLength) return;
    const { sampleRateHz, onShortTerm } = this.#options;
    onShortTerm?.(this.shortTerm(), (this.#steps * this.#every) / sampleRateHz);
    this.#classes.fill(0);
    this.#classified = 0;
    this.pinstMax = 0;
  }

  /** Pst of what is in the classes now (block 5, smoothed percentiles). */
  shortTerm(): number {
    const level = (percents: readonly number[]) =>
      percents.reduce((sum, percent) => sum + this.#levelExceeded(percent), 0) / percents.length;
    return Math.sqrt(
      0.0314 * level([0.1]) +
        0.0525 * level([0.7, 1, 1.5]) +
        0.0657 * level([2.2, 3, 4]) +
        0.28 * level([6, 8, 10, 13, 17]) +
        0.08 * level([30, 50, 80]),
    );
  }

  #levelExceeded(percent: number): number {
    const wanted = (this.#classified * percent) / 100;
    let above = 0;
    for (let bin = this.#classes.length - 1; bin >= 0; bin--) {
      const held = this.#classes[bin] as number;
      if (above + held >= wanted && held > 0) {
        const share = (above + held - wanted) / held;
        return 2 ** (lowestOctave + (bin + share) / binsPerOctave);
      }
      above += held;
    }
    return 0;
  }
}

/** Long-term flicker: the cubic mean of twelve Pst. */
export function longTermFlicker(shortTerms: readonly number[]): number {
  return Math.cbrt(shortTerms.reduce((sum, pst) => sum + pst ** 3, 0) / shortTerms.length);
}
