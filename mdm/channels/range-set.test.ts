/** Ranges of slots against the plain set of slots that they stand for. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { RangeSet } from './range-set.ts';

const room = 40;
const range = fc.tuple(fc.nat(room), fc.nat(room));
const steps = fc.array(fc.tuple(fc.constantFrom('add', 'remove'), range), { maxLength: 30 });

/** The same steps done to ranges and to a set of points. */
function both(done: readonly (readonly [string, readonly [number, number]])[]) {
  const ranges = new RangeSet();
  const points = new Set<number>();
  for (const [what, [start, end]] of done) {
    if (what === 'add') ranges.add(start, end);
    else ranges.remove(start, end);
    for (let point = start; point < end; point++) {
      if (what === 'add') points.add(point);
      else points.delete(point);
    }
  }
  return { ranges, points };
}

test('Slots known by range are those that were added and not removed since', () => {
  fc.assert(
    fc.property(steps, range, (done, [start, end]) => {
      const { ranges, points } = both(done);
      const inside = Array.from({ length: Math.max(0, end - start) }, (_, at) => start + at);
      for (let point = -1; point <= room; point++) assert.equal(ranges.has(point), points.has(point));
      assert.equal(
        ranges.overlaps(start, end),
        inside.some((point) => points.has(point)),
      );
      assert.equal(
        ranges.covers(start, end),
        inside.every((point) => points.has(point)),
      );
      assert.equal(ranges.countWithin(start, end), inside.filter((point) => points.has(point)).length);
      const held = ranges.within(start, end).flatMap(({ start: from, end: to }) => pointsOf(from, to));
      assert.deepEqual(
        held,
        inside.filter((point) => points.has(point)),
      );
      const open = ranges.gaps(start, end).flatMap(({ start: from, end: to }) => pointsOf(from, to));
      assert.deepEqual(
        open,
        inside.filter((point) => !points.has(point)),
      );
      let until = start;
      while (points.has(until)) until++;
      assert.equal(ranges.coveredUntil(start), until);
    }),
  );
});

test('Ranges are sorted and apart, and come back from the words they were written to', () => {
  fc.assert(
    fc.property(steps, (done) => {
      const { ranges, points } = both(done);
      const words = new Uint32Array(2 * ranges.size + 3);
      assert.equal(ranges.copyInto(words, 3), words.length);
      const pairs = words.subarray(3);
      for (let at = 1; at < pairs.length; at++)
        assert.ok((pairs[at] as number) > (pairs[at - 1] as number), String(pairs));
      const again = RangeSet.fromPairs(words, 3, ranges.size);
      assert.deepEqual(again.within(0, room), ranges.within(0, room));
      assert.equal(again.isEmpty, points.size === 0);
      assert.equal(again.start, points.size === 0 ? Number.POSITIVE_INFINITY : Math.min(...points));
      assert.equal(again.end, points.size === 0 ? Number.NEGATIVE_INFINITY : Math.max(...points) + 1);
    }),
  );
});

function pointsOf(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, at) => start + at);
}
