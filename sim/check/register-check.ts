import { localDays } from '@wattline/base';
import type { Checker } from './checker.ts';
import { directions, truthOf } from './interval-truth.ts';
import { Tally } from './tally.ts';

/** Registers count on through every fault of the profile: they are the meter's own witness of the day. */
export const registerCheck: Checker = {
  name: 'registers',
  holds:
    'the registers of two midnights differ by the energy of the world between them, also where the profile has faults',
  async run({ world, system, period }) {
    const tally = new Tally();
    const days = localDays(period, system.zone);
    for (const [index, { id }] of world.premises.entries()) {
      const truth = truthOf(world, index, period, period.endMs);
      if (!truth.isReachable) continue;
      for (const direction of directions) {
        const registers = await Promise.all(
          [period.startMs, ...days.map((day) => day.period.endMs)].map((atMs) =>
            system.mdm.register(`${id}/${direction}-total`, atMs),
          ),
        );
        // A meter keeps so many midnights and no more: those it no longer had when it was first read are nobody's loss.
        const first = Math.max(
          0,
          registers.findIndex((register) => register !== null),
        );
        for (const [i, day] of days.entries()) {
          if (i < first) continue;
          const [from, to] = [registers[i] ?? null, registers[i + 1] ?? null];
          const { startMs, endMs } = day.period;
          const slot = (atMs: number) => (atMs - period.startMs) / truth.intervalMs;
          const expected = truth.energy[direction]
            .subarray(slot(startMs), slot(endMs))
            .reduce((sum, wh) => sum + wh, 0);
          const isRight = from !== null && to !== null && to - from === expected;
          tally.count(
            isRight,
            () => `${id}/${direction}-total on ${day.date}: expected ${expected} Wh, found ${from} to ${to}`,
          );
        }
      }
    }
    return tally.finding();
  },
};
