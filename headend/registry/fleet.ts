/** The meters provisioned, in memory: what each session and each push must know without asking the registry. */
import type { Meter } from '@wattline/model';
import { type Registry, type Row, removedMeters } from '@wattline/store/registry';
import type { LinkKind } from '../session/link-kinds.ts';

/** How a meter stands; changes with each session. */
export interface MeterStatus {
  readonly state: Row<'meter'>['state'];
  readonly failures: number;
  readonly lastContactMs: number | null;
  readonly lastIntervalMs: number | null;
  readonly lastOutcome: string | null;
}

/** A meter with what is known of it. Keys stay sealed until used. */
export interface FleetMeter {
  readonly meter: Meter;
  readonly zone: string;
  readonly transformer: string;
  /** Keys of the reader client; those of management are the signer's alone. Null for a meter with one client, which the signer reads for us. */
  readonly sealed: string | null;
  status: MeterStatus;
  /** Active firmware as last told; null or left out while nobody knows it. */
  firmware?: string | null;
  /** When it was taken away from its point, UTC ms; undefined while it stands there. */
  removedMs?: number;
}

/** What is told of a meter; how it stands and whether it was taken away is the fleet's. */
export type FleetEntry = Omit<FleetMeter, 'status' | 'removedMs'>;

/** All meters by serial number and by system title. */
export interface Fleet {
  readonly size: number;
  get(serial: string): FleetMeter | undefined;
  ofSystemTitle(hex: string): FleetMeter | undefined;
  /** The meter that stands at a point; of those that were taken away none. */
  ofUsagePoint(id: string): FleetMeter | undefined;
  /** All, those that were taken away among them. */
  all(): Iterable<FleetMeter>;
  /** Meters that stand at their points. */
  standing(): FleetMeter[];
  /** Meters that stand under a transformer. */
  countUnder(transformer: string): number;
  /** Adds a meter, or replaces what is known of it while keeping how it stands. */
  put(entry: FleetEntry): FleetMeter;
  /** A meter was taken away, or with undefined it was not. */
  setRemoved(serial: string, removedMs: number | undefined): void;
}

/** How a meter stands before it was ever read. */
export const waitingStatus: MeterStatus = {
  state: 'waiting',
  failures: 0,
  lastContactMs: null,
  lastIntervalMs: null,
  lastOutcome: null,
};

/** Reads the fleet out of the registry, as it stands at `nowMs`. */
export async function loadFleet(registry: Registry, nowMs: number): Promise<Fleet> {
  const fleet = createFleet();
  const rows = await registry
    .selectFrom('meter')
    .innerJoin('usage_point', 'usage_point.id', 'meter.usage_point_id')
    .selectAll('meter')
    .select(['usage_point.zone', 'usage_point.transformer'])
    .orderBy('serial')
    .execute();
  const keys = await registry.selectFrom('meter_key').selectAll().where('client', '=', 'reader').execute();
  const sealed = new Map(keys.map((row) => [row.serial, row.sealed]));
  for (const row of rows) {
    const own = sealed.get(row.serial) ?? null;
    const entry = fleet.put({
      meter: { ...meterOf(row), ...(own === null ? { clients: 1 } : {}) },
      zone: row.zone,
      transformer: row.transformer,
      sealed: own,
      firmware: row.firmware,
    });
    entry.status = statusOf(row);
  }
  for (const [serial, removedMs] of await removedMeters(registry, nowMs)) fleet.setRemoved(serial, removedMs);
  return fleet;
}

/** What was said anew of the meters of a point: their intervals have another length, their address is another. */
export async function refreshPoint(registry: Registry, fleet: Fleet, usagePointId: string): Promise<void> {
  const rows = await registry
    .selectFrom('meter')
    .selectAll()
    .where('usage_point_id', '=', usagePointId)
    .execute();
  for (const row of rows) {
    const entry = fleet.get(row.serial);
    if (entry) fleet.put({ ...entry, meter: { ...entry.meter, ...meterOf(row) } });
  }
}

/** What another worker may have changed of a meter: what it is, how it stands and its keys. */
export async function refreshMeter(registry: Registry, fleet: Fleet, entry: FleetMeter): Promise<void> {
  const { serial } = entry.meter;
  const row = await registry.selectFrom('meter').selectAll().where('serial', '=', serial).executeTakeFirst();
  if (!row) return;
  entry.status = statusOf(row);
  const key = await registry
    .selectFrom('meter_key')
    .select('sealed')
    .where('serial', '=', serial)
    .where('client', '=', 'reader')
    .executeTakeFirst();
  const sealed = key?.sealed ?? entry.sealed;
  fleet.put({ ...entry, meter: { ...entry.meter, ...meterOf(row) }, sealed, firmware: row.firmware });
}

/** What other workers took in or changed since the fleet was loaded; told of each meter that is new or stands again. */
export async function refreshFleet(
  registry: Registry,
  fleet: Fleet,
  { nowMs, onMeter }: { readonly nowMs: number; readonly onMeter: (entry: FleetMeter) => void },
): Promise<void> {
  for (const { status, removedMs, ...fresh } of (await loadFleet(registry, nowMs)).all()) {
    const known = fleet.get(fresh.meter.serial);
    const isNew = !known || (known.removedMs !== undefined && removedMs === undefined);
    const entry = fleet.put(fresh);
    if (!known) entry.status = status;
    fleet.setRemoved(fresh.meter.serial, removedMs);
    if (isNew && removedMs === undefined) onMeter(entry);
  }
}

function statusOf(row: Row<'meter'>): MeterStatus {
  return {
    state: row.state,
    failures: row.failures,
    lastContactMs: row.last_contact_ms,
    lastIntervalMs: row.last_interval_ms,
    lastOutcome: row.last_outcome,
  };
}

function meterOf(row: Row<'meter'>): Meter {
  return {
    serial: row.serial,
    usagePointId: row.usage_point_id,
    make: row.make,
    profile: row.profile,
    systemTitle: row.system_title,
    host: row.host,
    port: row.port,
    intervalSeconds: row.interval_seconds,
    installedAtMs: row.installed_ms,
    ...(row.route === null ? {} : { route: row.route }),
    ...(row.link === 'tcp' ? {} : { link: row.link as LinkKind }),
    ...(row.model === null ? {} : { model: row.model }),
  };
}

function createFleet(): Fleet {
  const bySerial = new Map<string, FleetMeter>();
  const byTitle = new Map<string, FleetMeter>();
  /** All meters of a point: after an exchange there is more than one. */
  const byUsagePoint = new Map<string, Set<FleetMeter>>();
  const under = new Map<string, number>();
  const count = ({ transformer, removedMs }: FleetMeter, change: 1 | -1) => {
    if (removedMs === undefined) under.set(transformer, (under.get(transformer) ?? 0) + change);
  };
  const file = (entry: FleetMeter) => {
    const { serial, systemTitle, usagePointId } = entry.meter;
    count(entry, 1);
    bySerial.set(serial, entry);
    byTitle.set(systemTitle, entry);
    const there = byUsagePoint.get(usagePointId);
    if (there) there.add(entry);
    else byUsagePoint.set(usagePointId, new Set([entry]));
  };
  const unfile = (entry: FleetMeter) => {
    count(entry, -1);
    byTitle.delete(entry.meter.systemTitle);
    byUsagePoint.get(entry.meter.usagePointId)?.delete(entry);
  };
  return {
    get size() {
      return bySerial.size;
    },
    get: (serial) => bySerial.get(serial),
    ofSystemTitle: (hex) => byTitle.get(hex),
    ofUsagePoint: (id) =>
      [...(byUsagePoint.get(id) ?? [])].findLast(({ removedMs }) => removedMs === undefined),
    all: () => bySerial.values(),
    standing: () => [...bySerial.values()].filter(({ removedMs }) => removedMs === undefined),
    countUnder: (transformer) => under.get(transformer) ?? 0,
    put(entry) {
      const before = bySerial.get(entry.meter.serial);
      if (before) unfile(before);
      // Changed in place: a session that is running holds the same record.
      const stored: FleetMeter = before ? Object.assign(before, entry) : { ...entry, status: waitingStatus };
      file(stored);
      return stored;
    },
    setRemoved(serial, removedMs) {
      const entry = bySerial.get(serial);
      if (!entry) return;
      count(entry, -1);
      if (removedMs === undefined) delete entry.removedMs;
      else entry.removedMs = removedMs;
      count(entry, 1);
    },
  };
}
