/** Rule `missing`: every interval that is due has a value (a power-fail zero is a value). */
import { quality } from '@wattline/model';
import { slotRanges, timeRange } from '../review/slot-text.ts';
import { passed, type Rule } from './rule.ts';

/** Ranges named in a detail; more are counted. */
const rangesNamed = 6;

export const missing: Rule = {
  id: 'missing',
  title: 'Every due interval has a value',
  group: 'structure',
  parameters: [],
  isForPeople: false,
  check(day) {
    if (day.totals.absent === 0) return passed;
    let count = 0;
    for (let slot = day.dueFrom; slot < day.dueTo; slot++) {
      if (((day.quality[slot] as number) & quality.missing) !== 0) count++;
    }
    if (count === 0) return passed;
    const slots: number[] = [];
    for (let slot = day.dueFrom; slot < day.dueTo; slot++) {
      if (((day.quality[slot] as number) & quality.missing) !== 0) slots.push(slot);
    }
    const ranges = slotRanges(slots);
    const named = ranges.slice(0, rangesNamed).map((range) => timeRange(day, range));
    const more = ranges.length > rangesNamed ? ` and ${ranges.length - rangesNamed} more gaps` : '';
    const detail = `${count} of ${day.dueTo - day.dueFrom} intervals missing: ${named.join(', ')}${more}`;
    return { hasFailed: true, detail, slots };
  },
};
