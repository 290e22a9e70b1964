/** What was met lately is remembered; what was met long ago makes room. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { RecentMap } from './recent-map.ts';

test('The newest half of what a recent map may hold is always there, with its newest value', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 20 }),
      fc.array(fc.nat(30), { maxLength: 200 }),
      (capacity, keys) => {
        const map = new RecentMap<number, number>(capacity);
        keys.forEach((key, at) => {
          map.set(key, at);
        });
        const newest = [...new Set(keys.toReversed())].slice(0, Math.floor(capacity / 2));
        for (const key of newest) assert.equal(map.get(key), keys.lastIndexOf(key));
        const held = [...new Set(keys)].filter((key) => map.has(key));
        assert.ok(held.length <= capacity, `${held.length} of ${capacity}`);
      },
    ),
  );
});
