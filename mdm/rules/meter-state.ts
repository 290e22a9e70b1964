/** Rules on what the meter said of itself: its clock, its supply. */
import { quality } from '@wattline/model';
import { passed, type Rule } from './rule.ts';
import { failedSlots, isEnergy, isKnown } from './slots-named.ts';

export const clockDoubtful: Rule = {
  id: 'clock-doubtful',
  title: 'The meter’s clock was right in every interval',
  group: 'meter state',
  parameters: [],
  isForPeople: true,
  check(day) {
    if ((day.totals.flags & quality.clockDoubtful) === 0) return passed;
    const slots: number[] = [];
    for (let slot = 0; slot < day.quality.length; slot++) {
      if (((day.quality[slot] as number) & quality.clockDoubtful) !== 0) slots.push(slot);
    }
    return failedSlots(day, slots, 'intervals with the clock set or invalid');
  },
};

export const unexplainedOutage: Rule = {
  id: 'unexplained-outage',
  title: 'A zero next to a power failure is itself marked as one',
  group: 'meter state',
  parameters: [],
  isForPeople: false,
  check(day) {
    if (!isEnergy(day)) return null;
    if ((day.totals.flags & quality.powerFail) === 0) return passed;
    const isOut = (slot: number) => ((day.quality[slot] as number) & quality.powerFail) !== 0;
    const slots: number[] = [];
    for (let slot = 1; slot + 1 < day.value.length; slot++) {
      const isBetween = isOut(slot - 1) && isOut(slot + 1) && !isOut(slot);
      if (isBetween && isKnown(day, slot) && day.value[slot] === 0) slots.push(slot);
    }
    return slots.length === 0 ? passed : failedSlots(day, slots, 'zeros within a power failure');
  },
};

export const energyWithoutSupply: Rule = {
  id: 'energy-without-supply',
  title: 'No energy in the middle of a power failure',
  group: 'meter state',
  parameters: [],
  isForPeople: true,
  check(day) {
    if (!isEnergy(day)) return null;
    if ((day.totals.flags & quality.powerFail) === 0) return passed;
    const isOut = (slot: number) => ((day.quality[slot] as number) & quality.powerFail) !== 0;
    const slots: number[] = [];
    // The first and the last interval of a failure have supply for a part of it.
    for (let slot = 1; slot + 1 < day.value.length; slot++) {
      const isWithin = isOut(slot - 1) && isOut(slot) && isOut(slot + 1);
      if (isWithin && (day.value[slot] as number) > 0) slots.push(slot);
    }
    return slots.length === 0 ? passed : failedSlots(day, slots, 'intervals with energy but no supply');
  },
};
