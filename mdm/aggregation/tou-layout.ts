/** Which rate each slot of a store day falls to: the wall clock of a zone laid over UTC days, as data for the store. */
import type { TouSwitch } from '@wattline/model';
import { type DayLayout, type DayPattern, daySeconds } from '@wattline/store/readings';
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

/** A layout with the rate of each stretch of each pattern, and how many slots the period has. */
export interface TouLayout {
  readonly layout: DayLayout;
  readonly rates: readonly (readonly number[])[];
  readonly slots: number;
  readonly slotsByRate: ReadonlyMap<number, number>;
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
  const perDay = daySeconds / step;
  const byStoreDay = new Map<number, Int16Array>();
  const slotsByRate = new Map<number, number>();
  for (const day of days.between(start, end)) {
    const minutes = days.minutes(day, step);
    for (let slot = 0; slot < minutes.length; slot++) {
      const at = day.start + slot * step;
      if (at < start || at >= end) continue;
      const number = Math.floor((at - phase) / daySeconds);
      const rates = byStoreDay.getOrInsertComputed(number, () => new Int16Array(perDay).fill(-1));
      const rate = calendar.length === 0 ? 0 : rateAt(calendar, day.dayOfWeek, minutes[slot] as number);
      rates[(at - phase - number * daySeconds) / step] = rate;
      slotsByRate.set(rate, (slotsByRate.get(rate) ?? 0) + 1);
    }
  }
  const patterns: DayPattern[] = [];
  const rates: number[][] = [];
  const known = new Map<string, number>();
  const laidDays = [...byStoreDay].map(([day, ofDay]) => {
    const key = ofDay.join();
    let pattern = known.get(key);
    if (pattern === undefined) {
      pattern = patterns.length;
      known.set(key, pattern);
      const runs = runsOf(ofDay);
      patterns.push({ from: runs.map((run) => run.from), count: runs.map((run) => run.count) });
      rates.push(runs.map((run) => run.rate));
    }
    return { day, pattern };
  });
  const slots = [...slotsByRate.values()].reduce((sum, count) => sum + count, 0);
  return { layout: { intervalSeconds: step, phase, days: laidDays, patterns }, rates, slots, slotsByRate };
}

function runsOf(rates: Int16Array): { from: number; count: number; rate: number }[] {
  const runs: { from: number; count: number; rate: number }[] = [];
  for (let slot = 0; slot < rates.length; slot++) {
    const rate = rates[slot] as number;
    const last = runs.at(-1);
    if (rate < 0) continue;
    if (last && last.rate === rate && last.from + last.count === slot) last.count++;
    else runs.push({ from: slot, count: 1, rate });
  }
  return runs;
}
