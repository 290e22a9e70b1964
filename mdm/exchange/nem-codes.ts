/** What NEM12 and NEM13 share: quality methods, units, market time (AEMO Meter Data File Format, appendices B to E). */
import { quality } from '@wattline/model';
import type { Quantity } from './exchange-format.ts';

/** Market time is UTC+10 all year, in minutes east. */
export const marketOffsetMinutes = 600;

const originOf: Readonly<Record<string, number>> = {
  A: quality.measured,
  N: quality.missing,
  E: quality.estimated,
  S: quality.estimated,
  F: quality.estimated | quality.final,
};

/** Reason 79: power outage; 86: clock error (appendix E). */
const powerOutage = '79';
const clockError = '86';

/** Flags of a quality method (`A`, `N`, `S14`, `F51`, `E52`) with its reason code, or null when there is no such. */
export function nemFlags(method: string, reason: string): number | null {
  if (!/^(?:[AN]|[EFS]\d\d)$/.test(method)) return null;
  let flags = originOf[method[0] as string] as number;
  if (reason === clockError && method !== 'N') flags |= quality.clockDoubtful;
  if (reason === powerOutage && method === 'A') flags |= quality.powerFail;
  return flags;
}

/** The quality method of flags; `substitution` is the number of the method by which values were made that nobody read. */
export function nemMethod(flags: number, substitution: string): string {
  if ((flags & quality.missing) !== 0) return 'N';
  const isRead = (flags & (quality.measured | quality.manual)) !== 0;
  if (isRead && (flags & (quality.suspect | quality.estimated)) === 0) return 'A';
  return ((flags & quality.final) !== 0 ? 'F' : 'S') + substitution;
}

/** The note kept of a quality: method, reason code and text. */
export function nemNote(method: string, reason: string, text: string): string {
  return [method, reason, text.trim()].filter((part) => part !== '').join(' ');
}

/** What the first letter of an NMI suffix says; E is energy taken from the grid, B energy sent to it. */
export const suffixKinds: Readonly<Record<string, Pick<Quantity, 'direction' | 'unit'>>> = {
  E: { direction: 'delivered', unit: 'Wh' },
  B: { direction: 'received', unit: 'Wh' },
  Q: { direction: 'delivered', unit: 'varh' },
  K: { direction: 'received', unit: 'varh' },
};
