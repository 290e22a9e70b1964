/** Flags of place and time that several commands share. */
import { InvalidArgumentError } from 'commander';

/** Minutes of a capture period. */
export function parseInterval(text: string): 15 | 30 {
  if (text === '15') return 15;
  if (text === '30') return 30;
  throw new InvalidArgumentError('expected 15 or 30');
}

/** An IANA zone. */
export function parseZone(text: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return text;
  } catch {
    throw new InvalidArgumentError('expected an IANA zone as Europe/London');
  }
}

/** An instant as UTC ms. */
export function parseInstantFlag(text: string): number {
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch {
    throw new InvalidArgumentError('expected an instant as 2026-11-01T00:00:00Z');
  }
}

/** Entries of a profile by number from 1: `1-10`, `7`, or `5-` for all from 5 on. */
export function parseEntries(text: string): { readonly fromEntry: number; readonly toEntry: number } {
  const [, first, dash, last] = /^(\d{1,9})(-?)(\d{0,9})$/.exec(text) ?? [];
  const fromEntry = Number(first);
  // 0 means the last one there is (Blue Book 4.3.6, entry_descriptor).
  const toEntry = dash === '' ? fromEntry : Number(last ?? 0);
  const isOpen = dash === '-' && last === '';
  if (fromEntry >= 1 && (isOpen || toEntry >= fromEntry)) return { fromEntry, toEntry };
  throw new InvalidArgumentError('expected entries as 1-10, 7 or 5-');
}
