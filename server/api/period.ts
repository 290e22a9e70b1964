/** Instants and periods of a query: RFC 3339, or local dates in the zone of the usage point. */
import { localDay, type Period } from '@wattline/base';
import { serverError } from '../errors.ts';
import { badQuery } from './problem.ts';

const dayMs = 86_400_000;
/** The longest span one answer covers. */
export const mostDays = 400;

const dateShape = /^\d{4}-\d{2}-\d{2}$/;
const instantShape = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/i;

/** An instant of a query, UTC ms; throws `server/bad-query`. */
export function parseInstant(parameter: string, value: string): number {
  // A plus sign that was not escaped arrives as a space.
  const text = value.replace(/ (?=\d{2}:\d{2}$)/, '+');
  if (instantShape.test(text)) {
    try {
      return Temporal.Instant.from(text).epochMilliseconds;
    } catch {
      // Refused below: the shape is right, the day or hour is not.
    }
  }
  throw badQuery(parameter, 'an instant as 2026-11-01T00:00:00Z', value);
}

/** An instant, or a local date that stands for its first moment in `zone`; throws `server/bad-query`. */
export function parseMoment(parameter: string, value: string, zone: string): number {
  if (!dateShape.test(value)) {
    try {
      return parseInstant(parameter, value);
    } catch {
      throw badQuery(parameter, 'an instant as 2026-11-01T00:00:00Z or a local date as 2026-11-01', value);
    }
  }
  try {
    return localDay(value, zone).startMs;
  } catch {
    throw badQuery(parameter, 'a date of the calendar', value);
  }
}

/**
 * The period of a query: `to` defaults to now, `from` to a day before `to`. A local date stands for its first moment, so
 * that `from=2026-11-01&to=2026-11-02` is one local day. Throws `server/bad-query`, `server/span-too-long`.
 */
export function parsePeriod(
  query: { readonly from?: string; readonly to?: string },
  { zone, nowMs }: { readonly zone: string; readonly nowMs: number },
): Period {
  const endMs = query.to === undefined ? nowMs : parseMoment('to', query.to, zone);
  const startMs = query.from === undefined ? endMs - dayMs : parseMoment('from', query.from, zone);
  if (startMs >= endMs) {
    const found = query.from ?? query.to ?? '';
    throw badQuery(query.from === undefined ? 'to' : 'from', 'a period that begins before it ends', found);
  }
  if (endMs - startMs > mostDays * dayMs) {
    const days = Math.ceil((endMs - startMs) / dayMs);
    const what = `expected a period of at most ${mostDays} days, found ${days}: ask for parts of it`;
    throw serverError('server/span-too-long', what, { mostDays, days });
  }
  return { startMs, endMs };
}
