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
