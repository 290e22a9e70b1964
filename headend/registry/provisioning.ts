/** Provisioning: rows of a shipment become usage points, meters, channels and sealed keys; each row stands or falls alone. */
import { type Clock, codeOf, type Failure, fromHex, type Log, messageOf } from '@wattline/base';
import type { EventKind, EventSink, Meter, UsagePoint } from '@wattline/model';
import type { Registry } from '@wattline/store/registry';
import { type HeadendErrorCode, headendFailure } from '../errors.ts';
import type { ProvisionReport } from '../headend.ts';
import type { KeyVault } from '../keys/key-vault.ts';
import { isPublishedKey } from '../keys/published-keys.ts';
import type { Fleet, FleetMeter } from './fleet.ts';
import { isReplaceable, type MeterExchange, tellExchange } from './meter-exchange.ts';
import { type ReadShipment, readShipment, type ShipmentRow } from './shipment.ts';
import { type SealedShipment, upsertShipments } from './shipment-rows.ts';

/** What provisioning needs. */
export interface ProvisionerOptions {
  readonly registry: Registry;
  readonly fleet: Fleet;
  readonly vault: KeyVault;
  readonly events: EventSink;
  readonly clock: Clock;
  readonly log: Log;
  /** Takes the word of an exchange; resolves when the old meter stands at the point no more. Without it no row may replace a meter. */
  readonly onExchange: ((exchange: MeterExchange) => Promise<void>) | undefined;
  /** Told of each meter added or changed. */
  readonly onMeter: (entry: FleetMeter) => void;
}

const clients = ['reader', 'management'] as const;
const chunkRows = 200;
/** Refusals that become events of their own; the report holds all of them. */
const refusalEvents = 1000;

/**
 * Takes a shipment file. The same file a second time changes nothing; a changed row is an update.
 * @throws CodedError `headend/shipment-unreadable`
 */
export async function provisionMeters(
  options: ProvisionerOptions,
  text: string,
  format: 'csv' | 'json',
): Promise<ProvisionReport> {
  const rows = readShipment(text, format);
  const knowledge = await gatherKnowledge(options);
  const refused: { row: number; code: string; message: string; serial: string | undefined }[] = [];
  const accepted: SealedShipment[] = [];
  let unchanged = 0;
  for (const row of rows) {
    const problem = row.content.ok ? checkAgainst(row.content.value, knowledge) : row.content.error;
    if (problem) {
      refused.push({ row: row.row, code: problem.code, message: problem.message, serial: row.serial });
      continue;
    }
    const sealed = acceptRow(row, knowledge, options);
    if (isKnown(sealed, knowledge, options.fleet)) unchanged++;
    else accepted.push(sealed);
  }
  const added = accepted.filter(({ meter }) => !options.fleet.get(meter.serial)).length;
  for (let at = 0; at < accepted.length; at += chunkRows) {
    await keepChunk(options, accepted.slice(at, at + chunkRows));
  }
  for (const { content } of rows) if (content.ok) await tellExchange(content.value, options);
  warnOfManagementKeys(rows, options.log);
  await dropManagementKeys(options.registry, [...knowledge.serials]);
  await reportRefusals(options, refused);
  return {
    added,
    updated: accepted.length - added,
    unchanged,
    refused: refused.map(({ row, code, message }) => ({ row, code, message })),
  };
}

/** What rows are checked against: the registry and the rows before. */
interface Knowledge {
  readonly fleet: Fleet;
  readonly canExchange: boolean;
  readonly usagePoints: ReadonlyMap<string, UsagePoint>;
  readonly printOf: (key: Uint8Array) => string;
  /** Serial number by print of each key in use. */
  readonly keyOwner: Map<string, string>;
  readonly serials: Set<string>;
  readonly titleOwner: Map<string, string>;
  readonly pointOwner: Map<string, string>;
  /** What the shipment said, sealed, of keys that were changed since, by serial number. */
  readonly shipped: ReadonlyMap<string, string | null>;
}

async function gatherKnowledge({
  registry,
  fleet,
  vault,
  onExchange,
}: ProvisionerOptions): Promise<Knowledge> {
  const points = await registry.selectFrom('usage_point').selectAll().execute();
  const changed = await registry
    .selectFrom('meter_key')
    .select(['serial', 'shipped'])
    .where('client', '=', 'reader')
    .where('shipped', 'is not', null)
    .execute();
  const keyOwner = new Map<string, string>();
  for (const { meter, sealed } of fleet.all()) {
    if (sealed === null) continue;
    const { ek, ak } = vault.open({ serial: meter.serial, client: 'reader' }, sealed);
    for (const key of [ek, ak]) keyOwner.set(vault.printOf(key), meter.serial);
  }
  return {
    fleet,
    canExchange: onExchange !== undefined,
    usagePoints: new Map(
      points.map((row) => [row.id, { ...row, tariffId: row.tariff_id, solarW: row.solar_w }]),
    ),
    printOf: (key) => vault.printOf(key),
    keyOwner,
    serials: new Set(),
    titleOwner: new Map(),
    pointOwner: new Map(),
    shipped: new Map(changed.map(({ serial, shipped }) => [serial, shipped])),
  };
}

/** Why a row that is well formed may still not stand; undefined when it may. */
function checkAgainst(shipment: ReadShipment, knowledge: Knowledge): Failure | undefined {
  const { meter } = shipment;
  const { fleet } = knowledge;
  if (knowledge.serials.has(meter.serial)) {
    return refusal('headend/duplicate-serial', `meter ${meter.serial} stands in a row above`);
  }
  const title = meter.systemTitle.toUpperCase();
  const titleOwner = knowledge.titleOwner.get(title) ?? fleet.ofSystemTitle(title)?.meter.serial;
  if (titleOwner !== undefined && titleOwner !== meter.serial) {
    return refusal('headend/duplicate-system-title', `${title} is the system title of meter ${titleOwner}`);
  }
  const point = meter.usagePointId;
  const pointOwner = knowledge.pointOwner.get(point) ?? fleet.ofUsagePoint(point)?.meter.serial;
  const replaced = shipment.replaces;
  if (replaced && !(knowledge.canExchange && isReplaceable(shipment, fleet))) {
    const what = `expected the meter that stands at ${point} and pairs of reads, found '${replaced.serial}'`;
    return refusal('headend/replaces-another', what);
  }
  const isGone = fleet.get(meter.serial)?.removedMs !== undefined;
  const isTaken = pointOwner !== undefined && pointOwner !== meter.serial && pointOwner !== replaced?.serial;
  if (isTaken && !isGone) {
    return refusal('headend/usage-point-taken', `meter ${pointOwner} stands at ${point}`);
  }
  const before = fleet.get(meter.serial)?.meter;
  if (before && before.intervalSeconds !== meter.intervalSeconds) {
    const what = `expected a capture period of ${before.intervalSeconds} s, found ${meter.intervalSeconds} s`;
    return refusal('headend/interval-changed', what);
  }
  return checkKeys(shipment, knowledge);
}

function checkKeys({ meter, keys }: ReadShipment, knowledge: Knowledge): Failure | undefined {
  const own = new Set<string>();
  for (const client of clients) {
    for (const name of ['ek', 'ak'] as const) {
      const pair = keys[client];
      if (!pair) continue;
      const key = fromHex(pair[name]);
      const which = `the ${name.toUpperCase()} of the ${client} client`;
      if (isPublishedKey(key)) return refusal('headend/key-default', `${which} is a published example`);
      const print = knowledge.printOf(key);
      const owner = knowledge.keyOwner.get(print);
      if (own.has(print)) return refusal('headend/key-reused', `${which} stands twice in the meter`);
      if (owner !== undefined && owner !== meter.serial) {
        return refusal('headend/key-reused', `${which} is a key of meter ${owner} too`);
      }
      own.add(print);
    }
  }
  return undefined;
}

function refusal(code: HeadendErrorCode, message: string): Failure {
  return headendFailure(code, message);
}

function acceptRow(row: ShipmentRow, knowledge: Knowledge, { vault }: ProvisionerOptions): SealedShipment {
  if (!row.content.ok) throw new Error('only rows that were read are accepted');
  const { meter, usagePoint, keys } = row.content.value;
  const { serial } = meter;
  const systemTitle = meter.systemTitle.toUpperCase();
  knowledge.serials.add(serial);
  knowledge.titleOwner.set(systemTitle, serial);
  const isGone = knowledge.fleet.get(serial)?.removedMs !== undefined;
  if (!isGone) knowledge.pointOwner.set(meter.usagePointId, serial);
  for (const pair of [keys.reader, keys.management]) {
    if (!pair) continue;
    for (const key of [pair.ek, pair.ak]) knowledge.keyOwner.set(vault.printOf(fromHex(key)), serial);
  }
  // Of the keys only the reader's are kept: what could switch is not in this room's registry.
  // The suite is sealed with the keys.
  const { suite = 0, ...kept } = meter;
  const reader = keys.reader && { suite, ek: fromHex(keys.reader.ek), ak: fromHex(keys.reader.ak) };
  const sealed = reader ? vault.seal({ serial, client: 'reader' }, reader) : null;
  // A shipment that says what it said before the keys were changed does not bring the old ones back.
  const isOld = sealed !== null && knowledge.shipped.get(serial) === sealed;
  return {
    meter: { ...kept, systemTitle },
    usagePoint,
    sealed: isOld ? (knowledge.fleet.get(serial)?.sealed ?? sealed) : sealed,
  };
}

function isKnown({ meter, usagePoint, sealed }: SealedShipment, knowledge: Knowledge, fleet: Fleet): boolean {
  const entry = fleet.get(meter.serial);
  const point = knowledge.usagePoints.get(usagePoint.id);
  if (!entry || !point) return false;
  const names = new Set([...Object.keys(entry.meter), ...Object.keys(meter)] as (keyof Meter)[]);
  const isSameMeter = [...names].every((name) => entry.meter[name] === meter[name]);
  const isSamePoint = (Object.keys(usagePoint) as (keyof UsagePoint)[]).every(
    (name) => point[name] === usagePoint[name],
  );
  return isSameMeter && isSamePoint && entry.sealed === sealed;
}

function warnOfManagementKeys(rows: readonly ShipmentRow[], log: Log): void {
  const count = rows.filter(({ content }) => content.ok && content.value.keys.management).length;
  if (count === 0) return;
  log.warn(
    { rows: count },
    'a shipment brought management keys to the head-end; they were not kept: enrol them at the signer',
  );
}

/** Registries of earlier versions held keys of the management client; they are the signer's. */
async function dropManagementKeys(registry: Registry, serials: readonly string[]): Promise<void> {
  for (let at = 0; at < serials.length; at += chunkRows) {
    await registry
      .deleteFrom('meter_key')
      .where('client', '=', 'management')
      .where('serial', 'in', serials.slice(at, at + chunkRows))
      .execute();
  }
}

/** One transaction for a chunk of rows; the fleet learns of them when they are on disk. */
async function keepChunk(options: ProvisionerOptions, chunk: readonly SealedShipment[]): Promise<void> {
  const { registry, fleet, onMeter } = options;
  await registry
    .transaction()
    .execute((transaction) => upsertShipments(transaction, chunk, options.clock.now()));
  for (const { meter, usagePoint, sealed } of chunk) {
    onMeter(fleet.put({ meter, zone: usagePoint.zone, transformer: usagePoint.transformer, sealed }));
  }
}

const duplicateCodes = new Set<string>([
  'headend/duplicate-serial',
  'headend/duplicate-system-title',
  'headend/usage-point-taken',
  'headend/key-reused',
]);

async function reportRefusals(
  { events, clock, log }: ProvisionerOptions,
  refused: readonly {
    readonly row: number;
    readonly code: string;
    readonly message: string;
    readonly serial: string | undefined;
  }[],
): Promise<void> {
  const nowMs = clock.now();
  const reports = refused.slice(0, refusalEvents).map(({ row, code, message, serial }) => {
    const kind: EventKind = duplicateCodes.has(code) ? 'registry-duplicate' : 'registry-invalid';
    return events.report({
      kind,
      occurredMs: nowMs,
      receivedMs: nowMs,
      ...(serial === undefined ? {} : { serial }),
      code,
      message: `Row ${row}: ${message}`,
    });
  });
  for (const result of await Promise.allSettled(reports)) {
    if (result.status === 'rejected') {
      log.error({ code: codeOf(result.reason) }, `an event was not kept: ${messageOf(result.reason)}`);
    }
  }
  if (refused.length > refusalEvents) {
    log.warn({ refused: refused.length }, 'more rows were refused than became events');
  }
}
