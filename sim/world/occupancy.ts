/** Who is awake at home: a Markov chain for each person, with rates that follow the hour and the kind of day. */
import type { Random } from '@wattline/base';
import type { LocalDay } from './local-days.ts';

/** People of one household over one local day, one value for each slot. */
export interface Occupancy {
  /** People at home and awake. */
  readonly active: Uint8Array;
  /** People at home, awake or asleep. */
  readonly home: Uint8Array;
}

const asleep = 0;
const active = 1;
const away = 2;

/** Chance of a change within a quarter of an hour, by hour of the local day. */
interface Rates {
  readonly wake: readonly number[];
  readonly sleep: readonly number[];
  readonly leave: readonly number[];
  readonly comeBack: readonly number[];
}

const workingDay: Rates = {
  wake: hours([5, 0.004], [6, 0.05], [7, 0.2], [8, 0.3], [9, 0.28], [24, 0.35]),
  sleep: hours([1, 0.35], [5, 0.5], [21, 0.002], [22, 0.04], [23, 0.16], [24, 0.3]),
  leave: hours([6, 0.01], [7, 0.05], [9, 0.2], [17, 0.09], [20, 0.03], [24, 0.01]),
  comeBack: hours([7, 0.05], [12, 0.02], [15, 0.04], [17, 0.09], [19, 0.2], [22, 0.18], [24, 0.3]),
};
const restDay: Rates = {
  wake: hours([6, 0.004], [7, 0.03], [8, 0.09], [9, 0.2], [10, 0.3], [24, 0.35]),
  sleep: hours([1, 0.25], [6, 0.5], [21, 0.002], [22, 0.03], [23, 0.12], [24, 0.24]),
  leave: hours([8, 0.01], [10, 0.05], [16, 0.09], [21, 0.04], [24, 0.01]),
  comeBack: hours([9, 0.04], [12, 0.06], [16, 0.09], [20, 0.13], [24, 0.28]),
};

/** Share of days on which everybody is gone from morning to morning. */
const holidayShare = 0.02;

/** The 24 hourly values of steps `[until hour, value]`. */
function hours(...steps: readonly (readonly [until: number, value: number])[]): readonly number[] {
  return Array.from({ length: 24 }, (_, hour) => (steps.find(([until]) => hour < until) ?? [24, 0])[1]);
}

/** Draws one day of a household. The chain starts anew at local midnight, when nearly all are asleep. */
export function drawOccupancy(of: {
  readonly occupants: number;
  readonly outgoing: number;
  readonly day: LocalDay;
  readonly random: Random;
}): Occupancy {
  const { occupants, outgoing, day, random } = of;
  const awake = new Uint8Array(day.slots);
  const home = new Uint8Array(day.slots);
  if (random.next() < holidayShare) return { active: awake, home };
  const isRestDay = day.dayOfWeek > 5;
  const rates = isRestDay ? restDay : workingDay;
  // Longer slots see more of the chance to change.
  const steps = day.slotMs / 900_000;
  for (let person = 0; person < occupants; person++) {
    const start = random.next();
    let state = start < 0.84 ? asleep : start < 0.94 ? active : away;
    for (let slot = 0; slot < day.slots; slot++) {
      const hour = Math.floor((day.minuteOfDay[slot] as number) / 60);
      state = nextState({ state, rates, hour, outgoing, draw: random.next() / steps });
      if (state === active) awake[slot] = (awake[slot] as number) + 1;
      if (state !== away) home[slot] = (home[slot] as number) + 1;
    }
  }
  return { active: awake, home };
}

function nextState(of: {
  readonly state: number;
  readonly rates: Rates;
  readonly hour: number;
  readonly outgoing: number;
  readonly draw: number;
}): number {
  const { state, rates, hour, draw } = of;
  if (state === asleep) return draw < (rates.wake[hour] as number) ? active : asleep;
  if (state === away) return draw < (rates.comeBack[hour] as number) ? active : away;
  const sleep = rates.sleep[hour] as number;
  if (draw < sleep) return asleep;
  return draw < sleep + (rates.leave[hour] as number) * of.outgoing ? away : active;
}
