/** Rule `sum-check`: the intervals of a local day sum to the difference of its midnight registers, exact in Wh. */
import { passed, type Rule } from './rule.ts';

export const sumCheck: Rule = {
  id: 'sum-check',
  title: 'The day’s intervals sum to its register difference',
  group: 'cross-channel',
  parameters: [
    {
      setting: 'sumToleranceWh',
      unit: 'Wh',
      source:
        'meter and head-end carry whole Wh, so nothing may be lost; a scaled register would need its resolution',
    },
  ],
  isForPeople: true,
  check(day, policy) {
    if (day.registerDifference === null) return null;
    const { sum, absent } = day.totals;
    const difference = sum - day.registerDifference;
    const sums = `intervals ${sum} Wh, register ${day.registerDifference} Wh`;
    if (day.registerDifference < 0) {
      return { hasFailed: true, detail: `the register runs backwards: ${sums}`, slots: [] };
    }
    if (absent > 0) {
      // Part of a day may not pass, but it fails once it alone is more than the register allows.
      if (difference <= policy.sumToleranceWh) return null;
      return { hasFailed: true, detail: `${sums} with ${absent} intervals missing`, slots: [] };
    }
    if (Math.abs(difference) <= policy.sumToleranceWh) return passed;
    return { hasFailed: true, detail: `${sums}, difference ${difference} Wh`, slots: [] };
  },
};
