/**
 * Firmware campaigns: persistent, stage after stage, each image brought and verified without anybody's signature (its maker has signed), each
 * activation signed by people and decided by the guard; stopped by itself when meters with the image do worse than those without.
 */
import { type Clock, type Log, type Random, seededRandom } from '@wattline/base';
import type { Registry, Row } from '@wattline/store/registry';
import type { CommandDesk } from '../command/command-desk.ts';
import { isEnded } from '../command/job.ts';
import { headendError } from '../errors.ts';
import type { Batch } from '../guard/batch.ts';
import type { Command } from '../guard/darkening.ts';
import type { FirmwareParameters } from '../guard/parameters.ts';
import { keepFirmware } from '../registry/make-up-rows.ts';
import { type CampaignPlan, planCampaign } from './campaign-plan.ts';
import { controlGroup, openSupply, signsOf } from './campaign-signs.ts';
import {
  type Campaign,
  type CampaignMeter,
  type CampaignStore,
  createCampaignStore,
} from './campaign-store.ts';
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
const hourMs = 3_600_000;
/** Deadline of a batch: what it did not reach is asked for in another one. */
const batchHours = 20;
const batchMeters = 2_000;
/** Batches in which one meter may fail before it is left out. */
const attemptsMax = 5;

type Phase = 'transfer' | 'activation';
const commands: Readonly<Record<Phase, Command>> = {
  transfer: 'firmware-transfer',
  activation: 'firmware-activation',
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
    const { id, stage, terms } = campaign;
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
    for (const phase of ['transfer', 'activation'] as const) {
      const serials = toAsk(phase, meters, jobs, terms.rules);
      for (let at = 0; at < serials.length; at += batchMeters) {
        await desk.request(batchFor(phase, { campaign, jobs, at, serials, nowMs: deadlines.now() }));
      }
    }
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

function prefixOf(id: string): string {
  return `campaign/${id}/`;
}

function openKeys(jobs: readonly Row<'command_job'>[]): string[] {
  return [...new Set(jobs.filter(({ state }) => !isEnded(state)).map(({ batch_key }) => batch_key))];
}

/** Meters of the hardware the image is made for that do not run it yet, in stages. */
async function planFor(registry: Registry, start: CampaignStart, random: Random): Promise<CampaignPlan> {
  const { hardware, version } = start.firmware.manifest;
  const rows = await registry
    .selectFrom('meter')
    .select(['serial', 'make', 'profile', 'firmware'])
    .where('make', 'in', [...hardware])
    .execute();
  const candidates = rows
    .filter(({ firmware }) => firmware !== version)
    .map(({ serial, make, profile, firmware }) => ({
      serial,
      hardware: `${make}/${profile}/${firmware ?? ''}`,
    }));
  if (candidates.length === 0) {
    const what = `no meter of ${hardware.join(', ')} lacks ${version}`;
    throw headendError('headend/no-candidates', what);
  }
  const canary = canarySize({ ...usualQuestion, ...start.question });
  const meters = start.canaryMeters ?? canary.meters;
  return planCampaign(candidates, { ...canary, meters }, random);
}

/** What jobs that ended mean for their meters. */
async function takeResults(of: {
  readonly registry: Registry;
  readonly store: CampaignStore;
  readonly campaign: Campaign;
  readonly jobs: readonly Row<'command_job'>[];
  readonly nowMs: number;
}): Promise<void> {
  const { registry, store, campaign, jobs, nowMs } = of;
  const { id, stage, terms } = campaign;
  const { version, octets } = terms.firmware.manifest;
  const bySerial = Map.groupBy(jobs, ({ serial }) => serial);
  for (const meter of await store.meters(id, stage)) {
    const { serial, state } = meter;
    if (state === 'activated' || state === 'failed') continue;
    const own = bySerial.get(serial) ?? [];
    const isDone = (phase: Phase) =>
      own.find((job) => job.state === 'done' && job.command === commands[phase]);
    const activated = isDone('activation');
    const transferred = isDone('transfer');
    const runs = activated ?? (transferred?.result?.startsWith('runs ') ? transferred : undefined);
    const failed = own.filter((job) => job.state === 'failed' && !silences.has(job.code ?? ''));
    const change: Parameters<CampaignStore['amendMeter']>[1] = runs
      ? { state: 'activated', activated_ms: nowMs, code: isSupplyOpen(runs) ? openSupply : null }
      : failed.length >= attemptsMax
        ? { state: 'failed', code: failed.at(-1)?.code ?? null }
        : transferred
          ? { state: 'transferred', blocks: octets }
          : {};
    const attempts = failed.length;
    if (change.state === state && attempts === meter.attempts) continue;
    if (change.state === undefined && attempts === meter.attempts) continue;
    await store.amendMeter({ id, serial }, { ...change, attempts }, nowMs);
    if (runs) await keepFirmware(registry, { serial, version, told_by: 'campaign', from_ms: nowMs });
  }
}

/** Codes of a meter that was not reached: it sleeps, and is asked again for as long as the campaign runs. */
const silences = new Set([
  'network/unreachable',
  'headend/timeout',
  'headend/link-closed',
  'signer/channel-closed',
  'signer/busy',
]);

function isSupplyOpen({ result }: Row<'command_job'>): boolean {
  return result?.includes('supply opened') === true;
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
