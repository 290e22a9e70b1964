/** What the command desk's jobs have brought a campaign: who has the image, who runs it, who is left out. */
import type { Registry, Row } from '@wattline/store/registry';
import { keepFirmware } from '../registry/make-up-rows.ts';
import { commands, type Phase } from './campaign-batches.ts';
import { openSupply } from './campaign-signs.ts';
import type { Campaign, CampaignStore } from './campaign-store.ts';

/** Batches in which one meter may fail before it is left out. */
const attemptsMax = 5;

/** What jobs that ended mean for their meters. */
export async function takeResults(of: {
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
