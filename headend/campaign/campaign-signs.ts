/** What the head-end saw of meters with the image and without it: contact, intervals, restarts, faults, open switches; out of the registry database. */
import type { EventKind } from '@wattline/model';
import type { Registry } from '@wattline/store/registry';
import type { CampaignMeter } from './campaign-store.ts';
import type { ControlGroup, UpdatedMeter } from './campaign-verdict.ts';

/**
 * Events that tell of a start (the activation makes one, and so does every return of power), of a meter that is ill (its watchdog bit, a memory or
 * the measurement failed, an image was refused at its start), and of a switch that opened or failed.
 */
const rebootKinds: readonly EventKind[] = ['power-restore', 'meter-restarted'];
const faultKinds: readonly EventKind[] = ['meter-restarted', 'meter-fault'];
const disconnectKinds: readonly EventKind[] = ['supply-disconnected', 'supply-switch-failed'];
/** Serial numbers asked for in one statement. */
const serialsMax = 500;

interface Counts {
  readonly reboots: number;
  readonly faults: number;
  readonly disconnects: number;
}

/** What is known of meters since each took the image, or since `sinceMs` of those without it. */
export async function signsOf(registry: Registry, meters: readonly CampaignMeter[]): Promise<UpdatedMeter[]> {
  const contacts = await contactsOf(
    registry,
    meters.map(({ serial }) => serial),
  );
  const signs: UpdatedMeter[] = [];
  for (const { serial, activated_ms, code } of meters) {
    const since = activated_ms ?? undefined;
    const counts = since === undefined ? none : await eventsOf(registry, serial, since);
    // The signer read the switch when the image ran for the first time: open without a command is a sign as good as an event.
    const disconnects = counts.disconnects + (code === openSupply ? 1 : 0);
    const contact = contacts.get(serial) ?? neverHeard;
    signs.push({ ...counts, ...contact, serial, activatedMs: since, disconnects });
  }
  return signs;
}

const none: Counts = { reboots: 0, faults: 0, disconnects: 0 };
/** Code of a campaign meter whose supply the signer found open after the activation. */
export const openSupply = 'campaign/supply-open';

/** The rest of the fleet over the same time: meters that the campaign has not given the image. */
export async function controlGroup(
  registry: Registry,
  of: { readonly id: string; readonly sinceMs: number; readonly silentBeforeMs: number },
): Promise<ControlGroup> {
  const { id, sinceMs, silentBeforeMs } = of;
  const updated = registry
    .selectFrom('campaign_meter')
    .select('serial')
    .where('campaign_id', '=', id)
    .where('activated_ms', 'is not', null);
  const rows = await registry
    .selectFrom('meter')
    .select(['last_contact_ms', 'last_interval_ms'])
    .where('serial', 'not in', updated)
    .execute();
  const countOf = async (kinds: readonly string[]) => {
    const found = await registry
      .selectFrom('event')
      .select('serial')
      .distinct()
      .where('kind', 'in', [...kinds])
      .where('occurred_ms', '>=', sinceMs)
      .where('serial', 'not in', updated)
      .execute();
    return found.length;
  };
  return {
    meters: rows.length,
    // One that was never heard says nothing of what happens anyway.
    silent: rows.filter(({ last_contact_ms: atMs }) => atMs !== null && atMs < silentBeforeMs).length,
    unread: rows.filter(
      ({ last_contact_ms, last_interval_ms: untilMs }) =>
        (last_contact_ms ?? 0) >= silentBeforeMs && untilMs !== null && untilMs < silentBeforeMs,
    ).length,
    reboots: await countOf(rebootKinds),
    faults: await countOf(faultKinds),
    disconnects: await countOf(disconnectKinds),
  };
}

/** When a meter was last heard, and until when its intervals came. */
type Contact = Pick<UpdatedMeter, 'lastContactMs' | 'lastIntervalMs'>;

const neverHeard: Contact = { lastContactMs: undefined };

async function contactsOf(registry: Registry, serials: readonly string[]): Promise<Map<string, Contact>> {
  const contacts = new Map<string, Contact>();
  for (let at = 0; at < serials.length; at += serialsMax) {
    const rows = await registry
      .selectFrom('meter')
      .select(['serial', 'last_contact_ms', 'last_interval_ms'])
      .where('serial', 'in', serials.slice(at, at + serialsMax))
      .execute();
    for (const { serial, last_contact_ms, last_interval_ms } of rows) {
      contacts.set(serial, {
        lastContactMs: last_contact_ms ?? undefined,
        lastIntervalMs: last_interval_ms ?? undefined,
      });
    }
  }
  return contacts;
}

async function eventsOf(registry: Registry, serial: string, sinceMs: number): Promise<Counts> {
  const rows = await registry
    .selectFrom('event')
    .select('kind')
    .where('serial', '=', serial)
    .where('occurred_ms', '>=', sinceMs)
    .where('kind', 'in', [...rebootKinds, ...faultKinds, ...disconnectKinds])
    .execute();
  const count = (kinds: readonly string[]) => rows.filter(({ kind }) => kinds.includes(kind)).length;
  const disconnects = count(disconnectKinds);
  // What people had switched off says nothing of the image.
  const commanded = disconnects === 0 ? 0 : await commandedOff(registry, serial, sinceMs);
  return {
    reboots: count(rebootKinds),
    faults: count(faultKinds),
    disconnects: Math.max(0, disconnects - commanded),
  };
}

async function commandedOff(registry: Registry, serial: string, sinceMs: number): Promise<number> {
  const rows = await registry
    .selectFrom('command_job')
    .select('id')
    .where('serial', '=', serial)
    .where('command', '=', 'disconnect')
    .where('state', '=', 'done')
    .where('updated_ms', '>=', sinceMs)
    .execute();
  return rows.length;
}
