/** The sum check on real days with registers made from them: right ones, coarse ones, another meter's, and a day that lost an interval. */
import { type DayColumns, type MdmPolicy, rules } from '@wattline/mdm';
import type { RealMeter } from './real-series.ts';
import { columnsOf, measuredDay, sumOf } from './trials.ts';

/** A way in which registers and intervals meet. */
export interface SumCase {
  readonly id: string;
  readonly title: string;
  /** Whether the check ought to fail. */
  readonly isFault: boolean;
}

/** What the check said of one case. */
export interface SumCount {
  readonly sumCase: SumCase;
  judged: number;
  failed: number;
}

export const sumCases: readonly SumCase[] = [
  { id: 'SUM-RIGHT', title: 'the register of the meter itself, in Wh', isFault: false },
  { id: 'SUM-KWH', title: 'the same read in whole kWh, rounded down at both midnights', isFault: false },
  { id: 'SUM-LOST', title: 'one interval of the day came as 0', isFault: true },
  { id: 'SUM-CROSS', title: 'the registers are another meter’s of the set', isFault: true },
  {
    id: 'SUM-CROSS-HALF',
    title: 'crossed meters half put right: its own end, the other’s start',
    isFault: true,
  },
];

const rule = rules.find(({ id }) => id === 'sum-check');

/** Plays every case on every `everyDay`-th whole day of the meters. */
export function countSums(meters: readonly RealMeter[], policy: MdmPolicy, everyDay: number): SumCount[] {
  const counts = sumCases.map((sumCase) => ({ sumCase, judged: 0, failed: 0 }));
  const tally = (place: number, day: DayColumns, registerDifference: number) => {
    const outcome = rule?.check({ ...day, registerDifference }, policy);
    const count = counts[place];
    if (!outcome || !count) return;
    count.judged++;
    if (outcome.hasFailed) count.failed++;
  };
  meters.forEach((meter, index) => {
    const other = meters[(index + 1) % meters.length] as RealMeter;
    const registers = registersOf(meter);
    const crossed = registersOf(other);
    let turn = 0;
    for (const [number, value] of meter.days) {
      if (turn++ % everyDay !== 0) continue;
      const day = columnsOf(meter, number, value, measuredDay(value.length));
      const own = registers.get(number) as number;
      const difference = sumOf(value);
      tally(0, day, difference);
      tally(1, day, wholeKwh(own + difference) - wholeKwh(own));
      const lost = value.slice();
      const at = (number * 7) % value.length;
      if ((value[at] as number) > 0) {
        lost[at] = 0;
        tally(2, columnsOf(meter, number, lost, measuredDay(value.length)), difference);
      }
      const theirs = other.days.get(number);
      if (theirs && sumOf(theirs) !== difference) tally(3, day, sumOf(theirs));
      const theirStart = crossed.get(number);
      if (theirStart !== undefined && theirStart !== own) tally(4, day, own + difference - theirStart);
    }
  });
  return counts;
}

/** A register that begins at 0 and counts the whole days, at the start of each. */
function registersOf({ days }: RealMeter): Map<number, number> {
  let total = 0;
  const registers = new Map<number, number>();
  for (const number of [...days.keys()].sort((a, b) => a - b)) {
    registers.set(number, total);
    total += sumOf(days.get(number) as Float64Array);
  }
  return registers;
}

function wholeKwh(wh: number): number {
  return Math.floor(wh / 1000) * 1000;
}

/** A published case of the sum check and what our rule says of it. */
export interface PublishedCase {
  readonly id: string;
  readonly what: string;
  readonly expected: 'pass' | 'fail';
  readonly found: 'pass' | 'fail';
}

/** The published cases of the sum check (sources in the shared samples), in their own units times 1,000. */
export function publishedSums(policy: MdmPolicy): PublishedCase[] {
  const cases = [
    ['SUM-CMEP', '24 hourly values sum 479; register 2931567 to 2932046', 479, 2_932_046 - 2_931_567, 'pass'],
    ['SUM-CROSS-OK', 'registers of meter A alone: 120 to 150; day sums 30', 30, 150 - 120, 'pass'],
    ['SUM-CROSS-BAD', 'the old meter’s start 150 left in place; day sums 30', 30, 150 - 150, 'fail'],
  ] as const;
  return cases.map(([id, what, sum, difference, expected]) => {
    const meter = { id, intervalSeconds: 3600, days: new Map<number, Float64Array>() };
    const value = new Float64Array(24);
    value[0] = sum * 1000;
    const day = columnsOf(meter, 0, value, measuredDay(24));
    const outcome = rule?.check({ ...day, registerDifference: difference * 1000 }, policy);
    return { id, what, expected, found: outcome?.hasFailed ? 'fail' : 'pass' };
  });
}
