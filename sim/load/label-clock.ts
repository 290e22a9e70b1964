/** From the label of a row to its half hour: wall clocks that skip an hour in spring and repeat one in autumn. */
import { localDay } from '@wattline/base';
import { halfHourMs } from './load-set.ts';

/** Half hours are counted from 1970-01-01T00:00Z. */
export interface LabelClock {
  /** The half hour of a label (the earlier one when the label occurs twice), `invalid` or `nonexistent`. */
  halfHourOf(label: string): number | 'invalid' | 'nonexistent';
  /** The later half hour with the same label, when the clock repeats it. */
  laterOf(halfHour: number): number | undefined;
}

const labelPattern = /^(\d{4}-\d\d-\d\d)[ T](\d\d):([03]0)(?::00(?:\.0+)?)?$/;
const halfHoursPerDay = 48;

/** The first half hour of a plain day, or the table of all 48 labels of a day on which the clock changes. */
type DayLabels = number | readonly (number | 'nonexistent')[] | 'invalid';

/** A clock of labels in `zone` (IANA, or an offset such as `+10:00`). */
export function createLabelClock(zone: string): LabelClock {
  const days = new Map<string, DayLabels>();
  const later = new Map<number, number>();
  const labelsOf = (date: string): DayLabels => {
    let labels = days.get(date);
    if (labels === undefined) {
      labels = makeDay(date, zone, later);
      days.set(date, labels);
    }
    return labels;
  };
  return {
    halfHourOf(label) {
      const match = labelPattern.exec(label.trim());
      if (!match) return 'invalid';
      const index = Number(match[2]) * 2 + (match[3] === '30' ? 1 : 0);
      if (index >= halfHoursPerDay) return 'invalid';
      const labels = labelsOf(match[1] as string);
      if (typeof labels === 'number') return labels + index;
      return labels === 'invalid' ? labels : (labels[index] ?? 'invalid');
    },
    laterOf: (halfHour) => later.get(halfHour),
  };
}

function makeDay(date: string, zone: string, later: Map<number, number>): DayLabels {
  // Bounds what a mistyped year can ask for.
  if (date < '1970-01-02' || date > '2199-12-31') return 'invalid';
  let period: { readonly startMs: number; readonly endMs: number };
  try {
    period = localDay(date, zone);
  } catch {
    return 'invalid';
  }
  if (period.endMs - period.startMs === halfHoursPerDay * halfHourMs) return period.startMs / halfHourMs;
  const midnight = Temporal.PlainDate.from(date).toPlainDateTime();
  return Array.from({ length: halfHoursPerDay }, (_, index) => {
    const wall = midnight.add({ minutes: index * 30 });
    const earlier = wall.toZonedDateTime(zone, { disambiguation: 'earlier' });
    const last = wall.toZonedDateTime(zone, { disambiguation: 'later' });
    if (!earlier.toPlainDateTime().equals(wall)) return 'nonexistent' as const;
    const halfHour = earlier.epochMilliseconds / halfHourMs;
    if (!last.equals(earlier)) later.set(halfHour, last.epochMilliseconds / halfHourMs);
    return halfHour;
  });
}
