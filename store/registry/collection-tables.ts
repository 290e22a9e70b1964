/** Tables of collection: meters that wait for approval, where each meter was reached when, and who works on what. */
import { type Kysely, sql } from 'kysely';

/** A sender of pushes that nobody has provisioned, until a person decides. */
export interface HeldMeterTable {
  system_title: string;
  /** Where it pushed from last. */
  peer: string;
  first_ms: number;
  last_ms: number;
  pushes: number;
  state: 'held' | 'approved' | 'rejected';
  /** Serial number it was approved under. */
  serial: string | null;
  decided_by: string | null;
  decided_ms: number | null;
}

/** How a meter is reached from an instant on, until the next row of it. */
export interface RouteHistoryTable {
  serial: string;
  from_ms: number;
  host: string;
  port: number;
  route: string | null;
  link: string;
}

/** Who works on something, until when; `fence` grows with each holder. */
export interface LeaseTable {
  name: string;
  holder: string;
  until_ms: number;
  fence: number;
}

/** Invocation counters taken of many peers at once: a line each for a group, until the rows of the counters follow. */
export interface AcceptedCounterTable {
  /** Number of the process that took them. */
  holder: number;
  line: number;
  /** JSON: scope to number. */
  body: string;
}

/** The tables by name. */
export interface CollectionTables {
  held_meter: HeldMeterTable;
  route_history: RouteHistoryTable;
  lease: LeaseTable;
  accepted_counter: AcceptedCounterTable;
}

/** Adds them; the same statements serve both engines. */
export async function createCollectionTables(db: Kysely<unknown>): Promise<void> {
  const statements = [
    'create index event_serial on event (serial, occurred_ms)',
    `create table held_meter (system_title text primary key, peer text not null, first_ms bigint not null, last_ms bigint not null,
      pushes integer not null, state text not null, serial text, decided_by text, decided_ms bigint)`,
    `create table route_history (serial text not null, from_ms bigint not null, host text not null, port integer not null, route text,
      link text not null, primary key (serial, from_ms))`,
    'create table lease (name text primary key, holder text not null, until_ms bigint not null, fence bigint not null)',
    "alter table meter add column link text not null default 'tcp'",
    'alter table meter add column model text',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

/** Adds the journal of accepted counters. */
export async function createAcceptedCounters(db: Kysely<unknown>): Promise<void> {
  const statement = `create table accepted_counter (holder integer not null, line bigint not null, body text not null,
    primary key (holder, line))`;
  await sql.raw(statement).execute(db);
}
