/** The WebAssembly of the runtime as far as we use it, and whether it has vectors. */

/** Of the JavaScript interface of WebAssembly, what we use. */
interface WebAssemblyHost {
  validate(octets: Uint8Array<ArrayBuffer>): boolean;
  readonly Module: new (octets: Uint8Array<ArrayBuffer>) => object;
  readonly Memory: new (pages: { readonly initial: number; readonly maximum: number }) => WasmMemory;
  readonly Instance: new (
    module: object,
    imports: { readonly env: { readonly memory: WasmMemory } },
  ) => { readonly exports: object };
}

/** A memory of a module. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

const host = (globalThis as { readonly WebAssembly?: WebAssemblyHost }).WebAssembly;

/** A module of one function that puts a number into a vector and drops it. */
const vectorProbe = Uint8Array.from([
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0],
  ...[10, 9, 1, 7, 0, 65, 0, 253, 17, 26, 11],
]);

/** Whether this runtime runs modules with vectors. */
export const isWasmHere = host?.validate(vectorProbe) ?? false;

/** Runs a module in a memory of so many pages of 64 KiB. */
export function instantiate(
  octets: Uint8Array<ArrayBuffer>,
  pages: number,
): { readonly memory: WasmMemory; readonly exports: object } {
  if (!host) throw new Error('this runtime has no WebAssembly');
  const memory = new host.Memory({ initial: pages, maximum: pages });
  const { exports } = new host.Instance(new host.Module(octets), { env: { memory } });
  return { memory, exports };
}
