/** Which kernel an engine works with: WebAssembly where the runtime has vectors, else script. */
import { createFourierTransform } from './fourier-transform.ts';
import { ScriptKernel } from './script-kernel.ts';
import { createWasmKernel } from './wasm-kernel.ts';
import { isWasmHere } from './web-assembly.ts';
import type { KernelKind, KernelShape, WindowKernel } from './window-kernel.ts';

const built = new Map<string, WindowKernel>();
const mostKernels = 16;

/** The kernel of a shape; engines of one shape share it, as it keeps nothing from one window to the next. */
export function windowKernel(
  shape: KernelShape,
  kind: KernelKind = isWasmHere ? 'wasm' : 'script',
): WindowKernel {
  const { elements, cycles, cyclePoints, samples } = shape;
  const key = [kind, elements, cycles, cyclePoints, samples].join(' ');
  let kernel = built.get(key);
  if (!kernel) {
    if (built.size >= mostKernels) built.clear();
    const transform = createFourierTransform(cyclePoints);
    const tables = { transform, trigonometry: trigonometryOf(cycles * cyclePoints) };
    kernel = kind === 'wasm' ? createWasmKernel(shape, tables) : new ScriptKernel(shape, tables);
    built.set(key, kernel);
  }
  return kernel;
}

function trigonometryOf(points: number): Float64Array {
  const table = new Float64Array(2 * points);
  for (let m = 0; m < points; m++) {
    table[2 * m] = Math.cos((2 * Math.PI * m) / points);
    table[2 * m + 1] = Math.sin((2 * Math.PI * m) / points);
  }
  return table;
}
