/** Rules on the process: what is missing was never asked for, or was asked for and refused. */
import { missing } from './missing.ts';
import { passed, type Rule } from './rule.ts';

export const neverAsked: Rule = {
  id: 'never-asked',
  title: 'Who lacks intervals was asked for them',
  group: 'process',
  parameters: [],
  isForPeople: true,
  check(day, policy) {
    const { attempts } = day;
    const absent = missing.check(day, policy)?.slots.length ?? 0;
    if (!attempts || absent === 0) return null;
    if (attempts.answered + attempts.refused + attempts.unanswered > 0) return passed;
    return { hasFailed: true, detail: `${absent} intervals are missing and nobody asked since`, slots: [] };
  },
};

export const askedAndRefused: Rule = {
  id: 'asked-refused',
  title: 'A meter that is asked for intervals does not refuse',
  group: 'process',
  parameters: [],
  isForPeople: true,
  check(day, policy) {
    const { attempts } = day;
    const absent = missing.check(day, policy)?.slots.length ?? 0;
    if (!attempts || absent === 0) return null;
    const { answered, refused, unanswered, lastCode } = attempts;
    if (refused === 0 || answered > 0) return passed;
    const code = lastCode === null ? '' : `, last with ${lastCode}`;
    const detail = `${absent} intervals are missing, asked ${refused + unanswered} times, refused ${refused}${code}`;
    return { hasFailed: true, detail, slots: [] };
  },
};
