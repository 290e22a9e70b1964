/** Rule `meter-status`: the meter does not itself doubt the value (its profile status says the data are not valid). */
import { quality } from '@wattline/model';
import { passed, type Rule } from './rule.ts';
import { failedSlots } from './slots-named.ts';

export const meterStatus: Rule = {
  id: 'meter-status',
  title: 'The meter does not doubt its own value',
  group: 'meter state',
  parameters: [],
  isForPeople: false,
  check(day) {
    if ((day.totals.flags & quality.suspect) === 0) return passed;
    const slots: number[] = [];
    for (let slot = 0; slot < day.quality.length; slot++) {
      if (((day.quality[slot] as number) & quality.suspect) !== 0) slots.push(slot);
    }
    return failedSlots(day, slots, 'intervals');
  },
};
