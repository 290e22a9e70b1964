/** Numbers of files as exact integers of a unit: no value passes through a float that could change it. */

import { divideRounded, parseDecimal } from '@wattline/base';
import { lookUp } from './code-table.ts';
import type { ExchangeProblemCode } from './exchange-problems.ts';

/** A unit of a file in units of the model: 1 of it is `10^exponent` of `unit`. */
export interface FileUnit {
  readonly unit: string;
  readonly exponent: number;
  readonly scale: number;
}

/** Spellings in lower case; UN/ECE Recommendation 20 codes (`k3`, `kwt`) among them. Energy is spelled without regard to case. */
const units: Readonly<Record<string, readonly [unit: string, exponent: number]>> = {
  wh: ['Wh', 0],
  kwh: ['Wh', 3],
  mwh: ['Wh', 6],
  gwh: ['Wh', 9],
  varh: ['varh', 0],
  kvarh: ['varh', 3],
  k3: ['varh', 3],
  mvarh: ['varh', 6],
  vah: ['VAh', 0],
  kvah: ['VAh', 3],
  w: ['W', 0],
  kw: ['W', 3],
  kwt: ['W', 3],
  mw: ['W', 6],
  maw: ['W', 6],
};

/** Decimals kept of values whose unit the model does not know. */
const foreignDecimals = 3;

/** The unit a spelling means; one that is unknown is kept by name, its values in thousandths. */
export function fileUnitOf(spelling: string): FileUnit {
  const known = lookUp(units, spelling.trim().toLowerCase());
  if (known) return { unit: known[0], exponent: known[1], scale: 0 };
  return { unit: spelling.trim(), exponent: foreignDecimals, scale: -foreignDecimals };
}

/** A value read exactly, or rounded once. */
export interface Amount {
  readonly value: number;
  readonly isRounded: boolean;
}

/** A decimal factor such as a CMEP calculation constant. */
export interface Factor {
  readonly digits: bigint;
  readonly decimals: number;
}

export const factorOne: Factor = { digits: 1n, decimals: 0 };
const factorDecimals = 9;
const fineDecimals = 24;
const longest = 64;

/** Reads a factor with at most nine decimals, or null. */
export function readFactor(text: string): Factor | null {
  if (text.length > longest || !/^\d+(\.\d{1,9})?$/.test(text)) return null;
  return { digits: parseDecimal(text, factorDecimals), decimals: factorDecimals };
}

/** The integer of a decimal text x `10^exponent` x factor; a problem code when it is none or too big to be exact. */
export function readAmount(
  text: string,
  exponent: number,
  factor: Factor = factorOne,
): Amount | ExchangeProblemCode {
  if (factor === factorOne) {
    const quick = readPlain(text, exponent);
    if (quick >= 0) return { value: quick, isRounded: false };
  }
  if (text.length > longest) return 'mdm/exchange-bad-number';
  let fine: bigint;
  try {
    fine = parseDecimal(text, exponent + fineDecimals) * factor.digits;
  } catch {
    return 'mdm/exchange-bad-number';
  }
  const divisor = 10n ** BigInt(fineDecimals + factor.decimals);
  const whole = divideRounded(fine, divisor, 'half-even');
  const value = Number(whole);
  if (!Number.isSafeInteger(value)) return 'mdm/exchange-too-big-number';
  // Negative zero would not equal what is stored.
  return { value: value === 0 ? 0 : value, isRounded: whole * divisor !== fine };
}

/** Nearly every value: few digits, few decimals. Exact because all integers below 10^15 are; -1 sends it the long way. */
function readPlain(text: string, exponent: number): number {
  const length = text.length;
  if (length === 0 || length > 13) return -1;
  let value = 0;
  let decimals = -1;
  for (let at = 0; at < length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      if (decimals >= 0) decimals++;
    } else if (digit === -2 && decimals < 0 && at > 0 && at < length - 1) decimals = 0;
    else return -1;
  }
  const shift = exponent - Math.max(decimals, 0);
  if (shift < 0 || shift + length > 15) return -1;
  return value * 10 ** shift;
}

/** An integer of Wh as kilo-unit text with three decimals, as most formats want it. */
export function kiloText(value: number): string {
  const magnitude = Math.abs(value);
  const rest = String(magnitude % 1000).padStart(3, '0');
  return `${value < 0 ? '-' : ''}${Math.floor(magnitude / 1000)}.${rest}`;
}
