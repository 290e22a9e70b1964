/** Values of COSEM Data as the moment needs them: numbers, scaled registers, instants; what is not of the kind is undefined. */
import { formatDecimal } from '@wattline/base';
import { type Data, decodeDateTime, unitSymbol } from '@wattline/protocols/dlms';

/** Elements of a structure or an array. */
export function elementsOf(data: Data | undefined): readonly Data[] | undefined {
  return data?.type === 'structure' || data?.type === 'array' ? data.value : undefined;
}

/** A whole number, exact. */
export function wholeOf(data: Data | undefined): bigint | undefined {
  if (!data || !('value' in data)) return undefined;
  if (typeof data.value === 'bigint') return data.value;
  return typeof data.value === 'number' && Number.isInteger(data.value) ? BigInt(data.value) : undefined;
}

/** A number in units of `10^scaler`. */
export function numberOf(data: Data | undefined, scaler = 0): number | undefined {
  const whole = wholeOf(data);
  return whole === undefined ? undefined : Number(formatScaled(whole, scaler));
}

export function octetsOf(data: Data | undefined): Uint8Array | undefined {
  return data?.type === 'octet-string' ? data.value : undefined;
}

/** An instant, UTC ms, from an octet-string or a date-time. */
export function instantOf(data: Data | undefined): number | undefined {
  const octets = data?.type === 'date-time' ? data.value : octetsOf(data);
  const decoded = octets && octets.length === 12 ? decodeDateTime(octets) : undefined;
  return decoded?.ok ? decoded.value.instantMs : undefined;
}

/** Scaler and unit of a Register (attribute 3). */
export interface ScalerUnit {
  readonly scaler: number;
  readonly unit: string;
}

export function scalerUnitOf(data: Data | undefined): ScalerUnit | undefined {
  const [scaler, unit] = (elementsOf(data) ?? []).map((one) => wholeOf(one));
  if (scaler === undefined || unit === undefined) return undefined;
  return { scaler: Number(scaler), unit: unitSymbol(Number(unit)) };
}

/** An exact decimal of a whole number of `10^scaler`. */
export function formatScaled(whole: bigint, scaler: number): string {
  return scaler >= 0 ? (whole * 10n ** BigInt(scaler)).toString() : formatDecimal(whole, -scaler);
}
