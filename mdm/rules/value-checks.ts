/** Rules on the values of a channel alone: what is too much, too little, frozen or lumped together. */
import { passed, type Rule } from './rule.ts';
import { failedSlots, isEnergy, isKnown, medianOf } from './slots-named.ts';

export const highDemand: Rule = {
  id: 'high-demand',
  title: 'No interval above what the service can carry',
  group: 'value',
  parameters: [
    { setting: 'serviceLimitW', unit: 'W', source: 'local setting: rating of the service or of the CT' },
  ],
  isForPeople: true,
  check(day, policy) {
    if (!isEnergy(day)) return null;
    const limit = (policy.serviceLimitW * day.intervalSeconds) / 3600;
    if (day.totals.peak <= limit) return passed;
    const slots: number[] = [];
    for (let slot = 0; slot < day.value.length; slot++) {
      if ((day.value[slot] as number) > limit) slots.push(slot);
    }
    return slots.length === 0 ? passed : failedSlots(day, slots, `intervals above ${policy.serviceLimitW} W`);
  },
};

export const thirdPeak: Rule = {
  id: 'third-peak',
  title: 'The day’s highest interval is not far above its third highest',
  group: 'value',
  parameters: [
    { setting: 'thirdPeakPercent', unit: '%', source: 'our choice; 180 in the California code, as recalled' },
    { setting: 'thirdPeakFloorW', unit: 'W', source: 'our choice: below it one appliance makes a peak' },
  ],
  isForPeople: false,
  check(day, policy) {
    if (!isEnergy(day)) return null;
    const floor = (policy.thirdPeakFloorW * day.intervalSeconds) / 3600;
    if (day.totals.peak <= floor) return passed;
    let first = 0;
    let second = 0;
    let third = 0;
    for (let slot = 0; slot < day.value.length; slot++) {
      const value = day.value[slot] as number;
      if (value > first) [first, second, third] = [value, first, second];
      else if (value > second) [second, third] = [value, second];
      else if (value > third) third = value;
    }
    if (third === 0) return passed;
    const percent = ((first - third) / third) * 100;
    if (percent <= policy.thirdPeakPercent) return passed;
    const slot = day.value.indexOf(first);
    return failedSlots(day, [slot], `interval ${Math.round(percent)} % above the third highest of ${third}`);
  },
};

export const zeroDay: Rule = {
  id: 'zero-day',
  title: 'A point that usually takes energy takes some',
  group: 'value',
  parameters: [{ setting: 'usualLeastDays', unit: 'days', source: 'our choice, as for the spike rule' }],
  isForPeople: true,
  check(day, policy) {
    if (!isEnergy(day) || day.readingType.startsWith('received') || day.sums.length < policy.usualLeastDays)
      return null;
    if (day.totals.peak > 0) return passed;
    if (day.totals.absent > 0) return null;
    const usual = medianOf(day.sums);
    if (usual === 0) return passed;
    return { hasFailed: true, detail: `nothing all day, usually ${usual} a day`, slots: [] };
  },
};

export const frozen: Rule = {
  id: 'frozen',
  title: 'A value above zero does not stand still for hours',
  group: 'value',
  parameters: [
    { setting: 'frozenHours', unit: 'h', source: 'local setting: street lamps and signals do stand still' },
  ],
  isForPeople: true,
  check(day, policy) {
    if (day.readingType === 'voltage') return null;
    const least = (policy.frozenHours * 3600) / day.intervalSeconds;
    if (day.totals.still < least) return passed;
    let from = 0;
    for (let slot = 1; slot <= day.value.length; slot++) {
      if (slot < day.value.length && day.value[slot] === day.value[from]) continue;
      const isLong = slot - from >= least && (day.value[from] as number) > 0;
      if (isLong) {
        const slots = Array.from({ length: slot - from }, (_, index) => from + index);
        return failedSlots(day, slots, `intervals at ${day.value[from]}`);
      }
      from = slot;
    }
    return passed;
  },
};

export const highDay: Rule = {
  id: 'high-day',
  title: 'A day is not many times the usual one',
  group: 'value',
  parameters: [
    { setting: 'highDayFactor', unit: '', source: 'our choice: see the table of false positives' },
    { setting: 'usualLeastDays', unit: 'days', source: 'our choice, as for the spike rule' },
    {
      setting: 'highDayFloorWh',
      unit: 'Wh',
      source: 'our choice: below it a day of washing is many times the usual',
    },
  ],
  isForPeople: true,
  check(day, policy) {
    if (!isEnergy(day) || day.sums.length < policy.usualLeastDays) return null;
    const { sum } = day.totals;
    if (sum <= policy.highDayFloorWh || sum <= Math.min(...day.sums) * policy.highDayFactor) return passed;
    const usual = medianOf(day.sums);
    if (sum <= usual * policy.highDayFactor) return passed;
    return { hasFailed: true, detail: `${sum} in a day, usually ${usual}`, slots: [] };
  },
};

export const lowDay: Rule = {
  id: 'low-day',
  title: 'A whole day is not a small part of the usual one',
  group: 'value',
  parameters: [
    { setting: 'lowDayFraction', unit: '', source: 'our choice: see the table of false positives' },
    { setting: 'usualLeastDays', unit: 'days', source: 'our choice, as for the spike rule' },
  ],
  isForPeople: false,
  check(day, policy) {
    if (!isEnergy(day) || day.readingType.startsWith('received') || day.sums.length < policy.usualLeastDays)
      return null;
    const { sum, absent } = day.totals;
    if (absent > 0) return null;
    // The middle one is no more than the largest: nearly every day passes without its being sought.
    if (sum === 0 || sum >= Math.max(...day.sums) * policy.lowDayFraction) return passed;
    const usual = medianOf(day.sums);
    if (sum >= usual * policy.lowDayFraction) return passed;
    return { hasFailed: true, detail: `${sum} in a day, usually ${usual}`, slots: [] };
  },
};

export const lumped: Rule = {
  id: 'lumped',
  title: 'What was missed is not lumped into the interval after the gap',
  group: 'value',
  parameters: [
    {
      setting: 'lumpedFactor',
      unit: '',
      source: 'our choice: an interval that holds its gap too is that much higher',
    },
  ],
  isForPeople: true,
  check(day, policy) {
    if (!isEnergy(day) || day.peaks.length < policy.spikeLeastDays) return null;
    if (day.totals.absent === 0) return passed;
    let peak = 0;
    for (const usual of day.peaks) peak = Math.max(peak, usual);
    const slots: number[] = [];
    for (let slot = 1; slot < day.value.length; slot++) {
      const isAfterGap = isKnown(day, slot) && !isKnown(day, slot - 1) && slot - 1 >= day.dueFrom;
      if (isAfterGap && (day.value[slot] as number) > peak * policy.lumpedFactor) slots.push(slot);
    }
    return slots.length === 0 ? passed : failedSlots(day, slots, `intervals above ${peak} after a gap`);
  },
};

export const registerBackwards: Rule = {
  id: 'register-backwards',
  title: 'A register never runs backwards',
  group: 'value',
  parameters: [],
  isForPeople: true,
  check(day) {
    if (day.registerDifference === null) return null;
    if (day.registerDifference >= 0) return passed;
    return { hasFailed: true, detail: `register ${day.registerDifference} over the day`, slots: [] };
  },
};
