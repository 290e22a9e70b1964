import { formatInstant } from '@wattline/base';
import { quality } from '@wattline/model';
import type { Checker } from './checker.ts';
import { directions, truthOf } from './interval-truth.ts';
import { Tally } from './tally.ts';

/** From the load of the world through the meter's profile, its octets, the head-end and the log to the stored version. */
export const energyCheck: Checker = {
  name: 'energy',
  holds:
    'every interval without a fault of the profile is stored as measured, with the energy of the world to the Wh',
  async run({ world, system, period }) {
    const tally = new Tally();
    for (const [index, { id }] of world.premises.entries()) {
      const truth = truthOf(world, index, period, period.endMs);
      if (!truth.isReachable) continue;
      for (const direction of directions) {
        const { value, quality: flags } = await system.mdm.series(`${id}/${direction}`, period);
        for (const [i, expected] of truth.energy[direction].entries()) {
          if (truth.isFaulty[i] === 1) continue;
          const isRight = ((flags[i] ?? 0) & quality.measured) !== 0 && value[i] === expected;
          tally.count(isRight, () => {
            const at = formatInstant(period.startMs + i * truth.intervalMs);
            return `${id}/${direction} at ${at}: expected ${expected} Wh measured, found ${value[i]} with quality ${flags[i]}`;
          });
        }
      }
    }
    return tally.finding();
  },
};
