/** The tables of the registry as Kysely sees them. Instants are UTC ms; JSON columns hold text. One row type per table. */
import type { Generated, Insertable, Selectable } from 'kysely';
import type { CollectionTables } from './collection-tables.ts';
import type { DeviceTables } from './device-tables.ts';
import type { MeterDataTables } from './meter-data-tables.ts';

/** Usage points, meters and channels: who is measured, by what, in which column. */
export interface UsagePointTable {
  id: string;
  customer: string;
  address: string;
  kind: 'home' | 'shop' | 'public';
  zone: string;
  substation: string;
  feeder: string;
  transformer: string;
  tariff_id: string;
  solar_w: number;
  latitude: number;
  longitude: number;
}

export interface MeterTable {
  serial: string;
  usage_point_id: string;
  make: string;
  profile: string;
  system_title: string;
  host: string;
  port: number;
  interval_seconds: number;
  installed_ms: number;
  /** `waiting` until first read. */
  state: 'waiting' | 'ok' | 'late' | 'unreachable' | 'refused';
  last_contact_ms: number | null;
  /** End of the newest interval read. */
  last_interval_ms: number | null;
  last_outcome: string | null;
  /** Failures in a row since the last success. */
  failures: number;
  /** Concentrator, cell or gateway it is reached through; null when it has none of its own. */
  route: Generated<string | null>;
  /** Active firmware, as last told by the meter or a campaign. */
  firmware: Generated<string | null>;
  /** What carries DLMS to it: see `linkKinds` of the head-end. */
  link: Generated<string>;
  /** Type designation of its maker. */
  model: Generated<string | null>;
}

/** A client's new keys on their way to a meter; the row goes when they are proved. */
export interface KeyChangeTable {
  serial: string;
  client: 'reader' | 'management';
  sealed: string;
  /** `sent`: the meter may hold either pair. */
  state: 'pending' | 'sent';
  attempts: number;
  started_ms: number;
  updated_ms: number;
}

/** Intervals [start_ms, end_ms) of which an exchange showed why they are missing. */
export interface IntervalFindingTable {
  serial: string;
  start_ms: number;
  end_ms: number;
  /** The meter has no such entry; its answer could not be read; meter data management did not take it. */
  cause: 'meter' | 'decode' | 'validation';
  exchange_id: string;
  at_ms: number;
}

/** A firmware campaign. */
export interface CampaignTable {
  id: string;
  manifest: string;
  state: string;
  reason: string | null;
  plan: string;
  created_ms: number;
  updated_ms: number;
}

/** One meter of a campaign. */
export interface CampaignMeterTable {
  campaign_id: string;
  serial: string;
  stage: number;
  state: string;
  /** Image blocks the meter has confirmed. */
  blocks: number;
  attempts: number;
  code: string | null;
  updated_ms: number;
  /** When the meter proved that the image runs. */
  activated_ms: Generated<number | null>;
}

/** Keys of one client of one meter, sealed by the key file; never in plain. */
export interface MeterKeyTable {
  serial: string;
  client: 'reader' | 'management';
  sealed: string;
  /** What the shipment said, sealed, of keys that were changed since: the same shipment again does not bring the old ones back. */
  shipped: Generated<string | null>;
}

/** Keys that a signer changed, sealed under its own key file; those of its enrolment hold until there is one. */
export interface SignerKeyTable {
  serial: string;
  name: 'management' | 'master';
  /** `pending`: on its way, the meter may hold either. */
  state: 'current' | 'pending';
  sealed: string;
  /** Digest of what the enrolment held when the key was drawn: a meter that is enrolled anew starts from there. */
  origin: string;
  updated_ms: number;
}

/** A part of a firmware image: base64 of up to 64 KiB. */
export interface CampaignImageTable {
  /** SHA-256 of the whole image, hexadecimal. */
  digest: string;
  number: number;
  octets: string;
}

/** Invocation counters: `sent` is reserved ahead of use, `accepted` is the last taken from the peer. */
export interface InvocationCounterTable {
  /** `<serial>/<client>/sent` or `<serial>/<client>/accepted` or `<serial>/push/accepted`. */
  scope: string;
  value: number;
}

/** A channel and its number in the readings store. */
export interface ChannelTable {
  number: Generated<number>;
  id: string;
  usage_point_id: string;
  reading_type: string;
  interval_seconds: number;
}

/** Each conversation with a meter and its one outcome. `hex` holds the octets received (bounded), `digest` their SHA-256. */
export interface ExchangeTable {
  id: string;
  serial: string;
  purpose: string;
  started_ms: number;
  ended_ms: number;
  outcome: 'answer' | 'refusal' | 'timeout' | 'unreachable' | 'failure';
  code: string | null;
  message: string | null;
  octets_sent: number;
  octets_received: number;
  digest: string | null;
  hex: string | null;
}

/** The event log: see `eventKinds` in model. */
export interface EventTable {
  id: Generated<number>;
  kind: string;
  occurred_ms: number;
  received_ms: number;
  usage_point_id: string | null;
  serial: string | null;
  code: string | null;
  message: string;
}

export interface TariffTable {
  id: string;
  version: number;
  body: string;
}

/** Bills are append-only versions. */
export interface BillTable {
  id: string;
  usage_point_id: string;
  month: string;
  version: number;
  state: 'closed' | 'projection';
  computed_ms: number;
  body: string;
}

/** Facts about this data directory: schema notes, the town's seed and start. */
export interface FactTable {
  name: string;
  value: string;
}

/** The guard's ledger: append-only, each line chained to the one before by its hash. */
export interface GuardLedgerTable {
  seq: number;
  at_ms: number;
  body: string;
  previous: string;
  hash: string;
}

/** A batch of commands as it was asked; `key` is its idempotency key, `hash` what people sign. */
export interface CommandBatchTable {
  key: string;
  hash: string;
  body: string;
  requested_ms: number;
}

/** One command to one meter; `result` is what was read back from the meter. */
export interface CommandJobTable {
  id: string;
  batch_key: string;
  serial: string;
  command: string;
  state: 'requested' | 'held' | 'approved' | 'executing' | 'done' | 'failed' | 'cancelled' | 'expired';
  deadline_ms: number;
  attempts: number;
  updated_ms: number;
  code: string | null;
  message: string | null;
  result: string | null;
}

/** Every state a job came into: append-only. */
export interface CommandStepTable {
  number: Generated<number>;
  job_id: string;
  state: CommandJobTable['state'];
  at_ms: number;
  code: string | null;
  message: string | null;
}

export interface RegistryTables extends MeterDataTables, CollectionTables, DeviceTables {
  usage_point: UsagePointTable;
  meter: MeterTable;
  meter_key: MeterKeyTable;
  invocation_counter: InvocationCounterTable;
  channel: ChannelTable;
  exchange: ExchangeTable;
  event: EventTable;
  tariff: TariffTable;
  bill: BillTable;
  fact: FactTable;
  guard_ledger: GuardLedgerTable;
  key_change: KeyChangeTable;
  interval_finding: IntervalFindingTable;
  campaign: CampaignTable;
  campaign_meter: CampaignMeterTable;
  campaign_image: CampaignImageTable;
  signer_key: SignerKeyTable;
  command_batch: CommandBatchTable;
  command_job: CommandJobTable;
  command_step: CommandStepTable;
}

export type Row<T extends keyof RegistryTables> = Selectable<RegistryTables[T]>;
export type NewRow<T extends keyof RegistryTables> = Insertable<RegistryTables[T]>;
