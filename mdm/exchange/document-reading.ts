/** What the XML and JSON documents share: reading text into elements, durations, values placed by position. */
import type { Result } from '@wattline/base';
import type { FileUnit } from './amount.ts';
import type { ExchangeRead } from './exchange-format.ts';
import type { ExchangeProblemCode } from './exchange-problems.ts';
import { type Intake, longestText, type SeriesIntake } from './intake.ts';
import { parseXml, type XmlElement } from './xml-reader.ts';

/** The root element of a text, or the refusal of the file. */
export function openDocument(
  text: string,
  intake: Intake,
  parse: (text: string) => Result<XmlElement> = parseXml,
): { readonly ok: true; readonly root: XmlElement } | { readonly ok: false; readonly read: ExchangeRead } {
  if (text.length > longestText) {
    return { ok: false, read: intake.refuse('mdm/exchange-too-large', `${text.length} characters`) };
  }
  if (text.trim() === '')
    return { ok: false, read: intake.refuse('mdm/exchange-half-written', 'an empty text') };
  const parsed = parse(text);
  if (parsed.ok) return { ok: true, root: parsed.value };
  const { code, message, where } = parsed.error;
  return { ok: false, read: intake.refuse(code as ExchangeProblemCode, message, where) };
}

/** Seconds of `PT1H`, `PT15M`; 0 for days, months and years, whose length varies; null when it is no duration. */
export function durationSeconds(text: string): number | null {
  const match = /^P(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?|\d{1,4}[YMWD])$/.exec(text);
  if (!match || text === 'PT') return null;
  const [, hours = '0', minutes = '0', seconds = '0'] = match;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

/** A point of a period: its position from 1, its value as spelled, its flags and code. */
export interface PositionedPoint {
  readonly position: string;
  readonly text: string;
  readonly flags: number;
  readonly code: string;
  readonly line: number;
}

/** A stretch of equal intervals with its points by position. */
export interface PositionedPeriod {
  readonly startMs: number;
  readonly endMs: number;
  readonly seconds: number;
  readonly points: readonly PositionedPoint[];
  readonly line: number;
}

/** Adds the points of a period to a series. The start and the positions say where they stand; the end says how far they may go. */
export function addPoints(
  intake: Intake,
  series: SeriesIntake,
  unit: FileUnit,
  { startMs, endMs, seconds, points, line }: PositionedPeriod,
): void {
  const slots = Math.round((endMs - startMs) / (seconds * 1000));
  if (endMs <= startMs) {
    series.hold('mdm/exchange-period-mismatch', `from ${startMs} ms to ${endMs} ms`, { line });
  } else if (points.length < slots) {
    intake.problem('mdm/exchange-short-period', `expected ${slots} points, found ${points.length}`, { line });
  }
  for (const { position, text, flags, code, line: at } of points) {
    const where = { line: at, position: position.slice(0, 12) };
    const index = /^\d{1,7}$/.test(position) ? Number(position) : 0;
    if (index === 0)
      intake.problem('mdm/exchange-bad-record', `position '${position.slice(0, 12)}'`, where, 1);
    else if (endMs > startMs && index > slots) {
      intake.problem('mdm/exchange-outside-period', `position ${index} of ${slots}`, where, 1);
    } else {
      const start = startMs + (index - 1) * seconds * 1000;
      series.add({ startMs: start, seconds, text, flags, code, where }, unit);
    }
  }
}
