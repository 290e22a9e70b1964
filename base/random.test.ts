import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { secureRandom, seededRandom } from './random.ts';

describe('the same seed gives the same world', () => {
  test('equal seeds give equal streams, other seeds others', () => {
    const draw = (seed: number | string) =>
      Array.from(
        { length: 8 },
        (
          (random) => () =>
            random.below(1e6)
        )(seededRandom(seed)),
      );
    assert.deepEqual(draw(1), draw('1'));
    assert.notDeepEqual(draw(1), draw(2));
  });
  test('a fork does not depend on what its parent drew before', () => {
    const parent = seededRandom(7);
    const early = parent.fork('meter/3').next();
    parent.next();
    assert.equal(parent.fork('meter/3').next(), early);
  });
  test('a stream is uniform: ten thousand draws fill ten bins evenly', () => {
    const random = seededRandom('bins');
    const even = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) {
      const bin = random.below(10);
      even[bin] = (even[bin] ?? 0) + 1;
    }
    for (const count of even) assert.ok(count > 850 && count < 1150, even.join(' '));
  });
  test('normal draws have mean 0 and deviation 1', () => {
    const random = seededRandom('normal');
    const draws = Array.from({ length: 20_000 }, () => random.normal());
    const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
    const deviation = Math.sqrt(draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length);
    assert.ok(Math.abs(mean) < 0.03 && Math.abs(deviation - 1) < 0.03, `${mean} ${deviation}`);
  });
});

test('secret octets come from the platform and do not repeat', () => {
  const random = secureRandom();
  assert.notDeepEqual(random.bytes(16), random.bytes(16));
});
