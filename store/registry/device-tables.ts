/** Tables of what a meter is made of: logical devices, associations, firmware and keys, each from an instant until another. */
import { type Kysely, sql } from 'kysely';

/** A logical device, as the SAP assignment of the meter (class 17) told. */
export interface LogicalDeviceTable {
  serial: string;
  /** Service access point of the server. */
  sap: number;
  from_ms: number;
  name: string;
  /** Null while it is so. */
  until_ms: number | null;
}

/** An application association, as an Association LN object (class 15) of the meter told. */
export interface AssociationTable {
  serial: string;
  client_sap: number;
  server_sap: number;
  from_ms: number;
  /** Logical name of the object, `0.0.40.0.e.255`. */
  obis: string;
  /** Name of the application context and of the authentication mechanism; `unknown` when the meter did not tell. */
  context: string;
  mechanism: string;
  /** Objects that the client may know of; null when only the client itself would be told. */
  objects: number | null;
  until_ms: number | null;
}

/** Active firmware from an instant on, until the next row of the meter. */
export interface FirmwareHistoryTable {
  serial: string;
  from_ms: number;
  version: string;
  /** `meter`: it told so itself; `campaign`: an update proved it. */
  told_by: 'meter' | 'campaign';
}

/** Since when a client's keys hold; never the keys. */
export interface KeyHistoryTable {
  serial: string;
  client: string;
  from_ms: number;
  /** `shipment`: they came with it; `change`: drawn here and proved by a read. */
  told_by: 'shipment' | 'change';
}

/** The tables by name. */
export interface DeviceTables {
  logical_device: LogicalDeviceTable;
  association: AssociationTable;
  firmware_history: FirmwareHistoryTable;
  key_history: KeyHistoryTable;
}

/** Adds them; meters that stand already begin with what is known of them. The same statements serve both engines. */
export async function createDeviceTables(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `create table logical_device (serial text not null, sap integer not null, from_ms bigint not null,
      name text not null, until_ms bigint, primary key (serial, sap, from_ms))`,
    `create table association (serial text not null, client_sap integer not null, server_sap integer not null,
      from_ms bigint not null, obis text not null, context text not null, mechanism text not null, objects integer, until_ms bigint,
      primary key (serial, client_sap, server_sap, from_ms))`,
    `create table firmware_history (serial text not null, from_ms bigint not null, version text not null,
      told_by text not null, primary key (serial, from_ms))`,
    `create table key_history (serial text not null, client text not null, from_ms bigint not null,
      told_by text not null, primary key (serial, client, from_ms))`,
    `insert into firmware_history (serial, from_ms, version, told_by)
      select serial, installed_ms, firmware, 'meter' from meter where firmware is not null`,
    `insert into key_history (serial, client, from_ms, told_by)
      select meter.serial, meter_key.client, meter.installed_ms, 'shipment' from meter_key
      join meter on meter.serial = meter_key.serial`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
