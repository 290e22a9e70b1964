/** A synthesised source (IEC 62053-2x test conditions): sums of sinusoids per channel, sags, modulation, seeded noise added later. */
import assert from 'node:assert/strict';

/** One sinusoid of a channel: RMS value, angle of its cosine at t = 0, order as a multiple of the fundamental (a fraction is an interharmonic). */
export interface Component {
  readonly order: number;
  readonly rms: number;
  readonly angleRad: number;
}

/** Voltage flicker: u(t) times 1 + depth/2 m(t), where m is a sine or its sign; `depth` is the peak-to-peak relative change. */
export interface Modulation {
  readonly shape: 'sine' | 'square';
  readonly hz: number;
  readonly depth: number;
}

/** Between two times, s, the voltages of some phases (all when left out) are multiplied by a factor: a sag, a swell, an interruption. */
export interface Disturbance {
  readonly startS: number;
  readonly endS: number;
  readonly factor: number;
  readonly phases?: readonly number[];
}

/** What the mains does. Channels are lists of components; a three-wire connection has two elements (Uab, Ucb, Ia, Ic). */
export interface SourceSpec {
  readonly frequencyHz: number;
  readonly voltages: readonly (readonly Component[])[];
  readonly currents: readonly (readonly Component[])[];
  readonly neutral?: readonly Component[];
  readonly modulation?: Modulation;
  readonly disturbances?: readonly Disturbance[];
}

/** Sinusoids or distorted waves in the usual terms: RMS per phase, the same angle by which each current lags its voltage. */
export interface BalancedLoad {
  readonly frequencyHz: number;
  readonly voltageV: number;
  readonly currentA: number;
  /** Positive: inductive. */
  readonly lagRad: number;
  readonly phases: 1 | 3;
  /** Phases that carry current; all when left out. */
  readonly loaded?: readonly number[];
  /** Phases that have voltage; all when left out. */
  readonly supplied?: readonly number[];
  /** Orders with their share of the fundamental in U and I and their angle to it. */
  readonly voltageHarmonics?: readonly Harmonic[];
  readonly currentHarmonics?: readonly Harmonic[];
  /** Phases in the order 1-3-2. */
  readonly isReversed?: boolean;
}

/** A harmonic by its share of the fundamental. */
export interface Harmonic {
  readonly order: number;
  readonly share: number;
  readonly angleRad: number;
}

/** The source of a balanced load, four-wire; its neutral carries the sum of the phase currents. */
export function balancedSource(load: BalancedLoad): SourceSpec {
  const { voltageV, currentA, lagRad, phases, frequencyHz } = load;
  const turn = ((load.isReversed === true ? 1 : -1) * 2 * Math.PI) / 3;
  const wave = (rms: number, angleRad: number, phase: number, harmonics: readonly Harmonic[] = []) => [
    { order: 1, rms, angleRad: angleRad + phase * turn },
    ...harmonics.map(({ order, share, angleRad: own }) => ({
      order,
      rms: rms * share,
      angleRad: own + order * (angleRad + phase * turn),
    })),
  ];
  const numbers = Array.from({ length: phases }, (_, phase) => phase);
  const isSupplied = (phase: number) => load.supplied?.includes(phase) ?? true;
  const isLoaded = (phase: number) => load.loaded?.includes(phase) ?? true;
  return {
    frequencyHz,
    voltages: numbers.map((phase) => wave(isSupplied(phase) ? voltageV : 0, 0, phase, load.voltageHarmonics)),
    currents: numbers.map((phase) =>
      wave(isLoaded(phase) ? currentA : 0, -lagRad, phase, load.currentHarmonics),
    ),
  };
}

/** Three wires of a three-phase source: two elements, Uab with Ia and Ucb with Ic (Aron's connection); no current returns elsewhere. */
export function threeWireSource({ voltages, currents, ...rest }: SourceSpec): SourceSpec {
  const [a = [], b = [], c = []] = voltages;
  const negative = b.map((part) => ({ ...part, angleRad: part.angleRad + Math.PI }));
  return {
    ...rest,
    voltages: [neutralOf([a, negative]), neutralOf([c, negative])],
    currents: [currents[0] ?? [], currents[2] ?? []],
  };
}

/** The neutral current of phase currents: per order, the phasor sum. */
export function neutralOf(currents: readonly (readonly Component[])[]): Component[] {
  const sums = new Map<number, { re: number; im: number }>();
  for (const { order, rms, angleRad } of currents.flat()) {
    const sum = sums.get(order) ?? { re: 0, im: 0 };
    sums.set(order, { re: sum.re + rms * Math.cos(angleRad), im: sum.im + rms * Math.sin(angleRad) });
  }
  return [...sums].map(([order, { re, im }]) => ({
    order,
    rms: Math.hypot(re, im),
    angleRad: Math.atan2(im, re),
  }));
}

/** Where a block of samples lies. */
export interface BlockPosition {
  readonly firstSample: number;
  readonly count: number;
  readonly sampleRateHz: number;
}

/** Adds the components into `out[0..count)`; angles start anew each block, so that rotation does not drift. */
export function addComponents(
  out: Float64Array,
  components: readonly Component[],
  frequencyHz: number,
  { firstSample, count, sampleRateHz }: BlockPosition,
): void {
  assert(count <= out.length, 'the block is longer than its buffer');
  for (const { order, rms, angleRad } of components) {
    if (rms === 0) continue;
    const perSample = (order * frequencyHz) / sampleRateHz;
    const turns = perSample * firstSample;
    const startRad = 2 * Math.PI * (turns - Math.floor(turns)) + angleRad;
    const amplitude = rms * Math.SQRT2;
    const cosStep = Math.cos(2 * Math.PI * perSample);
    const sinStep = Math.sin(2 * Math.PI * perSample);
    let re = amplitude * Math.cos(startRad);
    let im = amplitude * Math.sin(startRad);
    for (let n = 0; n < count; n++) {
      out[n] = (out[n] as number) + re;
      const next = re * cosStep - im * sinStep;
      im = re * sinStep + im * cosStep;
      re = next;
    }
  }
}

/** Applies modulation and disturbances to the voltage of one phase. */
export function disturb(out: Float64Array, source: SourceSpec, phase: number, at: BlockPosition): void {
  const { modulation, disturbances } = source;
  if (modulation) {
    for (let n = 0; n < at.count; n++) {
      const wave = Math.sin((2 * Math.PI * modulation.hz * (at.firstSample + n)) / at.sampleRateHz);
      const m = modulation.shape === 'sine' ? wave : wave >= 0 ? 1 : -1;
      out[n] = (out[n] as number) * (1 + (modulation.depth / 2) * m);
    }
  }
  for (const { startS, endS, factor, phases } of disturbances ?? []) {
    if (phases && !phases.includes(phase)) continue;
    const from = Math.max(0, Math.ceil(startS * at.sampleRateHz) - at.firstSample);
    const to = Math.min(at.count, Math.ceil(endS * at.sampleRateHz) - at.firstSample);
    for (let n = from; n < to; n++) out[n] = (out[n] as number) * factor;
  }
}
