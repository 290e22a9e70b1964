/** Whole watt-hours shared out by weight so that they sum to the last one: largest remainder (Hamilton's method). */
import assert from 'node:assert/strict';

/**
 * Integers that sum to `total` and are as near as can be to `total x weight / sum of weights`; equal shares when all
 * weights are 0. Of equal remainders the earlier gets the unit. `total` is a non-negative integer, weights are not negative.
 */
export function apportion(total: number, weights: readonly number[]): number[] {
  assert(Number.isSafeInteger(total) && total >= 0, `expected a whole total, found ${total}`);
  assert(weights.length > 0, 'expected at least one weight');
  const sum = weights.reduce((whole, weight) => whole + weight, 0);
  const exact = weights.map((weight) => (sum > 0 ? (total * weight) / sum : total / weights.length));
  const shares = exact.map(Math.floor);
  let left = total - shares.reduce((whole, share) => whole + share, 0);
  const order = exact
    .map((value, index) => ({ index, remainder: value - (shares[index] as number) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  // Floats may leave a unit too many or too few beyond one round; going round again keeps the sum exact.
  for (let turn = 0; left !== 0; turn = (turn + 1) % order.length) {
    const index = (order[turn] as { index: number }).index;
    const step = left > 0 ? 1 : -1;
    if ((shares[index] as number) + step < 0) continue;
    shares[index] = (shares[index] as number) + step;
    left -= step;
  }
  return shares;
}
