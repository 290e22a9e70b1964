/** Which rate each slot of a store day falls to: the wall clock of a zone laid over UTC days, as data for the store. */
import type { TouSwitch } from '@wattline/model';
import { type DayLayout, daySeconds, type PatternDay } from '@wattline/store/readings';
import type { LocalDays } from '../channels/local-days.ts';

const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** The rate in force at a minute of a local day; a day without a switch goes on with the rate of the day before. */
export function rateAt(calendar: readonly TouSwitch[], dayOfWeek: number, minute: number): number {
  for (let back = 0; back < 8; back++) {
    const name = dayNames[(((dayOfWeek - 1 - back) % 7) + 7) % 7];
    let found: { at: number; rate: number } | null = null;
    for (const { days, from, rate } of calendar) {
      const at = minuteOf(from);
      if (!days.some((day) => day === name) || (back === 0 && at > minute)) continue;
      if (!found || at >= found.at) found = { at, rate };
    }
    if (found) return found.rate;
  }
  return 1;
}

function minuteOf(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return hours * 60 + minutes;
}

/** A layout with the rate of each stretch on each pattern, -1 outside the period, and how many slots the period has. */
export interface TouLayout {
  readonly layout: DayLayout;
  readonly rates: readonly (readonly number[])[];
  readonly slots: number;
}

/** Lays [start, end) (UTC seconds) out by rate; the period's bounds and the interval lie on the grid of `phase`. */
export function layOut(options: {
  readonly calendar: readonly TouSwitch[];
  readonly days: LocalDays;
  readonly start: number;
  readonly end: number;
  readonly intervalSeconds: number;
  readonly phase: number;
}): TouLayout {
  const { calendar, days, start, end, intervalSeconds: step, phase } = options;
  const byStoreDay = new Map<number, Int16Array>();
  let slots = 0;
  for (const day of days.between(start, end)) {
    const minutes = days.minutes(day, step);
    for (let slot = 0; slot < minutes.length; slot++) {
      const at = day.start + slot * step;
      if (at < start || at >= end) continue;
      const number = Math.floor((at - phase) / daySeconds);
      const rates = byStoreDay.getOrInsertComputed(number, () => new Int16Array(daySeconds / step).fill(-1));
      rates[(at - phase - number * daySeconds) / step] =
        calendar.length === 0 ? 0 : rateAt(calendar, day.dayOfWeek, minutes[slot] as number);
      slots++;
    }
  }
  const cuts = cutsOf([...byStoreDay.values()]);
  const rates: number[][] = [];
  const known = new Map<string, number>();
  const laidDays: PatternDay[] = [];
  for (const [day, ofDay] of byStoreDay) {
    const ofCuts = cuts.map((slot) => ofDay[slot] as number);
    const pattern = known.getOrInsertComputed(ofCuts.join(), () => rates.push(ofCuts) - 1);
    const from = ofDay.findIndex((rate) => rate >= 0);
    laidDays.push({ day, pattern, from, to: ofDay.findLastIndex((rate) => rate >= 0) + 1 });
  }
  return { layout: { intervalSeconds: step, phase, cuts, days: laidDays }, rates, slots };
}

/** Slots at which the rate changes on any of the days; 0 first. */
function cutsOf(days: readonly Int16Array[]): number[] {
  const cuts = new Set([0]);
  for (const rates of days) {
    for (let slot = 1; slot < rates.length; slot++) if (rates[slot] !== rates[slot - 1]) cuts.add(slot);
  }
  return [...cuts].sort((a, b) => a - b);
}
