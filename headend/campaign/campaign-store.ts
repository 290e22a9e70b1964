/** Campaigns and their meters in the registry database. */
import type { Registry, Row } from '@wattline/store/registry';
import type { FirmwareParameters } from '../guard/parameters.ts';
import type { CampaignPlan } from './campaign-plan.ts';
import type { VerdictRules } from './campaign-verdict.ts';

/** Who is asked to sign, for what, by which rules: all that was said at the start. */
export interface CampaignTerms {
  readonly firmware: FirmwareParameters;
  readonly tenant: string;
  readonly requestedBy: string;
  readonly reason: string;
  readonly rules: VerdictRules;
}

/** A campaign as it stands. `stage` is the one that runs, or the last. */
export interface Campaign {
  readonly id: string;
  readonly terms: CampaignTerms;
  readonly state: 'running' | 'halted' | 'done';
  /** Why it was halted. */
  readonly reason: string | null;
  readonly stages: readonly string[];
  readonly alarmAt: number;
  readonly stage: number;
  readonly createdMs: number;
  readonly updatedMs: number;
}

/** `waiting` for the image, `transferred` and verified, `activated` as the meter proved, or `failed` for good. */
export type CampaignMeterState = 'waiting' | 'transferred' | 'activated' | 'failed';

/** One meter of a campaign. */
export type CampaignMeter = Omit<Row<'campaign_meter'>, 'state'> & { readonly state: CampaignMeterState };

/** Reads and writes campaigns. */
export interface CampaignStore {
  add(id: string, terms: CampaignTerms, plan: CampaignPlan, nowMs: number): Promise<void>;
  list(): Promise<Campaign[]>;
  find(id: string): Promise<Campaign | undefined>;
  meters(id: string, stage?: number): Promise<CampaignMeter[]>;
  amend(
    id: string,
    change: Partial<Pick<Campaign, 'state' | 'reason' | 'stage'>>,
    nowMs: number,
  ): Promise<void>;
  amendMeter(
    of: { readonly id: string; readonly serial: string },
    change: Partial<Pick<CampaignMeter, 'state' | 'attempts' | 'code' | 'blocks' | 'activated_ms'>>,
    nowMs: number,
  ): Promise<void>;
}

interface StoredPlan {
  readonly stages: readonly string[];
  readonly alarmAt: number;
  readonly stage: number;
}

export function createCampaignStore(registry: Registry): CampaignStore {
  const find = async (id: string) => {
    const row = await registry.selectFrom('campaign').selectAll().where('id', '=', id).executeTakeFirst();
    return row && campaignOf(row);
  };
  return {
    find,
    add: (id, terms, plan, nowMs) =>
      registry.transaction().execute(async (transaction) => {
        const stored: StoredPlan = {
          stages: plan.stages.map(({ name }) => name),
          alarmAt: plan.alarmAt,
          stage: 0,
        };
        await transaction
          .insertInto('campaign')
          .values({
            ...{ id, manifest: JSON.stringify(terms), state: 'running', reason: null },
            ...{ plan: JSON.stringify(stored), created_ms: nowMs, updated_ms: nowMs },
          })
          .execute();
        for (const [stage, { meters }] of plan.stages.entries()) {
          for (const serial of meters) {
            await transaction
              .insertInto('campaign_meter')
              .values({
                ...{ campaign_id: id, serial, stage, state: 'waiting', blocks: 0, attempts: 0 },
                ...{ code: null, updated_ms: nowMs },
              })
              .execute();
          }
        }
      }),
    async list() {
      const rows = await registry.selectFrom('campaign').selectAll().orderBy('created_ms').execute();
      return rows.map(campaignOf);
    },
    async meters(id, stage) {
      let query = registry
        .selectFrom('campaign_meter')
        .selectAll()
        .where('campaign_id', '=', id)
        .orderBy('serial');
      if (stage !== undefined) query = query.where('stage', '=', stage);
      return (await query.execute()) as CampaignMeter[];
    },
    async amend(id, { stage, ...change }, nowMs) {
      const campaign = await find(id);
      if (!campaign) return;
      const { stages, alarmAt } = campaign;
      const plan: StoredPlan = { stages, alarmAt, stage: stage ?? campaign.stage };
      await registry
        .updateTable('campaign')
        .set({ ...change, plan: JSON.stringify(plan), updated_ms: nowMs })
        .where('id', '=', id)
        .execute();
    },
    async amendMeter({ id, serial }, change, nowMs) {
      await registry
        .updateTable('campaign_meter')
        .set({ ...change, updated_ms: nowMs })
        .where('campaign_id', '=', id)
        .where('serial', '=', serial)
        .execute();
    },
  };
}

function campaignOf(row: Row<'campaign'>): Campaign {
  const { stages, alarmAt, stage } = JSON.parse(row.plan) as StoredPlan;
  return {
    id: row.id,
    terms: JSON.parse(row.manifest) as CampaignTerms,
    state: row.state as Campaign['state'],
    reason: row.reason,
    ...{ stages, alarmAt, stage, createdMs: row.created_ms, updatedMs: row.updated_ms },
  };
}
