import type { Checker } from './checker.ts';
import { Tally } from './tally.ts';

/** Nothing is lost out of sight. */
export const completenessCheck: Checker = {
  name: 'completeness',
  holds:
    'every interval due on a day was received, is estimated or is missing: the three sum to what was expected',
  async run({ world, system, period }) {
    const tally = new Tally();
    const perDay = await system.mdm.completeness(period, system.zone);
    for (const { date, expected, received, estimated, missing } of perDay) {
      const isRight = expected > 0 && received + estimated + missing === expected;
      tally.count(
        isRight,
        () => `${date}: ${received} + ${estimated} + ${missing} are not the ${expected} expected`,
      );
    }
    tally.count(world.premises.length > 0, () => 'a world without premises');
    return tally.finding();
  },
};
