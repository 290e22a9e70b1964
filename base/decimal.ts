/** Exact decimals: an integer and a decimal scale. Energy and money never pass through a float. */
import assert from 'node:assert/strict';
import { CodedError } from './errors.ts';

/** How a quotient becomes an integer. `half-up` rounds ties away from zero, `half-even` to the even neighbour. */
export type Rounding = 'half-up' | 'half-even' | 'down' | 'up';

/**
 * `numerator / denominator` rounded to an integer by the named rule; `down` is toward zero, `up` away from it.
 * The one place where a bill or a conversion may lose digits.
 */
export function divideRounded(numerator: bigint, denominator: bigint, rounding: Rounding): bigint {
  assert(denominator !== 0n, 'division by zero');
  const isNegative = numerator < 0n !== denominator < 0n;
  const n = numerator < 0n ? -numerator : numerator;
  const d = denominator < 0n ? -denominator : denominator;
  const quotient = n / d;
  const twice = (n % d) * 2n;
  const isTie = twice === d;
  let away = twice > d;
  if (rounding === 'half-up') away ||= isTie;
  else if (rounding === 'half-even') away ||= isTie && quotient % 2n === 1n;
  else away = rounding === 'up' && twice > 0n;
  const magnitude = quotient + (away ? 1n : 0n);
  return isNegative ? -magnitude : magnitude;
}

/** Text of `value x 10^-decimals` with exactly `decimals` digits after the point: `formatDecimal(-5n, 2)` is `-0.05`. */
export function formatDecimal(value: bigint, decimals: number): string {
  const sign = value < 0n ? '-' : '';
  const digits = (value < 0n ? -value : value).toString().padStart(decimals + 1, '0');
  if (decimals === 0) return sign + digits;
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/**
 * The integer of a decimal text at `decimals` digits: `parseDecimal('0.219', 3)` is `219n`. Digits beyond are rounded.
 * @throws CodedError `base/bad-decimal` when the text is no plain or exponent decimal.
 */
export function parseDecimal(text: string, decimals: number, rounding: Rounding = 'half-even'): bigint {
  const match = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?\s*$/.exec(text);
  if (!match || (!match[2] && !match[3])) {
    throw new CodedError('base/bad-decimal', `expected a decimal number, found '${text.slice(0, 40)}'`);
  }
  const fraction = match[3] ?? '';
  const digits = BigInt((match[2] ?? '') + fraction);
  const shift = decimals - fraction.length + Number(match[4] ?? 0);
  const magnitude =
    shift >= 0 ? digits * 10n ** BigInt(shift) : divideRounded(digits, 10n ** BigInt(-shift), rounding);
  return match[1] === '-' ? -magnitude : magnitude;
}
