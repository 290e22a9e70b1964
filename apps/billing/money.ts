/** Exact products of quantity and price, rounded once to minor units of a currency. */
import { divideRounded, formatDecimal, type Rounding } from '@wattline/base';

/** The rounding of every line; ties go away from zero, so that a credit rounds as the charge it mirrors. */
export const lineRounding: Rounding = 'half-up';

/** `digits x 10^-decimals`, exactly. */
export interface ExactDecimal {
  readonly digits: bigint;
  readonly decimals: number;
}

/** The exact value of a plain decimal text that was checked when its tariff was read: `exactDecimal('0.2834')`. */
export function exactDecimal(text: string): ExactDecimal {
  const [whole = '', fraction = ''] = text.split('.');
  return { digits: BigInt(whole + fraction), decimals: fraction.length };
}

/** Watt-hours as exact kilowatt-hours. */
export function kilowattHours(wh: bigint): ExactDecimal {
  return { digits: wh, decimals: 3 };
}

/** Quantity x price in minor units of `minorDigits`, rounded once by {@link lineRounding}. */
export function amountOf(quantity: ExactDecimal, price: ExactDecimal, minorDigits: number): bigint {
  const numerator = quantity.digits * price.digits * 10n ** BigInt(minorDigits);
  return divideRounded(numerator, 10n ** BigInt(quantity.decimals + price.decimals), lineRounding);
}

/** `percent` of an amount in minor units, rounded once by {@link lineRounding}. */
export function percentOf(amount: bigint, percent: ExactDecimal): bigint {
  return divideRounded(amount * percent.digits, 10n ** BigInt(percent.decimals + 2), lineRounding);
}

/** Money for people: `formatMoney('-123456', 'GBP', 2)` is `-1,234.56 GBP`. */
export function formatMoney(minorUnits: string, currency: string, minorDigits: number): string {
  return `${group(formatDecimal(BigInt(minorUnits), minorDigits))} ${currency}`;
}

/** Energy for people: `formatKwh('1241.337')` is `1,241.337 kWh`. */
export function formatKwh(kwh: string): string {
  return `${group(kwh)} kWh`;
}

function group(decimal: string): string {
  const [whole = '', fraction] = decimal.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}
