/** The tariffs of the demonstration: every JSON file in `tariffs/`. */
import { readdirSync, readFileSync } from 'node:fs';
import { messageOf } from '@wattline/base';
import type { Tariff } from '@wattline/model';
import { appsError } from '../errors.ts';
import { parseTariff } from './tariff-check.ts';

const folder = new URL('./tariffs/', import.meta.url);

/**
 * The tariffs of the demonstration, by file name; all figures are invented. With a `zone` their days and hours are those of that zone;
 * with a `currency` the same figures are prices in it (no conversion is meant).
 * @throws CodedError `apps/tariff-invalid` when a file, the zone or the currency is of no use.
 */
export function loadTariffs(zone?: string, currency?: string): Tariff[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => {
    const tariff = readTariff(readFileSync(new URL(name, folder), 'utf8'), name);
    const moved = {
      ...tariff,
      ...(zone === undefined ? {} : { zone }),
      ...(currency === undefined ? {} : { currency, minorDigits: minorDigitsOf(currency) }),
    };
    return parseTariff(moved, name);
  });
}

/**
 * The tariff of a file's text.
 * @throws CodedError `apps/tariff-invalid`
 */
export function readTariff(text: string, origin: string): Tariff {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const message = `tariff: expected JSON: ${messageOf(error)}`;
    throw appsError('apps/tariff-invalid', message, { origin, field: 'tariff' });
  }
  return parseTariff(value, origin);
}

/** Digits of the minor unit as ISO 4217 has them; what is no currency code is left to the check. */
function minorDigitsOf(currency: string): number {
  if (!/^[A-Z]{3}$/.test(currency)) return 2;
  return (
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
  );
}
