/** Ranges of instants, checked instant by instant. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { alignRanges, splitRanges, subtractRanges, type TimeRange } from './time-ranges.ts';

const ranges = fc
  .uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 12 })
  .map((points) => points.sort((a, b) => a - b))
  .map((points): TimeRange[] => {
    const pairs: TimeRange[] = [];
    for (let i = 0; i + 1 < points.length; i += 2) {
      pairs.push({ startMs: points[i] as number, endMs: points[i + 1] as number });
    }
    return pairs;
  });

function has(list: readonly TimeRange[], at: number): boolean {
  return list.some(({ startMs, endMs }) => at >= startMs && at < endMs);
}

test('what is left after the holes are taken away is in the ranges and in no hole', () => {
  fc.assert(
    fc.property(ranges, ranges, (wanted, holes) => {
      const left = subtractRanges(wanted, holes);
      for (let at = 0; at <= 60; at++) assert.equal(has(left, at), has(wanted, at) && !has(holes, at));
      for (const { startMs, endMs } of left) assert.ok(startMs < endMs);
    }),
  );
});

test('pieces cover the ranges exactly and are no longer than asked', () => {
  fc.assert(
    fc.property(ranges, fc.integer({ min: 1, max: 20 }), (wanted, pieceMs) => {
      const pieces = splitRanges(wanted, pieceMs);
      for (let at = 0; at <= 60; at++) assert.equal(has(pieces, at), has(wanted, at));
      for (const { startMs, endMs } of pieces) assert.ok(endMs - startMs > 0 && endMs - startMs <= pieceMs);
    }),
  );
});

test('ranges are widened to the grid and empty ones fall away', () => {
  const aligned = alignRanges(
    [
      { startMs: 5, endMs: 12 },
      { startMs: 20, endMs: 20 },
    ],
    10,
  );
  assert.deepEqual(aligned, [{ startMs: 0, endMs: 20 }]);
});
