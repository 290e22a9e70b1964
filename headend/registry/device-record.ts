/** All that the registry holds of one meter, each with the instants between which it held; what the meter never told stands as its profile says. */
import { type Registry, type Row, removedMeters } from '@wattline/store/registry';
import { type MeterMapping, meterMappings } from '../collection/mapping.ts';
import { headendError } from '../errors.ts';

/** [fromMs, untilMs) in which something held; both null for what only the profile says, `untilMs` null while it holds. */
export interface Held {
  readonly fromMs: number | null;
  readonly untilMs: number | null;
}

/** A meter's record. */
export interface DeviceRecord {
  readonly meter: Row<'meter'>;
  readonly removedMs: number | null;
  readonly firmware: readonly (Held & { readonly version: string; readonly toldBy: string })[];
  readonly routes: readonly Row<'route_history'>[];
  readonly logicalDevices: readonly (Held & {
    readonly sap: number;
    readonly name: string;
    readonly toldBy: 'meter' | 'profile';
  })[];
  readonly associations: readonly (Held & {
    readonly clientSap: number;
    readonly serverSap: number;
    readonly mechanism: string;
    readonly context: string | null;
    readonly objects: number | null;
    readonly toldBy: 'meter' | 'profile';
  })[];
  readonly keys: readonly (Held & { readonly client: string; readonly toldBy: string })[];
  readonly isKeyChanging: boolean;
}

/**
 * Reads the record of a meter.
 * @throws CodedError `headend/meter-unknown`
 */
export async function readDevice(registry: Registry, serial: string, nowMs: number): Promise<DeviceRecord> {
  const rowsOf = <T extends 'firmware_history' | 'route_history' | 'key_history'>(table: T) =>
    registry
      .selectFrom(table as 'route_history')
      .selectAll()
      .where('serial', '=', serial)
      .orderBy('from_ms')
      .execute() as unknown as Promise<Row<T>[]>;
  const meter = await registry
    .selectFrom('meter')
    .selectAll()
    .where('serial', '=', serial)
    .executeTakeFirst();
  if (!meter) throw headendError('headend/meter-unknown', `no meter '${serial.slice(0, 64)}' is provisioned`);
  const removed = await removedMeters(registry, nowMs, meter.usage_point_id);
  const changing = await registry
    .selectFrom('key_change')
    .select('serial')
    .where('serial', '=', serial)
    .executeTakeFirst();
  const keys = Map.groupBy(await rowsOf('key_history'), ({ client }) => client);
  return {
    meter,
    removedMs: removed.get(serial) ?? null,
    firmware: untilNext(await rowsOf('firmware_history')).map(({ version, told_by, ...held }) => ({
      ...{ version, toldBy: told_by, fromMs: held.fromMs, untilMs: held.untilMs },
    })),
    routes: await rowsOf('route_history'),
    ...(await makeUpOf(registry, meter)),
    keys: [...keys.values()].flatMap((rows) =>
      untilNext(rows).map(({ client, told_by, fromMs, untilMs }) => ({
        ...{ client, toldBy: told_by, fromMs, untilMs },
      })),
    ),
    isKeyChanging: changing !== undefined,
  };
}

async function makeUpOf(registry: Registry, { serial, profile }: Row<'meter'>) {
  const devices = await registry
    .selectFrom('logical_device')
    .selectAll()
    .where('serial', '=', serial)
    .orderBy('from_ms')
    .orderBy('sap')
    .execute();
  const associations = await registry
    .selectFrom('association')
    .selectAll()
    .where('serial', '=', serial)
    .orderBy('from_ms')
    .orderBy('client_sap')
    .execute();
  const declared = declaredBy(profile);
  const toldSaps = new Set(devices.map(({ sap }) => sap));
  const toldClients = new Set(associations.map((row) => `${row.client_sap} ${row.server_sap}`));
  const byProfile = { fromMs: null, untilMs: null, toldBy: 'profile' as const };
  return {
    logicalDevices: [
      ...devices.map(({ sap, name, from_ms: fromMs, until_ms: untilMs }) => ({
        ...{ sap, name, fromMs, untilMs, toldBy: 'meter' as const },
      })),
      ...(declared?.logicalDevices ?? [])
        .filter(({ sap }) => !toldSaps.has(sap))
        .map(({ sap, what }) => ({ ...byProfile, sap, name: what })),
    ],
    associations: [
      ...associations.map((row) => ({
        ...{ clientSap: row.client_sap, serverSap: row.server_sap, mechanism: row.mechanism },
        ...{ context: row.context, objects: row.objects, fromMs: row.from_ms, untilMs: row.until_ms },
        toldBy: 'meter' as const,
      })),
      ...(declared?.associations ?? [])
        .filter(({ clientSap, serverSap }) => !toldClients.has(`${clientSap} ${serverSap}`))
        .map(({ clientSap, serverSap, mechanism }) => ({
          ...byProfile,
          ...{ clientSap, serverSap, mechanism, context: null, objects: null },
        })),
    ],
  };
}

/** What a profile declares; nothing for one that an earlier version knew. */
export function declaredBy(profile: string): MeterMapping | undefined {
  return meterMappings.find((mapping) => mapping.profile === profile);
}

/** Each row holds until the next one of the same meter. */
function untilNext<T extends { readonly from_ms: number }>(
  rows: readonly T[],
): (T & Held & { fromMs: number })[] {
  return rows.map((row, i) => ({ ...row, fromMs: row.from_ms, untilMs: rows[i + 1]?.from_ms ?? null }));
}
