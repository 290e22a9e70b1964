/** The meters provisioned, in memory: what each session and each push must know without asking the registry. */
import type { Meter } from '@wattline/model';
import type { Registry, Row } from '@wattline/store/registry';
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
}

/** All meters by serial number and by system title. */
export interface Fleet {
  readonly size: number;
  get(serial: string): FleetMeter | undefined;
  ofSystemTitle(hex: string): FleetMeter | undefined;
  ofUsagePoint(id: string): FleetMeter | undefined;
  all(): Iterable<FleetMeter>;
  /** Meters under a transformer. */
  countUnder(transformer: string): number;
  /** Adds a meter, or replaces what is known of it while keeping how it stands. */
  put(entry: Omit<FleetMeter, 'status'>): FleetMeter;
}

/** How a meter stands before it was ever read. */
export const waitingStatus: MeterStatus = {
  state: 'waiting',
  failures: 0,
  lastContactMs: null,
  lastIntervalMs: null,
  lastOutcome: null,
};

/** Reads the fleet out of the registry. */
export async function loadFleet(registry: Registry): Promise<Fleet> {
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
    });
    entry.status = {
      state: row.state,
      failures: row.failures,
      lastContactMs: row.last_contact_ms,
      lastIntervalMs: row.last_interval_ms,
      lastOutcome: row.last_outcome,
    };
  }
  return fleet;
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
  const byUsagePoint = new Map<string, FleetMeter>();
  const under = new Map<string, number>();
  const count = (transformer: string, change: 1 | -1) =>
    under.set(transformer, (under.get(transformer) ?? 0) + change);
  return {
    get size() {
      return bySerial.size;
    },
    get: (serial) => bySerial.get(serial),
    ofSystemTitle: (hex) => byTitle.get(hex),
    ofUsagePoint: (id) => byUsagePoint.get(id),
    all: () => bySerial.values(),
    countUnder: (transformer) => under.get(transformer) ?? 0,
    put(entry) {
      const before = bySerial.get(entry.meter.serial);
      // Changed in place: a session that is running holds the same record.
      const stored: FleetMeter = before ?? { ...entry, status: waitingStatus };
      if (before) {
        count(before.transformer, -1);
        byTitle.delete(before.meter.systemTitle);
        byUsagePoint.delete(before.meter.usagePointId);
        Object.assign(before, entry);
      }
      count(entry.transformer, 1);
      bySerial.set(entry.meter.serial, stored);
      byTitle.set(entry.meter.systemTitle, stored);
      byUsagePoint.set(entry.meter.usagePointId, stored);
      return stored;
    },
  };
}
