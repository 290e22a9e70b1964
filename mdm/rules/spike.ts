/** Rule `spike`: no interval is many times what the channel's days usually peak at; robust, since medians forget outliers. */
import { quality } from '@wattline/model';
import { timeRange } from '../review/slot-text.ts';
import { passed, type Rule } from './rule.ts';
import { isEnergy, medianOf } from './slots-named.ts';

/** Spikes named in a detail; more are counted. */
const spikesNamed = 4;

export const spike: Rule = {
  id: 'spike',
  title: 'No interval far above the channel’s usual peak',
  group: 'value',
  parameters: [
    {
      setting: 'spikeFactor',
      unit: '',
      source: 'our choice: on 67 London households of 2013 it flags 13 of 23,214 days, with 3 instead 48',
    },
    { setting: 'spikeFloorW', unit: 'W', source: 'our choice: ordinary appliances together stay below' },
    { setting: 'spikeDays', unit: 'days', source: 'our choice: four weeks, as for like days' },
    {
      setting: 'spikeLeastDays',
      unit: 'days',
      source: 'our choice: fewer days have no median worth the name',
    },
  ],
  isForPeople: false,
  check(day, policy) {
    if (!isEnergy(day) || day.peaks.length < policy.spikeLeastDays) return null;
    const floor = (policy.spikeFloorW * day.intervalSeconds) / 3600;
    const highest = day.totals.peak;
    if (highest <= floor) return passed;
    const typical = medianOf(day.peaks);
    const limit = Math.max(floor, policy.spikeFactor * typical);
    if (highest <= limit) return passed;
    const slots: number[] = [];
    for (let slot = 0; slot < day.value.length; slot++) {
      const isKnown = ((day.quality[slot] as number) & quality.missing) === 0;
      if (isKnown && (day.value[slot] as number) > limit) slots.push(slot);
    }
    const named = slots
      .slice(0, spikesNamed)
      .map((slot) => `${day.value[slot]} Wh at ${timeRange(day, { start: slot, end: slot + 1 })}`);
    const more = slots.length > spikesNamed ? ` and ${slots.length - spikesNamed} more` : '';
    const detail = `${named.join(', ')}${more}; limit ${Math.round(limit)} Wh, usual daily peak ${typical} Wh`;
    return { hasFailed: true, detail, slots };
  },
};
