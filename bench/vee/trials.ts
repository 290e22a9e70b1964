/** Trials on a data set: known intervals are hidden and estimated, untouched days are validated. */
import type { Random } from '@wattline/base';
import { type DayColumns, estimateDay, type MdmPolicy, rules, totalsOf } from '@wattline/mdm';
import { quality } from '@wattline/model';
import type { CrossSet } from './cross-series.ts';
import type { DataSet, RealMeter } from './real-series.ts';

/** How wrong a method was over gaps of one length. */
export interface MethodError {
  readonly method: string;
  readonly gapHours: number;
  /** Whether the register of the day was known. */
  readonly isBound: boolean;
  gaps: number;
  /** Sums over the hidden intervals, Wh. */
  actual: number;
  absolute: number;
  signed: number;
}

/** How many untouched days a rule failed. */
export interface RuleCount {
  readonly rule: string;
  judged: number;
  failed: number;
}

export const gapHours = [0.5, 1, 2, 4, 12, 24] as const;

/** Hides `gaps` gaps of each length in days of the meters, and estimates each with and without the day's register. */
export function tryEstimates(
  meters: readonly RealMeter[],
  temperatures: ReadonlyMap<number, number> | null,
  { policy, random, gaps }: { readonly policy: MdmPolicy; readonly random: Random; readonly gaps: number },
): MethodError[] {
  const errors = new Map<string, MethodError>();
  const usable = meters.filter((meter) => meter.days.size > 20);
  for (const hours of gapHours) {
    const step = usable[0]?.intervalSeconds ?? 3600;
    const count = Math.round((hours * 3600) / step);
    if (count < 1 || count * step !== hours * 3600) continue;
    for (let turn = 0; turn < gaps; turn++) {
      const meter = usable[random.below(usable.length)] as RealMeter;
      const numbers = [...meter.days.keys()];
      const number = numbers[15 + random.below(numbers.length - 15)] as number;
      const day = meter.days.get(number) as Float64Array;
      const from = random.below(day.length - count + 1);
      for (const isBound of [false, true]) {
        const input = inputOf({ meter, number, from, count, isBound, temperatures, usable, policy });
        const { slots } = estimateDay(input, policy);
        if (slots.length === 0) continue;
        const method = (slots[0] as (typeof slots)[number]).method;
        const entry = errors.getOrInsertComputed(`${method} ${hours} ${isBound}`, () => ({
          method,
          gapHours: hours,
          isBound,
          gaps: 0,
          actual: 0,
          absolute: 0,
          signed: 0,
        }));
        entry.gaps++;
        for (const { slot, value } of slots) {
          const actual = day[slot] as number;
          entry.actual += actual;
          entry.absolute += Math.abs(value - actual);
          entry.signed += value - actual;
        }
      }
    }
  }
  return [...errors.values()];
}

interface Gap {
  readonly meter: RealMeter;
  readonly number: number;
  readonly from: number;
  readonly count: number;
  readonly isBound: boolean;
  readonly temperatures: ReadonlyMap<number, number> | null;
  readonly usable: readonly RealMeter[];
  readonly policy: MdmPolicy;
}

function inputOf({ meter, number, from, count, isBound, temperatures, usable, policy }: Gap) {
  const whole = meter.days.get(number) as Float64Array;
  const value = whole.slice();
  const flags = new Uint16Array(whole.length).fill(quality.measured);
  let hidden = 0;
  for (let slot = from; slot < from + count; slot++) {
    hidden += whole[slot] as number;
    value[slot] = 0;
    flags[slot] = quality.missing;
  }
  const minutes = Array.from(whole, (_, slot) => (slot * meter.intervalSeconds) / 60);
  const likeDays = [];
  for (let back = 1; back <= policy.likeDayWeeks * 7; back++) {
    const other = number - back;
    const values = meter.days.get(other);
    if (!values || isWeekend(other) !== isWeekend(number)) continue;
    const temperature = temperatures?.get(other) ?? null;
    likeDays.push({
      values: new Map(minutes.map((minute, slot) => [minute, values[slot] as number])),
      temperature,
    });
  }
  return {
    day: columnsOf(meter, number, value, flags),
    slots: Array.from({ length: count }, (_, index) => from + index),
    before: from > 0 ? null : (meter.days.get(number - 1)?.at(-1) ?? null),
    after: from + count < whole.length ? null : (meter.days.get(number + 1)?.[0] ?? null),
    minutes,
    likeDays,
    temperature: temperatures?.get(number) ?? null,
    neighbours: likeDays.length > 0 ? null : neighboursOf(meter, number, usable, policy.neighbours),
    remainder: isBound ? hidden : null,
  };
}

/** Other meters of the set on the same day, each scaled from its usual day to this one's. */
function neighboursOf(
  meter: RealMeter,
  number: number,
  usable: readonly RealMeter[],
  most: number,
): number[] | null {
  const own = medianSum(meter, number);
  const others = usable.filter((other) => other !== meter && other.days.has(number)).slice(0, most);
  if (own === null || others.length === 0) return null;
  const slots = 86_400 / meter.intervalSeconds;
  return Array.from({ length: slots }, (_, slot) => {
    const values = others.map(
      (other) =>
        ((other.days.get(number) as Float64Array)[slot] as number) *
        (own / (medianSum(other, number) || own)),
    );
    return Math.round(values.reduce((sum, one) => sum + one, 0) / values.length);
  });
}

/** 1 January 1970 was a Thursday. */
function isWeekend(day: number): boolean {
  return (day + 3) % 7 >= 5;
}

function recent(meter: RealMeter, number: number): Float64Array[] {
  return Array.from({ length: 28 }, (_, back) => meter.days.get(number - 1 - back)).filter(
    (day) => day !== undefined,
  );
}

export function sumOf(values: Float64Array): number {
  return values.reduce((sum, one) => sum + one, 0);
}

function medianSum(meter: RealMeter, number: number): number | null {
  const sums = recent(meter, number)
    .map(sumOf)
    .sort((a, b) => a - b);
  return sums[sums.length >> 1] ?? null;
}

/** Flags of a day that was measured whole. */
export function measuredDay(slots: number): Uint16Array {
  return new Uint16Array(slots).fill(quality.measured);
}

/** A day as the rules see it, beside its month. */
export function columnsOf(
  meter: RealMeter,
  number: number,
  value: Float64Array,
  flags: Uint16Array,
): DayColumns {
  const others = recent(meter, number);
  return {
    start: number * 86_400,
    intervalSeconds: meter.intervalSeconds,
    readingType: 'delivered',
    value,
    quality: flags,
    totals: totalsOf(value, flags),
    dueFrom: 0,
    dueTo: value.length,
    registerDifference: null,
    peaks: others.map((day) => day.reduce((most, one) => Math.max(most, one), 0)),
    sums: others.map(sumOf),
    related: {},
    generationW: 0,
  };
}

/** Runs every rule over untouched days: what fails is a false positive, as far as the data are right. */
export function countFalsePositives(
  meters: readonly RealMeter[],
  set: DataSet,
  policy: MdmPolicy,
  everyDay: number,
): RuleCount[] {
  const counts = rules.map((rule) => ({ rule: rule.id, judged: 0, failed: 0 }));
  for (const meter of meters) {
    let index = 0;
    for (const [number, value] of meter.days) {
      if (index++ % everyDay !== 0) continue;
      const flags = measuredDay(86_400 / set.intervalSeconds);
      const day = columnsOf(meter, number, value, flags);
      rules.forEach((rule, place) => {
        const outcome = rule.check(day, policy);
        if (!outcome) return;
        const count = counts[place] as RuleCount;
        count.judged++;
        if (outcome.hasFailed) count.failed++;
      });
    }
  }
  return counts.filter((count) => count.judged > 0);
}

/** Runs the rules over untouched days of a point with several channels, once for each of them. */
export function countCross(set: CrossSet, policy: MdmPolicy): RuleCount[] {
  const counts = rules
    .filter(({ group }) => group === 'cross-channel')
    .map((rule) => ({ rule: rule.id, judged: 0, failed: 0 }));
  const { main, related } = set.read();
  for (const [number, value] of main.days) {
    const others = Object.entries(related).map(([type, meter]) => [type, meter?.days.get(number)] as const);
    if (others.some(([, day]) => day === undefined)) continue;
    const beside = Object.fromEntries(
      others.map(([type, day]) => [type, { value: day as Float64Array, quality: measuredDay(value.length) }]),
    );
    const days = [
      { ...columnsOf(main, number, value, measuredDay(value.length)), related: beside },
      ...others.map(([type, day]) => ({
        ...columnsOf(main, number, day as Float64Array, measuredDay(value.length)),
        readingType: type,
      })),
    ];
    for (const count of counts) {
      const rule = rules.find(({ id }) => id === count.rule);
      for (const day of days) {
        const outcome = rule?.check({ ...day, generationW: set.generationW }, policy);
        if (!outcome) continue;
        count.judged++;
        if (outcome.hasFailed) count.failed++;
      }
    }
  }
  return counts.filter((count) => count.judged > 0);
}
