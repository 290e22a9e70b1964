/** Rules that lay channels of one usage point beside each other. */
import { passed, type Rule } from './rule.ts';
import { failedSlots, isKnown, sumAndAbsent } from './slots-named.ts';

export const checkMeter: Rule = {
  id: 'check-meter',
  title: 'Main and check meter agree over the day',
  group: 'cross-channel',
  parameters: [
    { setting: 'checkMeterPercent', unit: '%', source: 'local setting: sum of the two accuracy classes' },
  ],
  isForPeople: true,
  check(day, policy) {
    const other = day.related.check;
    if (day.readingType !== 'delivered' || !other) return null;
    const main = day.totals;
    const check = sumAndAbsent(other);
    if (main.absent > 0 || check.absent > 0) return null;
    const allowed = (Math.max(main.sum, check.sum) * policy.checkMeterPercent) / 100 + day.value.length;
    const difference = main.sum - check.sum;
    if (Math.abs(difference) <= allowed) return passed;
    return { hasFailed: true, detail: `main ${main.sum} Wh, check ${check.sum} Wh`, slots: [] };
  },
};

export const bothDirections: Rule = {
  id: 'both-directions',
  title: 'Energy does not flow both ways at full strength in one interval',
  group: 'cross-channel',
  parameters: [{ setting: 'bothDirectionsW', unit: 'W', source: 'local setting' }],
  isForPeople: true,
  check(day, policy) {
    const other = day.related.received;
    if (day.readingType !== 'delivered' || !other) return null;
    const limit = (policy.bothDirectionsW * day.intervalSeconds) / 3600;
    if (day.totals.peak <= limit) return passed;
    const slots: number[] = [];
    for (let slot = 0; slot < day.value.length; slot++) {
      if ((day.value[slot] as number) > limit && (other.value[slot] as number) > limit) slots.push(slot);
    }
    return slots.length === 0 ? passed : failedSlots(day, slots, 'intervals with energy both ways');
  },
};

export const exportWithoutGeneration: Rule = {
  id: 'export-without-generation',
  title: 'Only a point with generation on record gives energy back',
  group: 'cross-channel',
  parameters: [],
  isForPeople: true,
  check(day) {
    if (day.readingType !== 'received') return null;
    if (day.generationW > 0) return passed;
    const { sum } = day.totals;
    if (sum === 0) return passed;
    return { hasFailed: true, detail: `${sum} Wh received, no generation on record`, slots: [] };
  },
};

export const apparentBelowActive: Rule = {
  id: 'apparent-below-active',
  title: 'Apparent energy is at least the active',
  group: 'cross-channel',
  parameters: [
    { setting: 'apparentToleranceWh', unit: 'Wh', source: 'one unit of the last digit of each channel' },
  ],
  isForPeople: true,
  check(day, policy) {
    const other = day.related['delivered-apparent'];
    if (day.readingType !== 'delivered' || !other) return null;
    const slots: number[] = [];
    for (let slot = 0; slot < day.value.length; slot++) {
      if (!isKnown(day, slot) || !isKnown(other, slot)) continue;
      if ((day.value[slot] as number) > (other.value[slot] as number) + policy.apparentToleranceWh)
        slots.push(slot);
    }
    return slots.length === 0 ? passed : failedSlots(day, slots, 'intervals with less VAh than Wh');
  },
};

export const powerFactorLow: Rule = {
  id: 'power-factor',
  title: 'Power factor over the day is not below what a working installation has',
  group: 'cross-channel',
  parameters: [{ setting: 'leastPowerFactor', unit: '', source: 'local setting' }],
  isForPeople: true,
  check(day, policy) {
    const other = day.related['delivered-reactive'];
    if (day.readingType !== 'delivered' || !other) return null;
    const active = day.totals;
    const reactive = sumAndAbsent(other);
    if (active.absent > 0 || reactive.absent > 0) return null;
    const apparent = Math.hypot(active.sum, reactive.sum);
    if (apparent === 0 || active.sum / apparent >= policy.leastPowerFactor) return passed;
    return { hasFailed: true, detail: `${active.sum} Wh and ${reactive.sum} varh`, slots: [] };
  },
};

export const voltageRange: Rule = {
  id: 'voltage-range',
  title: 'Mean voltage is within what the network allows, where there is supply',
  group: 'cross-channel',
  parameters: [
    { setting: 'nominalVoltageV', unit: 'V', source: 'local setting: IEC 60038' },
    { setting: 'voltageAbovePercent', unit: '%', source: 'our choice: beyond it the meter is to be doubted' },
    {
      setting: 'voltageBelowPercent',
      unit: '%',
      source: 'EN 50160: 10 % for 95 % of ten-minute means; 15 % never',
    },
  ],
  isForPeople: false,
  check(day, policy) {
    if (day.readingType !== 'voltage') return null;
    // Voltage is kept in tenths of a volt.
    const low = policy.nominalVoltageV * (10 - policy.voltageBelowPercent / 10);
    const high = policy.nominalVoltageV * (10 + policy.voltageAbovePercent / 10);
    const slots: number[] = [];
    for (let slot = 0; slot < day.value.length; slot++) {
      const value = day.value[slot] as number;
      if (value > 0 && (value < low || value > high)) slots.push(slot);
    }
    return slots.length === 0 ? passed : failedSlots(day, slots, 'intervals outside the range');
  },
};

export const currentWithoutEnergy: Rule = {
  id: 'current-without-energy',
  title: 'Where current flows, energy is counted',
  group: 'cross-channel',
  parameters: [
    { setting: 'currentFloorA', unit: 'A', source: 'local setting: above the starting current of the meter' },
  ],
  isForPeople: true,
  check(day, policy) {
    const current = day.related.current;
    if (day.readingType !== 'delivered' || !current) return null;
    const received = day.related.received;
    const slots: number[] = [];
    for (let slot = 0; slot < day.value.length; slot++) {
      const isFlowing = (current.value[slot] as number) > policy.currentFloorA * 100;
      const isCounted = (day.value[slot] as number) > 0 || ((received?.value[slot] as number) ?? 0) > 0;
      if (isFlowing && isKnown(day, slot) && !isCounted) slots.push(slot);
    }
    return slots.length === 0 ? passed : failedSlots(day, slots, 'intervals with current and no energy');
  },
};
