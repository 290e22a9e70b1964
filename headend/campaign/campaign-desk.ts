/**
 * Firmware campaigns: persistent, stage after stage, each image brought and verified without anybody's signature (its maker has signed), each
 * activation signed by people and decided by the guard; stopped by itself when meters with the image do worse than those without.
 */
import { type Clock, type Log, type Random, seededRandom } from '@wattline/base';
import type { Registry, Row } from '@wattline/store/registry';
import type { CommandDesk } from '../command/command-desk.ts';
import { isEnded } from '../command/job.ts';
import { headendError } from '../errors.ts';
import type { FirmwareParameters } from '../guard/parameters.ts';
import { batchesFor, commands, prefixOf } from './campaign-batches.ts';
import { type CampaignPlan, planCampaign } from './campaign-plan.ts';
import { takeResults } from './campaign-results.ts';
import { controlGroup, signsOf } from './campaign-signs.ts';
import { type Campaign, type CampaignMeter, createCampaignStore } from './campaign-store.ts';
import {
  type CampaignVerdict,
  defaultVerdictRules,
  judgeStage,
  type VerdictRules,
} from './campaign-verdict.ts';
import { type CanaryQuestion, canarySize } from './canary-size.ts';
import type { ImageStore } from './image-store.ts';

/** What the desk is given. */
export interface CampaignDeskOptions {
  readonly registry: Registry;
  readonly images: ImageStore;
  readonly desk: Pick<CommandDesk, 'request' | 'cancel' | 'progress'>;
  /** The clock that contacts and events are told in. */
  readonly clock: Clock;
  /** The signer's, in which batches have their deadlines. */
  readonly deadlines: Clock;
  readonly log: Log;
}

/** What a campaign is started with. */
export interface CampaignStart {
  /** Idempotency key: the same id is the same campaign for ever. */
  readonly id: string;
  readonly firmware: FirmwareParameters;
  readonly image: Uint8Array;
  readonly tenant: string;
  readonly requestedBy: string;
  readonly reason: string;
  readonly rules?: Partial<VerdictRules>;
  readonly question?: Partial<CanaryQuestion>;
  /** Meters of the canary, when a person knows better than statistics. */
  readonly canaryMeters?: number;
}

/** A campaign with its stages counted, what it waits for, and every meter of it. */
export interface CampaignDetail {
  readonly campaign: Campaign;
  readonly meters: readonly CampaignMeter[];
  /** Batches that wait for people. */
  readonly waiting: readonly string[];
  /** Blocks of images that are on their way now. */
  readonly progress: ReadonlyMap<string, { readonly done: number; readonly of: number }>;
}

/** The desk. */
export interface CampaignDesk {
  /** @throws CodedError `headend/image-refused`, `headend/campaign-exists`, `headend/no-candidates` */
  start(start: CampaignStart): Promise<Campaign>;
  list(): Promise<Campaign[]>;
  detail(id: string): Promise<CampaignDetail | undefined>;
  /** Stops all that is not yet sealed; nothing goes on until somebody starts another campaign. @throws `headend/campaign-unknown` */
  halt(id: string, by: string, reason: string): Promise<Campaign>;
  /** One pass over all campaigns that run. */
  step(): Promise<void>;
}

/** What a canary must tell when nothing else is said: a fault of 3 % with 99.99 %, four fifths of it within the soak. */
export const usualQuestion: CanaryQuestion = {
  faultShare: 0.03,
  visibleShare: 0.8,
  baselineShare: defaultVerdictRules.baselineLeast,
  detection: 0.9999,
  falseAlarm: defaultVerdictRules.falseAlarm,
};
export function openCampaignDesk(options: CampaignDeskOptions): CampaignDesk {
  const { registry, images, desk, clock, deadlines, log } = options;
  const store = createCampaignStore(registry);
  const jobsOf = async (id: string) => {
    const prefix = prefixOf(id);
    const rows = await registry
      .selectFrom('command_job')
      .selectAll()
      .where('batch_key', 'like', `${prefix}%`)
      .execute();
    // An id may hold a character that stands for any other in a pattern.
    return rows.filter(({ batch_key }) => batch_key.startsWith(prefix));
  };
  const halt = async (campaign: Campaign, reason: string, by: string) => {
    await store.amend(campaign.id, { state: 'halted', reason }, clock.now());
    for (const key of openKeys(await jobsOf(campaign.id))) await desk.cancel(key, by);
    log.warn({ campaign: campaign.id, reason }, 'a firmware campaign was halted');
  };
  const expect = async (id: string) => {
    const campaign = await store.find(id);
    if (campaign) return campaign;
    throw headendError('headend/campaign-unknown', `no campaign '${id.slice(0, 64)}'`, {
      id: id.slice(0, 64),
    });
  };

  const stepOne = async (campaign: Campaign): Promise<void> => {
    const { id, stage } = campaign;
    const jobs = await jobsOf(id);
    await takeResults({ registry, store, campaign, jobs, nowMs: clock.now() });
    const meters = await store.meters(id, stage);
    const verdict = await judge(registry, campaign, meters, clock.now());
    if (verdict.kind === 'halt') {
      const reason = `${verdict.count} of the updated meters: ${verdict.sign}; ${verdict.alarmAt} stop a campaign`;
      return halt(campaign, reason, 'the campaign');
    }
    if (verdict.kind === 'go-on') {
      const isLast = stage + 1 >= campaign.stages.length;
      return store.amend(id, isLast ? { state: 'done' } : { stage: stage + 1 }, clock.now());
    }
    for (const batch of batchesFor(campaign, { meters, jobs, nowMs: deadlines.now() }))
      await desk.request(batch);
  };

  return {
    async start(start) {
      const { id, firmware, image } = start;
      const before = await store.find(id);
      if (before) throw headendError('headend/campaign-exists', `the campaign ${id} stands already`, { id });
      if (
        (await images.keep(image)) !== firmware.manifest.digest ||
        image.length !== firmware.manifest.octets
      ) {
        throw headendError('headend/image-refused', 'the image is not the one of the manifest');
      }
      const plan = await planFor(registry, start, seededRandom(`campaign ${id}`));
      const { tenant, requestedBy, reason } = start;
      const rules = { ...defaultVerdictRules, ...start.rules };
      await store.add(id, { firmware, tenant, requestedBy, reason, rules }, plan, clock.now());
      return expect(id);
    },
    list: () => store.list(),
    async detail(id) {
      const campaign = await store.find(id);
      if (!campaign) return undefined;
      const jobs = await jobsOf(id);
      const held = jobs.filter(({ state, command }) => state === 'held' && command === commands.activation);
      const running = jobs.flatMap((job) => {
        const progress = desk.progress(job.id);
        return progress ? [[job.serial, progress] as const] : [];
      });
      const waiting = [...new Set(held.map(({ batch_key }) => batch_key))];
      return { campaign, meters: await store.meters(id), waiting, progress: new Map(running) };
    },
    async halt(id, by, reason) {
      const campaign = await expect(id);
      if (campaign.state === 'running') await halt(campaign, `${by}: ${reason}`, by);
      return expect(id);
    },
    async step() {
      for (const campaign of await store.list()) if (campaign.state === 'running') await stepOne(campaign);
    },
  };
}

function openKeys(jobs: readonly Row<'command_job'>[]): string[] {
  return [...new Set(jobs.filter(({ state }) => !isEnded(state)).map(({ batch_key }) => batch_key))];
}

/** Meters of the hardware the image is made for that do not run it yet, in stages. */
async function planFor(registry: Registry, start: CampaignStart, random: Random): Promise<CampaignPlan> {
  const { hardware, version } = start.firmware.manifest;
  const rows = await registry
    .selectFrom('meter')
    .select(['serial', 'make', 'model', 'profile', 'firmware'])
    .where('make', 'in', [...hardware])
    .execute();
  const candidates = rows
    .filter(({ firmware }) => firmware !== version)
    .map(({ serial, make, model, profile, firmware }) => ({
      serial,
      hardware: [make, model ?? '', profile, firmware ?? ''].join('/'),
    }));
  if (candidates.length === 0) {
    const what = `no meter of ${hardware.join(', ')} lacks ${version}`;
    throw headendError('headend/no-candidates', what);
  }
  const canary = canarySize({ ...usualQuestion, ...start.question });
  const meters = start.canaryMeters ?? canary.meters;
  return planCampaign(candidates, { ...canary, meters }, random);
}

async function judge(
  registry: Registry,
  { id, terms, createdMs }: Campaign,
  meters: readonly CampaignMeter[],
  nowMs: number,
): Promise<CampaignVerdict> {
  const { rules } = terms;
  // Small fleets have stages without meters.
  if (meters.length === 0) return { kind: 'go-on' };
  const failed = meters.filter(({ state }) => state === 'failed').length;
  const failedMax = Math.floor(meters.length * (1 - rules.activatedShare));
  // A stage of which too many refuse the image can never be judged: a person looks.
  if (failed > failedMax) return { kind: 'halt', sign: 'refusals', count: failed, alarmAt: failedMax + 1 };
  const control = await controlGroup(registry, {
    ...{ id, sinceMs: createdMs, silentBeforeMs: nowMs - rules.silentMs },
  });
  return judgeStage(await signsOf(registry, meters), control, { nowMs, rules });
}
