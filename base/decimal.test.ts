import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { divideRounded, formatDecimal, parseDecimal, type Rounding } from './decimal.ts';

describe('a quotient is rounded once, by a named rule', () => {
  const cases: readonly (readonly [bigint, bigint, Rounding, bigint])[] = [
    [5n, 2n, 'half-up', 3n],
    [-5n, 2n, 'half-up', -3n],
    [5n, 2n, 'half-even', 2n],
    [7n, 2n, 'half-even', 4n],
    [-5n, 2n, 'half-even', -2n],
    [9n, 10n, 'down', 0n],
    [-9n, 10n, 'down', 0n],
    [1n, 10n, 'up', 1n],
    [-1n, 10n, 'up', -1n],
    [6n, -4n, 'half-up', -2n],
    [10n, 5n, 'up', 2n],
  ];
  for (const [n, d, rounding, expected] of cases) {
    test(`${n}/${d} ${rounding} is ${expected}`, () => assert.equal(divideRounded(n, d, rounding), expected));
  }
  test('every rule stays within one unit of the quotient and exact quotients are kept', () => {
    const rules = fc.constantFrom<Rounding>('half-up', 'half-even', 'down', 'up');
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
        fc.bigInt({ min: 1n, max: 10n ** 12n }),
        rules,
        (n, d, rule) => {
          const error = divideRounded(n, d, rule) * d - n;
          assert.ok(error < d && error > -d);
          assert.equal(divideRounded(n * d, d, rule), n);
        },
      ),
    );
  });
});

describe('decimal text and integers agree', () => {
  test('0.219 kWh is 219 Wh', () => assert.equal(parseDecimal(' 0.219 ', 3), 219n));
  test('float noise as 6.5279999 kWh is 6528 Wh', () => assert.equal(parseDecimal('6.5279999', 3), 6528n));
  test('an exponent is read', () => assert.equal(parseDecimal('1.5e-3', 4), 15n));
  test('minus five hundredths is -0.05', () => assert.equal(formatDecimal(-5n, 2), '-0.05'));
  for (const bad of ['', 'x', '1,5', '--1', '1e', '.', 'NaN', 'Infinity']) {
    test(`'${bad}' is refused`, () =>
      assert.throws(() => parseDecimal(bad, 2), { code: 'base/bad-decimal' }));
  }
  test('what is formatted is read back', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.nat(12), (value, decimals) => {
        assert.equal(parseDecimal(formatDecimal(value, decimals), decimals), value);
      }),
    );
  });
});
