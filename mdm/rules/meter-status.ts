/** Rule `meter-status`: the meter does not itself doubt the value (its profile status says the data are not valid). */
import { quality } from '@wattline/model';
import { slotRanges, timeRange } from '../review/slot-text.ts';
import { passed, type Rule } from './rule.ts';

/** Ranges named in a detail; more are counted. */
const rangesNamed = 6;

export const meterStatus: Rule = {
  id: 'meter-status',
  title: 'The meter does not doubt its own value',
  parameters: [],
  isPassKept: false,
  check(day) {
    const slots: number[] = [];
    for (let slot = 0; slot < day.quality.length; slot++) {
      if (((day.quality[slot] as number) & quality.suspect) !== 0) slots.push(slot);
    }
    if (slots.length === 0) return passed;
    const ranges = slotRanges(slots);
    const named = ranges.slice(0, rangesNamed).map((range) => timeRange(day, range));
    const more = ranges.length > rangesNamed ? ` and ${ranges.length - rangesNamed} more` : '';
    return { hasFailed: true, detail: `${slots.length} intervals: ${named.join(', ')}${more}`, slots };
  },
};
