/** Tables of the head-end beyond meters and exchanges: routes, keys on their way, campaigns. */
import { type Kysely, sql } from 'kysely';

/** Adds them; the same statements serve both engines. */
export async function createFleetTables(db: Kysely<unknown>): Promise<void> {
  const statements = [
    'alter table meter add column route text',
    'alter table meter add column firmware text',
    'create index meter_route on meter (route)',
    `create table key_change (serial text not null, client text not null, sealed text not null, state text not null,
      attempts integer not null, started_ms bigint not null, updated_ms bigint not null, primary key (serial, client))`,
    `create table campaign (id text primary key, manifest text not null, state text not null, reason text, plan text not null,
      created_ms bigint not null, updated_ms bigint not null)`,
    `create table campaign_meter (campaign_id text not null references campaign (id), serial text not null, stage integer not null,
      state text not null, blocks integer not null, attempts integer not null, code text, updated_ms bigint not null,
      primary key (campaign_id, serial))`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

/** What exchanges showed of intervals that are missing. */
export async function createFindings(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `create table interval_finding (serial text not null, start_ms bigint not null, end_ms bigint not null, cause text not null,
      exchange_id text not null, at_ms bigint not null, primary key (serial, start_ms, cause))`,
    'create index exchange_started on exchange (started_ms)',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

/** Keys that the signer changed, images of campaigns, and what the shipment said of keys that were changed since. */
export async function createKeysAndImages(db: Kysely<unknown>): Promise<void> {
  const statements = [
    'alter table meter_key add column shipped text',
    `create table signer_key (serial text not null, name text not null, state text not null, sealed text not null,
      origin text not null, updated_ms bigint not null, primary key (serial, name, state))`,
    `create table campaign_image (digest text not null, number integer not null, octets text not null,
      primary key (digest, number))`,
    'create index campaign_meter_state on campaign_meter (campaign_id, stage, state)',
    'alter table campaign_meter add column activated_ms bigint',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
