/** Rows of the registry out of shipments: usage point, meter, sealed keys, channels. */
import { channelIdOf, type Meter, readingTypeOf, type UsagePoint } from '@wattline/model';
import type { NewRow, Registry } from '@wattline/store/registry';
import { mappingOf, readingTypesOf } from '../collection/mapping.ts';

/** A row that was accepted, with the reader's keys as the registry keeps them. */
export interface SealedShipment {
  readonly meter: Meter;
  readonly usagePoint: UsagePoint;
  readonly sealed: string | null;
}

/** Adds or changes a chunk of shipments inside a transaction; how a meter stands is left alone. */
export async function upsertShipments(
  transaction: Registry,
  chunk: readonly SealedShipment[],
  nowMs: number,
): Promise<void> {
  await keepRoutes(transaction, chunk, nowMs);
  const sealedBefore = await readerKeysOf(transaction, chunk);
  await transaction
    .insertInto('usage_point')
    .values(chunk.map(usagePointRow))
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((row) => ({
        customer: row.ref('excluded.customer'),
        address: row.ref('excluded.address'),
        kind: row.ref('excluded.kind'),
        zone: row.ref('excluded.zone'),
        substation: row.ref('excluded.substation'),
        feeder: row.ref('excluded.feeder'),
        transformer: row.ref('excluded.transformer'),
        tariff_id: row.ref('excluded.tariff_id'),
        solar_w: row.ref('excluded.solar_w'),
        latitude: row.ref('excluded.latitude'),
        longitude: row.ref('excluded.longitude'),
      })),
    )
    .execute();
  await transaction
    .insertInto('meter')
    .values(chunk.map(meterRow))
    .onConflict((conflict) =>
      conflict.column('serial').doUpdateSet((row) => ({
        usage_point_id: row.ref('excluded.usage_point_id'),
        make: row.ref('excluded.make'),
        profile: row.ref('excluded.profile'),
        system_title: row.ref('excluded.system_title'),
        host: row.ref('excluded.host'),
        port: row.ref('excluded.port'),
        installed_ms: row.ref('excluded.installed_ms'),
        route: row.ref('excluded.route'),
        link: row.ref('excluded.link'),
        model: row.ref('excluded.model'),
      })),
    )
    .execute();
  await keepKeys(transaction, chunk);
  await keepKeyHistory(transaction, chunk, { sealedBefore, nowMs });
  await transaction
    .insertInto('channel')
    .values(chunk.flatMap(channelRows))
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

/** Keys of the client that reads; a meter that has only one client has none of them here. */
async function keepKeys(transaction: Registry, chunk: readonly SealedShipment[]): Promise<void> {
  const client = 'reader' as const;
  const rows = chunk.flatMap(({ meter: { serial }, sealed }) =>
    sealed === null ? [] : [{ serial, client, sealed }],
  );
  const without = chunk.flatMap(({ meter, sealed }) => (sealed === null ? [meter.serial] : []));
  if (without.length > 0) {
    await transaction
      .deleteFrom('meter_key')
      .where('serial', 'in', without)
      .where('client', '=', client)
      .execute();
  }
  if (rows.length === 0) return;
  await transaction
    .insertInto('meter_key')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['serial', 'client']).doUpdateSet((row) => ({
        sealed: row.ref('excluded.sealed'),
        // Other keys than those that hold are the start of a new account.
        shipped: row
          .case()
          .when('meter_key.sealed', '=', row.ref('excluded.sealed'))
          .then(row.ref('meter_key.shipped'))
          .else(null)
          .end(),
      })),
    )
    .execute();
}

/** A meter that is reached otherwise than before: from now on; how it was reached earlier stays on record. */
async function keepRoutes(
  transaction: Registry,
  chunk: readonly SealedShipment[],
  nowMs: number,
): Promise<void> {
  const before = await transaction
    .selectFrom('meter')
    .select(['serial', 'host', 'port', 'route', 'link'])
    .where(
      'serial',
      'in',
      chunk.map(({ meter }) => meter.serial),
    )
    .execute();
  const known = new Map(before.map((row) => [row.serial, row]));
  const rows = chunk.flatMap(({ meter }) => {
    const { serial, host, port, route = null, link = 'tcp', installedAtMs } = meter;
    const old = known.get(serial);
    const isSame = old?.host === host && old.port === port && old.route === route && old.link === link;
    return isSame ? [] : [{ serial, from_ms: old ? nowMs : installedAtMs, host, port, route, link }];
  });
  if (rows.length === 0) return;
  await transaction
    .insertInto('route_history')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['serial', 'from_ms']).doUpdateSet((row) => ({
        host: row.ref('excluded.host'),
        port: row.ref('excluded.port'),
        route: row.ref('excluded.route'),
        link: row.ref('excluded.link'),
      })),
    )
    .execute();
}

async function readerKeysOf(transaction: Registry, chunk: readonly SealedShipment[]) {
  const rows = await transaction
    .selectFrom('meter_key')
    .select(['serial', 'sealed'])
    .where('client', '=', 'reader')
    .where(
      'serial',
      'in',
      chunk.map(({ meter }) => meter.serial),
    )
    .execute();
  return new Map(rows.map(({ serial, sealed }) => [serial, sealed]));
}

/** Since when the reader's keys hold: since its installation those that a meter came with, from now on those of a later shipment. */
async function keepKeyHistory(
  transaction: Registry,
  chunk: readonly SealedShipment[],
  { sealedBefore, nowMs }: { readonly sealedBefore: ReadonlyMap<string, string>; readonly nowMs: number },
): Promise<void> {
  const rows = chunk.flatMap(({ meter: { serial, installedAtMs }, sealed }) => {
    const before = sealedBefore.get(serial);
    if (sealed === null || before === sealed) return [];
    const from_ms = before === undefined ? installedAtMs : nowMs;
    return [{ serial, client: 'reader', from_ms, told_by: 'shipment' as const }];
  });
  if (rows.length === 0) return;
  await transaction
    .insertInto('key_history')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['serial', 'client', 'from_ms']).doUpdateSet({ told_by: 'shipment' }),
    )
    .execute();
}

function usagePointRow({ usagePoint }: SealedShipment): NewRow<'usage_point'> {
  const { tariffId, solarW, ...same } = usagePoint;
  return { ...same, tariff_id: tariffId, solar_w: solarW };
}

function meterRow({ meter }: SealedShipment): NewRow<'meter'> {
  return {
    serial: meter.serial,
    usage_point_id: meter.usagePointId,
    make: meter.make,
    profile: meter.profile,
    system_title: meter.systemTitle,
    host: meter.host,
    port: meter.port,
    interval_seconds: meter.intervalSeconds,
    installed_ms: meter.installedAtMs,
    route: meter.route ?? null,
    link: meter.link ?? 'tcp',
    model: meter.model ?? null,
    state: 'waiting',
    failures: 0,
  };
}

/** One channel for each reading type that the meter's profile gives; a register has no interval. */
function channelRows({ meter }: SealedShipment): NewRow<'channel'>[] {
  const { intervals, registers } = mappingOf(meter.profile);
  return [...readingTypesOf(intervals), ...readingTypesOf(registers)].map((type) => ({
    id: channelIdOf(meter.usagePointId, type),
    usage_point_id: meter.usagePointId,
    reading_type: type,
    interval_seconds: readingTypeOf(type).kind === 'interval' ? meter.intervalSeconds : 0,
  }));
}
