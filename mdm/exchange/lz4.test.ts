import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { unpackLz4, unpackLz4Raw } from './lz4.ts';

/** A length as a nibble and what does not fit it. */
function lengthOctets(length: number): { nibble: number; rest: number[] } {
  if (length < 15) return { nibble: length, rest: [] };
  const more = length - 15;
  return { nibble: 15, rest: [...Array<number>(Math.floor(more / 255)).fill(255), more % 255] };
}

/** One sequence, a run of the octet before it, and a last sequence without a copy. */
function blockOf(literals: readonly number[], run: number, last: readonly number[]): Uint8Array {
  const first = lengthOctets(literals.length);
  const copy = lengthOctets(run - 4);
  const end = lengthOctets(last.length);
  return Uint8Array.of(
    ...[(first.nibble << 4) | copy.nibble, ...first.rest, ...literals, 1, 0, ...copy.rest],
    ...[end.nibble << 4, ...end.rest, ...last],
  );
}

const octets = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 600 });
const blocks = fc.record({ literals: octets, run: fc.integer({ min: 4, max: 900 }), last: octets });
const plainOf = ({ literals, run, last }: { literals: number[]; run: number; last: number[] }) =>
  Uint8Array.of(...literals, ...Array<number>(run).fill(literals.at(-1) as number), ...last);

describe('an LZ4 block', () => {
  test('unpacks to what was packed, bare or behind the lengths of Hadoop', () => {
    fc.assert(
      fc.property(fc.array(blocks, { minLength: 1, maxLength: 3 }), (parts) => {
        const packed = parts.map(({ literals, run, last }) => blockOf(literals, run, last));
        const plain = parts.map(plainOf);
        packed.forEach((block, i) => {
          const length = (plain[i] as Uint8Array).length;
          assert.deepEqual(unpackLz4Raw(block, length), plain[i]);
        });
        const framed = Buffer.concat(
          packed.flatMap((block, i) => {
            const header = Buffer.alloc(8);
            header.writeUInt32BE((plain[i] as Uint8Array).length);
            header.writeUInt32BE(block.length, 4);
            return [header, block];
          }),
        );
        const whole = Buffer.concat(plain);
        assert.deepEqual(Buffer.from(unpackLz4(framed, whole.length)), whole);
      }),
      { numRuns: 50 },
    );
  });
  test('cut off anywhere, or of another length than the page says, is refused and never filled with zeros', () => {
    const literals = [1, 2, 3, 4, 5];
    const block = blockOf(literals, 20, [6, 7, 8, 9, 10]);
    const length = 30;
    assert.equal(unpackLz4Raw(block, length).length, length);
    for (let cut = 0; cut < block.length; cut++) {
      assert.throws(() => unpackLz4Raw(block.subarray(0, cut), length), RangeError, String(cut));
    }
    for (const other of [length - 1, length + 1, 2 ** 31]) {
      assert.throws(() => unpackLz4(block, other), RangeError);
    }
  });
});
