/** Temperatures out of a CSV: a mean a date, or values by hour whose mean of a local date is taken. */
import { dateOf } from '@wattline/base';
import type { DayTemperature } from '../estimation/weather.ts';
import { readRows } from './csv-rows.ts';
import { isoInstant } from './time-label.ts';

/** What was read; lines that could not be taken are counted, the first of them with its number. */
export interface TemperatureRead {
  readonly days: readonly DayTemperature[];
  readonly rejected: number;
  readonly firstLine: number | null;
}

const longestText = 64 * 1024 * 1024;
const timeColumns = ['date', 'time', 'timestamp'];
const valueColumns = ['celsius', 'temperature', 'fahrenheit'];

/**
 * Reads a CSV with a column of dates or of instants (`date`, `time`, `timestamp`) and one of temperatures (`celsius` or
 * `temperature`, or `fahrenheit`). Null when the header lacks either or the text is too long.
 */
export function readTemperatures(text: string, zone: string): TemperatureRead | null {
  if (text.length > longestText) return null;
  const { rows, isFinished } = readRows(text, text.slice(0, text.indexOf('\n')).includes(';') ? ';' : ',');
  const header = (rows[0]?.fields ?? []).map((name) => name.trim().toLowerCase());
  const time = header.findIndex((name) => timeColumns.includes(name));
  const value = header.findIndex((name) => valueColumns.includes(name));
  if (time < 0 || value < 0) return null;
  const isFahrenheit = header[value] === 'fahrenheit';
  const sums = new Map<string, { sum: number; count: number }>();
  let rejected = 0;
  let firstLine: number | null = null;
  rows.slice(1).forEach(({ fields, line }, index) => {
    const date = dateIn(fields[time]?.trim() ?? '', zone);
    const cell = fields[value]?.trim() ?? '';
    const isCut = !isFinished && index === rows.length - 2;
    if (date === null || cell === '' || !Number.isFinite(Number(cell)) || isCut) {
      rejected++;
      firstLine ??= line;
      return;
    }
    const entry = sums.getOrInsertComputed(date, () => ({ sum: 0, count: 0 }));
    entry.sum += isFahrenheit ? ((Number(cell) - 32) * 5) / 9 : Number(cell);
    entry.count++;
  });
  const days = [...sums].map(([date, { sum, count }]) => ({ date, celsius: sum / count }));
  return { days, rejected, firstLine };
}

/** A date as it stands, or the local date of an instant; null when it is neither. */
function dateIn(text: string, zone: string): string | null {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return text;
  const instant = isoInstant(text);
  return instant === null ? null : dateOf(instant, zone);
}
