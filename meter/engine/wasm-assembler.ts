/**
 * An assembler for the part of the WebAssembly text format that our kernels use: folded instructions, one memory, exported functions
 * (WebAssembly Core 2.0, chapters 5 and 6). So the module is readable text here, and no compiler is needed to install.
 */
import assert from 'node:assert/strict';

/** What follows an opcode. */
type Immediate = 'none' | 'local' | 'label' | 'i32' | 'f64' | 'lane' | 'lanes' | 'i64x2' | 'memory';

interface Instruction {
  readonly opcode: readonly number[];
  readonly immediate: Immediate;
  /** Logarithm of the natural alignment of a memory instruction. */
  readonly align: number;
}

const plain = (...opcode: number[]): Instruction => ({ opcode, immediate: 'none', align: 0 });
const withImmediate = (immediate: Immediate, ...opcode: number[]) => ({ opcode, immediate, align: 0 });
const memory = (align: number, ...opcode: number[]): Instruction => ({ opcode, immediate: 'memory', align });

/** The instructions by name; add one by its row in chapter 5.4. */
const instructions: Readonly<Record<string, Instruction>> = {
  br_if: withImmediate('label', 0x0d),
  'local.get': withImmediate('local', 0x20),
  'local.set': withImmediate('local', 0x21),
  'local.tee': withImmediate('local', 0x22),
  'i32.load': memory(2, 0x28),
  'i32.const': withImmediate('i32', 0x41),
  'f64.const': withImmediate('f64', 0x44),
  'i32.lt_u': plain(0x49),
  'i32.ge_u': plain(0x4f),
  'i32.add': plain(0x6a),
  'i32.sub': plain(0x6b),
  'i32.mul': plain(0x6c),
  'i32.and': plain(0x71),
  'i32.shl': plain(0x74),
  'i64.add': plain(0x7c),
  'i64.mul': plain(0x7e),
  'f64.floor': plain(0x9c),
  'f64.add': plain(0xa0),
  'f64.sub': plain(0xa1),
  'f64.mul': plain(0xa2),
  'i32.trunc_f64_s': plain(0xaa),
  'i64.extend_i32_s': plain(0xac),
  'f64.convert_i32_s': plain(0xb7),
  'f64.convert_i64_s': plain(0xb9),
  'v128.load': memory(4, 0xfd, 0x00),
  'v128.load64_splat': memory(3, 0xfd, 0x0a),
  'v128.store': memory(4, 0xfd, 0x0b),
  'v128.const': withImmediate('i64x2', 0xfd, 0x0c),
  'i8x16.shuffle': withImmediate('lanes', 0xfd, 0x0d),
  'f64x2.splat': plain(0xfd, 0x14),
  'i64x2.extract_lane': withImmediate('lane', 0xfd, 0x1d),
  'v128.xor': plain(0xfd, 0x51),
  'v128.load64_zero': memory(3, 0xfd, 0x5d),
  'i64x2.extend_low_i32x4_s': plain(0xfd, 0xc7, 0x01),
  'i64x2.extend_high_i32x4_s': plain(0xfd, 0xc8, 0x01),
  'i64x2.add': plain(0xfd, 0xce, 0x01),
  'i64x2.extmul_low_i32x4_s': plain(0xfd, 0xdc, 0x01),
  'i64x2.extmul_high_i32x4_s': plain(0xfd, 0xdd, 0x01),
  'f64x2.add': plain(0xfd, 0xf0, 0x01),
  'f64x2.sub': plain(0xfd, 0xf1, 0x01),
  'f64x2.mul': plain(0xfd, 0xf2, 0x01),
  'f64x2.convert_low_i32x4_s': plain(0xfd, 0xfe, 0x01),
};

const valueTypes: Readonly<Record<string, number>> = { i32: 0x7f, i64: 0x7e, f64: 0x7c, v128: 0x7b };
const emptyBlock = 0x40;
const end = 0x0b;

/** A list of the text format: words and lists. */
type Expression = string | readonly Expression[];

/** Octets of a module; the text holds functions alone, the memory is imported as `env.memory`. */
export function assembleModule(text: string, memoryPages: number): Uint8Array<ArrayBuffer> {
  const functions = parseLists(text).map(assembleFunction);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(functions.map(({ type }) => type))),
    ...section(2, vector([[...name('env'), ...name('memory'), 0x02, 0x00, ...unsigned(memoryPages)]])),
    ...section(3, vector(functions.map((_, index) => unsigned(index)))),
    ...section(7, vector(functions.map((one, index) => [...name(one.name), 0x00, ...unsigned(index)]))),
    ...section(10, vector(functions.map(({ code }) => [...unsigned(code.length), ...code]))),
  ]);
}

function parseLists(text: string): readonly Expression[][] {
  const root: Expression[][] = [];
  const open: Expression[][] = [];
  for (const [token] of text.replaceAll(/;;.*/g, '').matchAll(/[()]|[^\s()]+/g)) {
    if (token === '(') open.push([]);
    else if (token === ')') {
      const list = open.pop();
      assert(list, 'a bracket closes what was never opened');
      (open.at(-1) ?? root).push(list);
    } else open.at(-1)?.push(token);
  }
  assert(open.length === 0, 'a bracket is left open');
  return root;
}

/** A function while it is assembled. */
interface Scope {
  readonly locals: ReadonlyMap<string, number>;
  readonly labels: string[];
}

function assembleFunction([keyword, title, ...parts]: readonly Expression[]) {
  assert(keyword === 'func' && typeof title === 'string', 'a module is a list of functions');
  const declared = (kind: string) =>
    parts.filter((part): part is readonly string[] => Array.isArray(part) && part[0] === kind);
  const params = declared('param');
  const results = declared('result');
  const locals = declared('local');
  const names = [...params, ...locals].map(([, local]) => local as string);
  assert(new Set(names).size === names.length, `${title} names a local twice`);
  const scope = { locals: new Map(names.map((local, index) => [local, index])), labels: [] };
  const body = parts.filter((part) => !['param', 'result', 'local'].includes(part[0] as string));
  const typeOf = (type: string | undefined) => [valueTypes[type ?? ''] as number];
  return {
    name: title.slice(1),
    type: [
      0x60,
      ...vector(params.map(([, , type]) => typeOf(type))),
      ...vector(results.map(([, type]) => typeOf(type))),
    ],
    code: [
      ...vector(locals.map(([, , type]) => [1, ...typeOf(type)])),
      ...body.flatMap((part) => assemble(part, scope)),
      end,
    ],
  };
}

/** Operands first, then the instruction. */
function assemble(expression: Expression, scope: Scope): number[] {
  assert(Array.isArray(expression), `expected an instruction in brackets, found ${String(expression)}`);
  const [keyword, ...rest] = expression as unknown as readonly [string, ...Expression[]];
  if (keyword === 'loop') {
    const [label, ...body] = rest as unknown as readonly [string, ...Expression[]];
    scope.labels.push(label);
    const inner = body.flatMap((part) => assemble(part, scope));
    scope.labels.pop();
    return [0x03, emptyBlock, ...inner, end];
  }
  const instruction = instructions[keyword];
  assert(instruction, `there is no instruction ${keyword} here`);
  const words = rest.filter((part): part is string => typeof part === 'string');
  const operands = rest.filter((part) => typeof part !== 'string');
  return [
    ...operands.flatMap((part) => assemble(part, scope)),
    ...instruction.opcode,
    ...immediateOf(instruction, words, scope),
  ];
}

function immediateOf({ immediate, align }: Instruction, words: readonly string[], scope: Scope): number[] {
  const [word = ''] = words;
  switch (immediate) {
    case 'none':
      return [];
    case 'local': {
      const index = scope.locals.get(word);
      assert(index !== undefined, `there is no local ${word}`);
      return unsigned(index);
    }
    case 'label': {
      const depth = scope.labels.toReversed().indexOf(word);
      assert(depth >= 0, `there is no label ${word}`);
      return unsigned(depth);
    }
    case 'i32':
      return signed(Number(word));
    case 'f64':
      return octetsOf((view) => view.setFloat64(0, Number(word), true), 8);
    case 'lane':
      return [Number(word)];
    case 'lanes':
      return words.map(Number);
    case 'i64x2':
      return words.flatMap((half) => octetsOf((view) => view.setBigUint64(0, BigInt(half), true), 8));
    case 'memory':
      return [...unsigned(align), ...unsigned(Number(word.replace('offset=', '') || 0))];
  }
}

function octetsOf(write: (view: DataView) => void, length: number): number[] {
  const octets = new Uint8Array(length);
  write(new DataView(octets.buffer));
  return [...octets];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function name(text: string): number[] {
  return vector([...new TextEncoder().encode(text)].map((octet) => [octet]));
}

/** LEB128 of a whole number from 0. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...unsigned(Math.floor(value / 0x80))];
}

/** LEB128 of a whole number of 32 bits with its sign. */
function signed(value: number): number[] {
  const rest = value >> 7;
  const isLast = (rest === 0 && (value & 0x40) === 0) || (rest === -1 && (value & 0x40) !== 0);
  return isLast ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(rest)];
}
