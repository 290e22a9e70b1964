/** The batches of a campaign: the image to who lacks it, its activation to who has it verified; apart, and for people to sign seldom. */
import type { Row } from '@wattline/store/registry';
import { isEnded } from '../command/job.ts';
import type { Batch } from '../guard/batch.ts';
import type { Command } from '../guard/darkening.ts';
import type { Campaign, CampaignMeter } from './campaign-store.ts';
import type { VerdictRules } from './campaign-verdict.ts';

/** What is done to a meter, one after the other. */
export type Phase = 'transfer' | 'activation';

/** The command of each. */
export const commands: Readonly<Record<Phase, Command>> = {
  transfer: 'firmware-transfer',
  activation: 'firmware-activation',
};

const hourMs = 3_600_000;
/** Deadline of a batch: what it did not reach is asked for in another one. */
const batchHours = 20;
const batchMeters = 2_000;

/** With this begin the keys of a campaign's batches. */
export function prefixOf(id: string): string {
  return `campaign/${id}/`;
}

/** What the running stage is to be asked for now. */
export function batchesFor(
  campaign: Campaign,
  of: {
    readonly meters: readonly CampaignMeter[];
    readonly jobs: readonly Row<'command_job'>[];
    readonly nowMs: number;
  },
): Batch[] {
  const { meters, jobs, nowMs } = of;
  return (['transfer', 'activation'] as const).flatMap((phase) => {
    const serials = toAsk(phase, meters, jobs, campaign.terms.rules);
    const count = Math.ceil(serials.length / batchMeters);
    return Array.from({ length: count }, (_, i) =>
      batchFor(phase, { campaign, jobs, at: i * batchMeters, serials, nowMs }),
    );
  });
}

/** Meters that a phase is to be asked for now: those that wait for it and have no open job of it. */
function toAsk(
  phase: Phase,
  meters: readonly CampaignMeter[],
  jobs: readonly Row<'command_job'>[],
  rules: VerdictRules,
): string[] {
  const open = new Set(jobs.filter(({ state }) => !isEnded(state)).map(({ serial }) => serial));
  const free = (state: CampaignMeter['state']) =>
    meters.filter((meter) => meter.state === state && !open.has(meter.serial)).map(({ serial }) => serial);
  if (phase === 'transfer') return free('waiting');
  const ready = free('transferred');
  // One batch for most of a stage, and one for those that come later: people sign twice, not for each meter.
  const verified = meters.filter(({ state }) => state === 'transferred' || state === 'activated').length;
  const isEnough = verified >= meters.length * rules.activatedShare;
  const isNobodyOnTheWay = meters.every(({ serial, state }) => state !== 'waiting' || !open.has(serial));
  return isEnough || isNobodyOnTheWay ? ready : [];
}

function batchFor(
  phase: Phase,
  of: {
    readonly campaign: Campaign;
    readonly jobs: readonly Row<'command_job'>[];
    readonly at: number;
    readonly serials: readonly string[];
    readonly nowMs: number;
  },
): Batch {
  const { campaign, jobs, at, serials, nowMs } = of;
  const { id, stage, stages, terms } = campaign;
  const prefix = `${prefixOf(id)}${stage}/${phase}/`;
  const before = new Set(
    jobs.filter(({ batch_key }) => batch_key.startsWith(prefix)).map((job) => job.batch_key),
  );
  return {
    key: `${prefix}${before.size + at / batchMeters + 1}`,
    tenant: terms.tenant,
    command: commands[phase],
    lane: 'ordinary',
    meters: serials.slice(at, at + batchMeters),
    parameters: terms.firmware,
    reason: `${terms.reason} (campaign ${id}, ${stages[stage]})`,
    requestedBy: terms.requestedBy,
    deadlineMs: nowMs + batchHours * hourMs,
  };
}
