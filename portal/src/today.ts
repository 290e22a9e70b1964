/** Today's figures out of the readings: energy so far, against a typical day, and what is known of it. */
import { countMarks } from './quality-mark.ts';
import { comparedWithTypical, type Day, knownUntil, type Slot, typicalDay } from './series.ts';

/** What the figures are worked out from. */
export interface TodayInputs {
  readonly zone: string;
  /** The local date of now. */
  readonly date: string;
  readonly days: readonly Day[];
  readonly received: readonly Day[] | null;
}

/** Today's figures, its intervals, and the typical day out of all days but today. */
export function todayFigures({ zone, date, days, received }: TodayInputs) {
  const today = days.find((day) => day.date === date);
  const slots: readonly Slot[] = today?.slots ?? [];
  const typical = typicalDay(days.filter((day) => day.date !== date));
  const untilMs = knownUntil(slots);
  return {
    slots,
    typical,
    lastKnownMs: slots.findLast((slot) => slot.watts !== null)?.startMs ?? null,
    figures: {
      zone,
      date,
      wh: untilMs === null ? null : (today?.wh ?? null),
      untilMs,
      counts: countMarks(slots.map((slot) => slot.mark)),
      comparison: comparedWithTypical(slots, typical),
      receivedWh: received === null ? null : (received.find((day) => day.date === date)?.wh ?? 0n),
    },
  };
}
