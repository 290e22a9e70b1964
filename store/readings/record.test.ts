/** The log record: what is written is read back, and its first columns are the frame's words. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { decodeBatch, encodeBatch, type StoredBatch } from './record.ts';

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const plain = { noNullPrototype: true } as const;
const instant = fc.integer({ min: 0, max: 2 ** 45 });
const block = fc
  .array(fc.tuple(fc.maxSafeInteger(), fc.integer({ min: 0, max: 511 })), { maxLength: 200 })
  .chain((slots) =>
    fc.record(
      {
        channel: uint32,
        start: uint32,
        intervalSeconds: fc.constantFrom(0, 60, 900, 1800, 3600),
        method: fc.constantFrom('', 'linear', 'like-day', 'a method with a rather long name'),
        liesOver: fc.boolean(),
        value: fc.constant(Float64Array.from(slots, ([value]) => value)),
        quality: fc.constant(Uint16Array.from(slots, ([, flags]) => flags)),
      },
      plain,
    ),
  );
const verdict = fc.record(
  {
    channel: uint32,
    start: uint32,
    rule: fc.constantFrom('missing', 'sum-check'),
    hasFailed: fc.boolean(),
    detail: fc.string({ unit: 'grapheme', maxLength: 300 }),
  },
  plain,
);
const batch: fc.Arbitrary<StoredBatch> = fc.record(
  {
    batch: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    knownMs: instant,
    receivedMs: instant,
    id: fc.string({ unit: 'grapheme' }),
    origin: fc.record(
      { source: fc.constantFrom('dlms', 'estimate'), reference: fc.string({ unit: 'grapheme' }) },
      plain,
    ),
    blocks: fc.array(block, { maxLength: 5 }),
    verdicts: fc.array(verdict, { maxLength: 5 }),
  },
  plain,
);

test('a batch is read back from its record as it was written', () => {
  fc.assert(fc.property(batch, (written) => assert.deepEqual(decodeBatch(encodeBatch(written)), written)));
});
