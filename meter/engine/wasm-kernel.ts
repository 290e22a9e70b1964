/** The window kernel as WebAssembly: the module of `window-kernel-text.ts` in a memory of its own, laid out here. */
import assert from 'node:assert/strict';
import { firstStageSize } from './fourier-transform.ts';
import { resamplingWeights } from './resampler.ts';
import { assembleModule } from './wasm-assembler.ts';
import { instantiate, type WasmMemory } from './web-assembly.ts';
import type { ElementSamples, KernelShape, KernelTables, WindowKernel } from './window-kernel.ts';
import { twiddleOctets, windowKernelText } from './window-kernel-text.ts';

/** What the module exports; arguments are octets in the memory and counts. */
interface KernelFunctions {
  interleave(x: number, y: number, z: number, count: number): void;
  resample(first: number, step: number, count: number, table: number, z: number, out: number): void;
  fold(z: number, trig: number, order: number, cycles: number, out: number, sums: number): void;
  pairs(z: number, end: number): void;
  stage(z: number, end: number, size: number, twiddles: number): void;
  products(x: number, y: number, count: number): number;
  codes(x: number, count: number): number;
}

const vectorOctets = 16;
const pageOctets = 65_536;
/** Below this many codes the sums of vectors do not pay; the module takes four at least. */
const leastCodes = 4;

/** Builds the module for a shape. */
export function createWasmKernel(shape: KernelShape, tables: KernelTables): WindowKernel {
  const { elements, cycles, cyclePoints } = shape;
  const samples = Math.ceil(shape.samples / 4) * 4 + 4;
  const layout = layOut(shape, samples, tables);
  const pages = Math.ceil(layout.end / pageOctets);
  const text = windowKernelText({
    elements,
    gridStride: cycles * cyclePoints * vectorOctets,
    cyclePoints,
  });
  const { memory, exports } = instantiate(assembleModule(text, pages), pages);
  new Float64Array(memory.buffer, layout.table).set(resamplingWeights);
  new Float64Array(memory.buffer, layout.trigonometry).set(tables.trigonometry);
  new Float64Array(memory.buffer, layout.twiddles).set(tables.transform.twiddles);
  new Int32Array(memory.buffer, layout.order).set(tables.transform.order.map((n) => n * vectorOctets));
  return new WasmKernel(shape, { samples, layout, memory, functions: exports as unknown as KernelFunctions });
}

type Layout = ReturnType<typeof layOut>;

/** Places in the memory, octets. */
function layOut({ elements, cycles, cyclePoints }: KernelShape, samples: number, tables: KernelTables) {
  let end = 0;
  const take = (octets: number) => {
    const at = end;
    end += Math.ceil(octets / 64) * 64;
    return at;
  };
  return {
    codes: take(2 * elements * samples * 4),
    pairs: take(elements * samples * vectorOctets),
    grid: take(elements * cycles * cyclePoints * vectorOctets),
    folds: take(elements * 3 * cyclePoints * vectorOctets),
    sums: take(elements * 2 * vectorOctets),
    table: take(resamplingWeights.byteLength),
    trigonometry: take(tables.trigonometry.byteLength),
    twiddles: take(tables.transform.twiddles.byteLength),
    order: take(cyclePoints * 4),
    end,
  };
}

interface Built {
  readonly samples: number;
  readonly layout: Layout;
  readonly memory: WasmMemory;
  readonly functions: KernelFunctions;
}

class WasmKernel implements WindowKernel {
  readonly kind = 'wasm';
  readonly sums: Float64Array;
  readonly folds: readonly (readonly [Float64Array, Float64Array, Float64Array])[];
  readonly #shape: KernelShape;
  readonly #built: Built;
  readonly #codes: Int32Array;
  #base = 0;

  constructor(shape: KernelShape, built: Built) {
    const { elements, cyclePoints } = shape;
    const { memory, layout, samples } = built;
    this.#shape = shape;
    this.#built = built;
    this.#codes = new Int32Array(memory.buffer, layout.codes, 2 * elements * samples);
    this.sums = new Float64Array(memory.buffer, layout.sums, 4 * elements);
    const fold = (element: number, index: number) => {
      const at = layout.folds + (3 * element + index) * cyclePoints * vectorOctets;
      return new Float64Array(memory.buffer, at, 2 * cyclePoints);
    };
    this.folds = Array.from({ length: elements }, (_, e) => [fold(e, 0), fold(e, 1), fold(e, 2)] as const);
  }

  load(elements: readonly ElementSamples[], from: number, to: number): void {
    assert(to - from <= this.#shape.samples, 'the window is longer than its kernel');
    const { samples, layout, functions } = this.#built;
    const even = (to - from + 1) & ~1;
    for (const [element, { voltage, current }] of elements.entries()) {
      this.#codes.set(voltage.subarray(from, to), 2 * element * samples);
      this.#codes.set(current.subarray(from, to), (2 * element + 1) * samples);
      const pairs = layout.pairs + element * vectorOctets;
      functions.interleave(
        this.#place(element, 'voltage', from, from),
        this.#place(element, 'current', from, from),
        pairs,
        even,
      );
    }
    this.#base = from;
  }

  analyse(first: number, step: number): void {
    const { elements, cycles, cyclePoints } = this.#shape;
    const { layout, functions } = this.#built;
    const points = cycles * cyclePoints;
    functions.resample(first - this.#base, step, points, layout.table, layout.pairs, layout.grid);
    const foldOctets = cyclePoints * vectorOctets;
    for (let element = 0; element < elements; element++) {
      const folds = layout.folds + 3 * element * foldOctets;
      const grid = layout.grid + element * points * vectorOctets;
      const sums = layout.sums + 2 * element * vectorOctets;
      functions.fold(grid, layout.trigonometry, layout.order, cycles, folds, sums);
      for (let fold = 0; fold < 3; fold++) this.#transform(folds + fold * foldOctets);
    }
  }

  #transform(z: number): void {
    const { cyclePoints } = this.#shape;
    const { layout, functions } = this.#built;
    const end = z + cyclePoints * vectorOctets;
    const firstSize = firstStageSize(cyclePoints);
    if (firstSize === 2) functions.pairs(z, end);
    let twiddles = layout.twiddles;
    for (let size: number = firstSize; size < cyclePoints; size *= 4) {
      functions.stage(z, end, size * vectorOctets, twiddles);
      twiddles += size * twiddleOctets;
    }
  }

  sumOfProducts(element: number, by: 'current' | 'voltage', from: number, to: number): number {
    const x = this.#place(element, 'voltage', from, this.#base);
    const y = this.#place(element, by, from, this.#base);
    if (to - from >= leastCodes) return this.#built.functions.products(x, y, to - from);
    let sum = 0;
    for (let n = 0; n < to - from; n++) {
      sum += (this.#codes[x / 4 + n] as number) * (this.#codes[y / 4 + n] as number);
    }
    return sum;
  }

  sumOfCodes(element: number, channel: keyof ElementSamples, from: number, to: number): number {
    const x = this.#place(element, channel, from, this.#base);
    if (to - from >= leastCodes) return this.#built.functions.codes(x, to - from);
    let sum = 0;
    for (let n = 0; n < to - from; n++) sum += this.#codes[x / 4 + n] as number;
    return sum;
  }

  /** Octet of the code of a channel at a place, when the first one loaded has the place `base`. The codes start at octet 0. */
  #place(element: number, channel: keyof ElementSamples, at: number, base: number): number {
    const row = 2 * element + (channel === 'voltage' ? 0 : 1);
    return 4 * (row * this.#built.samples + at - base);
  }
}
