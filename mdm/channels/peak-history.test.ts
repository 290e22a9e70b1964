/** What a channel's days usually take, whatever the order in which they came. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { PeakHistory } from './peak-history.ts';

const firstDay = 20_000;
const piece = fc.record({ day: fc.nat(90), peak: fc.nat(500), sum: fc.nat(5000) });

test('The usual of a day is the peaks and sums of the nearest other days, earlier ones first', () => {
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 60 }),
      fc.nat(90),
      fc.integer({ min: 1, max: 28 }),
      (pieces, at, count) => {
        const history = new PeakHistory();
        const days = new Map<number, { peak: number; sum: number }>();
        // A ring holds 64 days: of two that share a place the later one stays.
        for (const { day, peak, sum } of pieces) {
          history.note(firstDay + day, peak, sum);
          const later = [...days.keys()].some((other) => other % 64 === day % 64 && other > day);
          if (later) continue;
          for (const other of [...days.keys()])
            if (other % 64 === day % 64 && other < day) days.delete(other);
          const before = days.get(day);
          days.set(day, { peak: Math.max(peak, before?.peak ?? 0), sum: sum + (before?.sum ?? 0) });
        }
        const order = [
          ...Array.from({ length: count }, (_, back) => at - 1 - back),
          ...Array.from({ length: count }, (_, on) => at + 1 + on),
        ].filter((day) => days.has(day));
        const earlier = order.filter((day) => day < at);
        const usual = [...earlier, ...order.filter((day) => day > at)].slice(
          0,
          Math.max(count, earlier.length),
        );
        const found = history.around(firstDay + at, firstDay + at, count);
        assert.deepEqual(
          found.peaks,
          usual.map((day) => days.get(day)?.peak),
        );
        assert.deepEqual(
          found.sums,
          usual.map((day) => days.get(day)?.sum),
        );
      },
    ),
  );
});
