/** Two kernels, one answer: what the script says the WebAssembly says, to the last bit. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { balancedSource, type SourceSpec } from '../front-end/source.ts';
import { runEngine } from './engine-fixture.ts';
import type { Wiring } from './engine-options.ts';
import { windowKernel } from './kernel-choice.ts';
import type { MetrologyEngine } from './metrology-engine.ts';
import { assembleModule } from './wasm-assembler.ts';
import { isWasmHere } from './web-assembly.ts';

const distortion = [
  { order: 3, share: 0.1, angleRad: 0.3 },
  { order: 11, share: 0.04, angleRad: 2 },
];
const sourceOf = (phases: 1 | 3, frequencyHz: number): SourceSpec => ({
  ...balancedSource({
    ...{ frequencyHz, voltageV: 230, currentA: 5, lagRad: 0.9, phases },
    voltageHarmonics: distortion,
    currentHarmonics: distortion,
  }),
  disturbances: [{ startS: 0.7, endS: 0.9, factor: 0.6, phases: [0] }],
});
const wirings: readonly { readonly wiring: Wiring; readonly elements: number }[] = [
  { wiring: 'one-phase', elements: 1 },
  { wiring: 'three-phase three-wire', elements: 2 },
  { wiring: 'three-phase four-wire', elements: 3 },
];
const counted = ({ net }: MetrologyEngine) =>
  [net.deliveredActive, net.receivedActive, ...net.reactive, net.deliveredApparent].map((counter) =>
    counter.total(),
  );

describe('window kernels', () => {
  test('this runtime has WebAssembly with vectors, and the engine takes it', () => {
    assert.equal(isWasmHere, true);
    const { engine } = runEngine({ source: sourceOf(1, 50), seconds: 0.1 });
    assert.equal(engine.kernelKind, 'wasm');
  });
  for (const { wiring, elements } of wirings) {
    for (const [sampleRateHz, frequencyHz, nominalHz] of [
      [4000, 50.3, 50],
      [8000, 43.1, 50],
      [16_000, 61.7, 60],
    ] as const) {
      test(`${wiring} at ${sampleRateHz} Hz: windows, counters and events are equal to the last bit`, () => {
        const full = sourceOf(3, frequencyHz);
        const source = {
          ...full,
          voltages: full.voltages.slice(0, elements),
          currents: full.currents.slice(0, elements),
        };
        const [script, wasm] = (['script', 'wasm'] as const).map((kernel) =>
          runEngine({
            ...{ source, wiring, sampleRateHz, nominalHz, kernel, seconds: 2, clockS: 598.6 },
            frontEnd: { noiseDb: 80, dcShare: 1e-3 },
          }),
        );
        assert.ok(script && wasm && script.readings.length > 5 && script.events.length > 0);
        assert.deepEqual(wasm.readings, script.readings);
        assert.deepEqual(wasm.events, script.events);
        assert.deepEqual(counted(wasm.engine), counted(script.engine));
      });
    }
  }
  test('sums over any samples are the sums of whole numbers, in both kernels', () => {
    const code = fc.integer({ min: -(2 ** 23), max: 2 ** 23 - 1 });
    const shape = { elements: 1, cycles: 2, cyclePoints: 4, samples: 400 };
    fc.assert(
      fc.property(
        fc.array(fc.tuple(code, code), { minLength: 1, maxLength: 400 }),
        fc.nat(399),
        (all, cut) => {
          const voltage = Int32Array.from(all, ([u]) => u);
          const current = Int32Array.from(all, ([, i]) => i);
          const from = cut % all.length;
          const exact = (term: (n: number) => bigint) =>
            Number(all.slice(from).reduce((sum, _, n) => sum + term(from + n), 0n));
          const at = (codes: Int32Array, n: number) => BigInt(codes[n] as number);
          for (const kind of ['script', 'wasm'] as const) {
            const kernel = windowKernel(shape, kind);
            kernel.load([{ voltage, current }], 0, all.length);
            const sums = [
              kernel.sumOfProducts(0, 'current', from, all.length),
              kernel.sumOfProducts(0, 'voltage', from, all.length),
              kernel.sumOfCodes(0, 'current', from, all.length),
            ];
            assert.deepEqual(sums, [
              exact((n) => at(voltage, n) * at(current, n)),
              exact((n) => at(voltage, n) ** 2n),
              exact((n) => at(current, n)),
            ]);
          }
        },
      ),
    );
  });
});

describe('the assembler', () => {
  const assemble = (body: string) => assembleModule(`(func $f (param $a i32) (result i32) ${body})`, 1);
  test('writes a module that the runtime takes', () => {
    const { WebAssembly } = globalThis as unknown as { WebAssembly: { validate(o: Uint8Array): boolean } };
    assert.ok(WebAssembly.validate(assemble('(i32.add (local.get $a) (i32.const -129))')));
    assert.equal(WebAssembly.validate(assemble('(f64.const 1)')), false);
  });
  test('refuses what it does not know: instructions, locals, labels, open brackets, a name given twice', () => {
    assert.throws(() => assemble('(i32.popcnt (local.get $a))'), /no instruction i32.popcnt/);
    assert.throws(() => assemble('(local.get $b)'), /no local \$b/);
    assert.throws(() => assemble('(br_if $out (local.get $a))'), /no label \$out/);
    assert.throws(() => assembleModule('(func $f', 1), /left open/);
    assert.throws(() => assemble('(local $a i32) (local.get $a)'), /twice/);
  });
});
