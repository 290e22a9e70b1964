import { formatInstant, type Period } from '@wattline/base';
import { quality } from '@wattline/model';
import type { MeterFault } from '../world/meter-fault.ts';
import type { Checker, CheckSubject } from './checker.ts';
import { truthOf } from './interval-truth.ts';
import { Tally } from './tally.ts';

/** What the meter stored wrongly or lost must not pass for measured. */
export const faultCheck: Checker = {
  name: 'faults',
  holds:
    'an interval that the profile lost or holds wrongly is estimated, doubted or missing, never measured beyond doubt',
  async run(subject) {
    const { world, period } = subject;
    const tally = new Tally();
    for (const [index, { id }] of world.premises.entries()) {
      const truth = truthOf(world, index, period, period.endMs);
      if (!truth.isReachable) continue;
      for (const fault of truth.faults) await judge(subject, id, fault, truth.intervalMs, tally);
    }
    return tally.finding();
  },
};

async function judge(
  { system, period }: CheckSubject,
  id: string,
  fault: MeterFault,
  intervalMs: number,
  tally: Tally,
): Promise<void> {
  const channel = `${id}/delivered`;
  const hit = within(fault, period, intervalMs);
  const { quality: flags } = await system.mdm.series(channel, hit);
  for (const [i, bits] of flags.entries()) {
    const atMs = hit.startMs + i * intervalMs;
    const isDoubted = (bits & (quality.estimated | quality.missing | quality.suspect)) !== 0;
    const isFound = isDoubted || (await hasFailed(system, channel, atMs));
    tally.count(isFound, () => `${channel} at ${formatInstant(atMs)}: a ${fault.kind} passes for measured`);
  }
}

function within(fault: MeterFault, period: Period, intervalMs: number): Period {
  const endMs = fault.kind === 'profile-spike' ? fault.startMs + intervalMs : fault.endMs;
  return { startMs: Math.max(fault.startMs, period.startMs), endMs: Math.min(endMs, period.endMs) };
}

async function hasFailed(system: CheckSubject['system'], channel: string, atMs: number): Promise<boolean> {
  const verdicts = await system.mdm.verdicts(channel, atMs);
  return verdicts.some(({ outcome }) => outcome === 'fail');
}
