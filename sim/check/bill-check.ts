import type { Checker } from './checker.ts';
import { Tally } from './tally.ts';

/** The end of a kilowatt-hour's way. */
export const billCheck: Checker = {
  name: 'bills',
  holds: 'the lines of each bill sum to its total, and a closed month agrees with the registers at its ends',
  async run({ world, system }) {
    const tally = new Tally();
    for (const { id } of world.premises) {
      for (const bill of await system.billing.bills(id)) {
        const sum = bill.lines.reduce((total, { amount }) => total + BigInt(amount), 0n);
        tally.count(sum === BigInt(bill.total), () => `${bill.id}: lines sum to ${sum}, total ${bill.total}`);
        if (bill.state !== 'closed' || bill.registerCheck.agrees === null) continue;
        tally.count(
          bill.registerCheck.agrees,
          () => `${bill.id}: intervals and registers differ by ${bill.registerCheck.difference} kWh`,
        );
      }
    }
    return tally.finding();
  },
};
