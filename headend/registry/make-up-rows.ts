/** What a meter is made of, in the registry: each row holds from an instant until another, and nothing that held is forgotten. */
import type { Registry, Row } from '@wattline/store/registry';
import type { AssociationRow, LogicalDeviceRow, MakeUp } from './make-up.ts';

/** Keeps what a meter told of itself; what did not change stays as it is. */
export async function keepMakeUp(
  registry: Registry,
  serial: string,
  { makeUp, nowMs }: { readonly makeUp: MakeUp; readonly nowMs: number },
): Promise<void> {
  await registry.transaction().execute(async (transaction) => {
    await keepDevices(transaction, serial, makeUp, nowMs);
    await keepAssociations(transaction, serial, makeUp, nowMs);
    if (makeUp.firmware !== null) {
      const told = { serial, version: makeUp.firmware, told_by: 'meter' as const, from_ms: nowMs };
      await keepFirmware(transaction, told);
    }
  });
}

/** The active firmware of a meter, and since when; the same version again changes nothing. */
export async function keepFirmware(registry: Registry, told: Row<'firmware_history'>): Promise<void> {
  const { serial, version } = told;
  const row = await registry
    .selectFrom('meter')
    .select('firmware')
    .where('serial', '=', serial)
    .executeTakeFirst();
  if (!row || row.firmware === version) return;
  await registry.updateTable('meter').set({ firmware: version }).where('serial', '=', serial).execute();
  await registry
    .insertInto('firmware_history')
    .values(told)
    .onConflict((conflict) => conflict.columns(['serial', 'from_ms']).doUpdateSet({ version }))
    .execute();
}

/** What held and is not told any more has ended; what is new begins. A meter that tells nothing says nothing of the past. */
async function keepDevices(
  transaction: Registry,
  serial: string,
  { logicalDevices }: MakeUp,
  nowMs: number,
): Promise<void> {
  if (logicalDevices.length === 0) return;
  const standing = await transaction
    .selectFrom('logical_device')
    .selectAll()
    .where('serial', '=', serial)
    .where('until_ms', 'is', null)
    .execute();
  const { ended, begun } = differenceOf(standing, logicalDevices, deviceName, deviceName);
  for (const { sap } of ended) {
    await transaction
      .updateTable('logical_device')
      .set({ until_ms: nowMs })
      .where('serial', '=', serial)
      .where('sap', '=', sap)
      .where('until_ms', 'is', null)
      .execute();
  }
  const rows = begun.map((device) => ({ ...device, serial, from_ms: nowMs, until_ms: null }));
  if (rows.length > 0) await transaction.insertInto('logical_device').values(rows).execute();
}

async function keepAssociations(
  transaction: Registry,
  serial: string,
  { associations }: MakeUp,
  nowMs: number,
): Promise<void> {
  if (associations.length === 0) return;
  const standing = await transaction
    .selectFrom('association')
    .selectAll()
    .where('serial', '=', serial)
    .where('until_ms', 'is', null)
    .execute();
  const { ended, begun } = differenceOf(
    standing,
    associations,
    (row) => associationName({ ...row, clientSap: row.client_sap, serverSap: row.server_sap }),
    associationName,
  );
  for (const { client_sap, server_sap } of ended) {
    await transaction
      .updateTable('association')
      .set({ until_ms: nowMs })
      .where('serial', '=', serial)
      .where('client_sap', '=', client_sap)
      .where('server_sap', '=', server_sap)
      .where('until_ms', 'is', null)
      .execute();
  }
  const rows = begun.map(({ clientSap, serverSap, ...same }) => ({
    ...{ ...same, serial, client_sap: clientSap, server_sap: serverSap },
    ...{ from_ms: nowMs, until_ms: null },
  }));
  if (rows.length > 0) await transaction.insertInto('association').values(rows).execute();
}

const deviceName = ({ sap, name }: LogicalDeviceRow) => `${sap} ${name}`;

const associationName = ({ clientSap, serverSap, obis, context, mechanism, objects }: AssociationRow) =>
  [clientSap, serverSap, obis, context, mechanism, objects].join(' ');

function differenceOf<Stored, Told>(
  standing: readonly Stored[],
  told: readonly Told[],
  nameOfStored: (row: Stored) => string,
  nameOfTold: (row: Told) => string,
) {
  const before = new Set(standing.map(nameOfStored));
  const after = new Set(told.map(nameOfTold));
  return {
    ended: standing.filter((row) => !after.has(nameOfStored(row))),
    begun: told.filter((row) => !before.has(nameOfTold(row))),
  };
}
