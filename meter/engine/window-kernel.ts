/**
 * The work on every sample of a window, apart from what is done once a window: resampling, folding, transforms, exact sums. Two
 * implementations with the same operations in the same order, so that their answers are equal to the last bit.
 */
import type { FourierTransform } from './fourier-transform.ts';

/** What a kernel is built for. */
export interface KernelShape {
  /** Pairs of voltage and current, 1 to 3. */
  readonly elements: number;
  readonly cycles: number;
  /** Points of a cycle, a power of two. */
  readonly cyclePoints: number;
  /** Most samples of a window with what its ends need. */
  readonly samples: number;
}

/** Codes of one element, at most 24 bits. */
export interface ElementSamples {
  readonly voltage: Int32Array;
  readonly current: Int32Array;
}

/** Places are those of the element's buffers. */
export interface WindowKernel {
  readonly kind: KernelKind;
  /** By element: sums of u u, i i, u i, i u over the points of the grid. */
  readonly sums: Float64Array;
  /** By element: the folded window as pairs (re, im) of z = u + j i in spectrum: as it is, of the line above, of the line below. */
  readonly folds: readonly (readonly [Float64Array, Float64Array, Float64Array])[];
  /** Takes the samples [from, to) of all elements; what follows is about them until the next load. */
  load(elements: readonly ElementSamples[], from: number, to: number): void;
  /** Resamples to a grid from `first`, `step` samples apart, over the window; `sums` and `folds` hold the answer. */
  analyse(first: number, step: number): void;
  /** Exact sum over samples [from, to) of u i or u u, rounded once to a double. */
  sumOfProducts(element: number, by: 'current' | 'voltage', from: number, to: number): number;
  /** Exact sum of the codes of a channel over [from, to). */
  sumOfCodes(element: number, channel: keyof ElementSamples, from: number, to: number): number;
}

/** How the kernel runs: as script, or as WebAssembly with vectors of two doubles. */
export type KernelKind = 'script' | 'wasm';

/** Tables of a kernel. */
export interface KernelTables {
  readonly transform: FourierTransform;
  /** Cosine and sine of a line below the first harmonic, by point of the window. */
  readonly trigonometry: Float64Array;
}
