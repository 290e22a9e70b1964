/** A scripted COSEM server for the head-end's tests: as much of a meter as the protocol shows, with faults to order. */
import { type Clock, CodedError, concatBytes, localTime, seededRandom, toHex } from '@wattline/base';
import type {
  EventSink,
  IngestReceipt,
  MeterShipment,
  ReadingBatch,
  ReadingProgress,
  ReadingSink,
  SystemEvent,
} from '@wattline/model';
import { type Address, type Dialer, type Link, memoryLinkPair } from '@wattline/network';
import {
  type AttributeDescriptor,
  createServerConnection,
  type Data,
  decodeEntryRange,
  decodeRange,
  encodeData,
  encodeDateTime,
  type GetResult,
  type InvocationCounter,
  type LogicalDevice,
  parseObis,
  type ReplayGuard,
  type SecurityKeys,
  type SelectiveAccess,
} from '@wattline/protocols/dlms';

/** An entry of the test meter's load profile: what it says, true or not. */
export interface TestEntry {
  readonly labelMs: number;
  readonly status: number;
  readonly values: readonly (number | null)[];
}

/** How the test meter behaves; fields may be changed between sessions. */
export interface TestMeter {
  readonly shipment: MeterShipment;
  readonly keys: SecurityKeys;
  readonly systemTitle: Uint8Array;
  readonly counter: InvocationCounter;
  /** Ranges of labels asked of the load profile, both ends included. */
  readonly asked: { readonly fromMs: number; readonly toMs: number }[];
  /** Its event log; undefined when it has none. */
  events: { readonly atMs: number; readonly code: number }[] | undefined;
  intervals: TestEntry[];
  registers: TestEntry[];
  /** Ignores the range asked for and sends everything it has. */
  isIgnoringRanges: boolean;
  /** Entries its load profile holds; the oldest are gone. */
  capacity: number;
  /** OBIS codes it claims to capture in its load profile, when not those it does. */
  claimedColumns: readonly string[] | undefined;
  /** What it says of its load profile. */
  capturePeriodSeconds: number;
  clockOffsetMs: number;
  /** Answers sent before the link breaks; undefined for no break. */
  breaksAfter: number | undefined;
  isSilent: boolean;
  isUnreachable: boolean;
  /** Highest invocation counter it took of the reader. */
  counterSeen: number;
  /** Its active firmware identifier; undefined when the reader may not see it. */
  firmware: string | undefined;
  /** Octets that came to it, request by request: round trips. */
  requests: number;
  /** Keys the meter really holds, when not those of the shipment. */
  heldKeys: SecurityKeys | undefined;
  /** Links open now, and the most there ever were at once. */
  open: number;
  openMax: number;
  dials: number;
}

const quarterMs = 900_000;
const dayMs = 86_400_000;

/** A meter named by its number, with keys of its own. */
export function testMeter(
  number: number,
  options: { readonly zone?: string; readonly installedAtMs: number; readonly clock: Clock },
): TestMeter {
  const random = seededRandom(`meter ${number}`);
  const key = () => toHex(random.bytes(16));
  const serial = `WTL${String(number).padStart(6, '0')}`;
  const systemTitle = concatBytes(Buffer.from('WTL'), Uint8Array.of(0, 0, 0, number >> 8, number & 0xff));
  const shipment: MeterShipment = {
    meter: {
      serial,
      usagePointId: `UP-${String(number).padStart(4, '0')}`,
      make: 'Wattline',
      profile: 'demo',
      systemTitle: toHex(systemTitle),
      host: 'memory',
      port: number,
      intervalSeconds: 900,
      installedAtMs: options.installedAtMs,
    },
    usagePoint: {
      id: `UP-${String(number).padStart(4, '0')}`,
      customer: `Customer ${number}`,
      address: `${number} High Street`,
      kind: 'home',
      zone: options.zone ?? 'Europe/London',
      substation: 'S1',
      feeder: 'F1',
      transformer: 'T1',
      tariffId: 'flat',
      solarW: 0,
      latitude: 51.5,
      longitude: -0.1,
    },
    keys: { reader: { ek: key(), ak: key() }, management: { ek: key(), ak: key() } },
  };
  const { ek, ak } = shipment.keys.reader;
  let counter = 1;
  return {
    shipment,
    keys: { suite: 0, ek: Buffer.from(ek, 'hex'), ak: Buffer.from(ak, 'hex') },
    systemTitle,
    counter: { next: () => counter++ },
    asked: [],
    events: undefined,
    intervals: [],
    registers: [],
    isIgnoringRanges: false,
    capacity: 100_000,
    claimedColumns: undefined,
    capturePeriodSeconds: shipment.meter.intervalSeconds,
    clockOffsetMs: 0,
    breaksAfter: undefined,
    isSilent: false,
    isUnreachable: false,
    counterSeen: 0,
    firmware: undefined,
    requests: 0,
    heldKeys: undefined,
    open: 0,
    openMax: 0,
    dials: 0,
  };
}

/** True entries for [startMs, endMs): delivered is the number of the quarter-hour modulo 1000, received zero. */
export function fillProfile(meter: TestMeter, startMs: number, endMs: number): void {
  for (let at = startMs; at < endMs; at += quarterMs) {
    const values = [(at / quarterMs) % 1000, 0];
    meter.intervals.push({ labelMs: at + quarterMs, status: 0, values });
  }
  for (let at = Math.ceil(startMs / dayMs) * dayMs; at <= endMs; at += dayMs) {
    meter.registers.push({ labelMs: at, status: 0, values: [at / dayMs, 1, 2, 3] });
  }
}

/** Dials test meters by port, over memory links. */
export function testDialer(meters: readonly TestMeter[], clock: Clock): Dialer {
  return {
    async dial(address: Address) {
      const meter = meters.find(({ shipment }) => shipment.meter.port === address.port);
      if (!meter || meter.isUnreachable) {
        throw new CodedError('network/unreachable', `${address.host}:${address.port}: refused`);
      }
      meter.dials++;
      const [ours, theirs] = memoryLinkPair([`${address.host}:${address.port}`, 'head-end']);
      serveMeter(meter, theirs, clock);
      return ours;
    },
  };
}

/** Answers on a link as the meter. */
export function serveMeter(meter: TestMeter, link: Link, clock: Clock): void {
  meter.open++;
  meter.openMax = Math.max(meter.openMax, meter.open);
  void link.closed.then(() => meter.open--);
  const isHdlc = meter.shipment.meter.link === 'hdlc';
  const connection = createServerConnection(deviceOf(meter, clock), {
    random: seededRandom('server'),
    ...(isHdlc ? { hdlc: {} } : {}),
  });
  let answers = 0;
  link.receive((octets) => {
    if (meter.isSilent) return;
    meter.requests++;
    for (const reply of connection.receive(octets).send) {
      if (meter.breaksAfter !== undefined && answers >= meter.breaksAfter) return link.close();
      answers++;
      link.send(reply);
    }
  });
}

function deviceOf(meter: TestMeter, clock: Clock): LogicalDevice {
  const keys = meter.heldKeys ?? meter.keys;
  const replay: ReplayGuard = {
    accept(counter) {
      if (counter <= meter.counterSeen) return false;
      meter.counterSeen = counter;
      return true;
    },
  };
  return {
    systemTitle: meter.systemTitle,
    serverSap: 1,
    policy: (clientSap) =>
      clientSap === 2
        ? { clientSap, name: 'reader', mechanism: 'gmac', protection: 'ae', keys, replay }
        : clientSap === 16
          ? { clientSap, name: 'public', mechanism: 'none', protection: 'none' }
          : undefined,
    counter: () => meter.counter,
    get: (reference) => answer(meter, reference, clock),
    set: () => 'read-write-denied',
    action: () => ({ result: 'read-write-denied' }),
  };
}

const profiles = {
  '1.0.99.1.0.255': ['1.0.1.29.0.255', '1.0.2.29.0.255'],
  '1.0.99.2.0.255': ['1.0.1.8.0.255', '1.0.1.8.1.255', '1.0.1.8.2.255', '1.0.2.8.0.255'],
} as const;

function answer(meter: TestMeter, reference: AttributeDescriptor, clock: Clock): GetResult {
  const { obis, attribute, classId } = reference;
  const nowMs = clock.now() + meter.clockOffsetMs;
  if (classId === 8 && obis === '0.0.1.0.0.255') {
    return give({ type: 'octet-string', value: localClock(meter, nowMs) });
  }
  if (classId === 3 && attribute === 3) {
    return give({
      type: 'structure',
      value: [
        { type: 'integer', value: 0 },
        { type: 'enum', value: 30 },
      ],
    });
  }
  if (classId === 1 && obis === '0.0.43.1.2.255') {
    return give({ type: 'double-long-unsigned', value: meter.counterSeen });
  }
  if (classId === 1 && obis === '1.0.0.2.0.255' && meter.firmware !== undefined) {
    return give({ type: 'octet-string', value: Buffer.from(meter.firmware) });
  }
  if (classId === 1 && obis === '0.0.96.1.0.255') {
    return give({ type: 'octet-string', value: Buffer.from(meter.shipment.meter.serial) });
  }
  if (obis === '0.0.99.98.0.255' && meter.events && reference.access)
    return eventLog(meter, reference.access);
  if (classId !== 7 || !(obis in profiles)) return { ok: false, result: 'object-undefined' };
  const name = obis as keyof typeof profiles;
  if (attribute === 3) return give(captureObjects(name, meter));
  if (attribute === 4) return give({ type: 'double-long-unsigned', value: periodOf(name, meter) });
  const all = name === '1.0.99.1.0.255' ? meter.intervals.slice(-meter.capacity) : meter.registers;
  if (attribute === 5) return give({ type: 'enum', value: 1 });
  if (attribute === 7) return give({ type: 'double-long-unsigned', value: all.length });
  if (attribute === 8) return give({ type: 'double-long-unsigned', value: meter.capacity });
  if (!reference.access) return give(bufferOf(meter, all));
  const entries = decodeEntryRange(reference.access);
  if (entries.ok) return give(clocksOf(meter, all.slice(entries.value.fromEntry - 1, entries.value.toEntry)));
  const range = decodeRange(reference.access);
  if (!range.ok) return { ok: false, result: 'other-reason' };
  if (name === '1.0.99.1.0.255') meter.asked.push(range.value);
  const { fromMs, toMs } = range.value;
  const inRange = ({ labelMs }: TestEntry) => labelMs >= fromMs && labelMs <= toMs;
  return give(bufferOf(meter, meter.isIgnoringRanges ? all : all.filter(inRange)));
}

function give(data: Data): GetResult {
  return { ok: true, encoded: encodeData(data) };
}

function eventLog(meter: TestMeter, access: SelectiveAccess): GetResult {
  const range = decodeRange(access);
  if (!range.ok) return { ok: false, result: 'other-reason' };
  const { fromMs, toMs } = range.value;
  const rows = (meter.events ?? []).filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  return give({
    type: 'array',
    value: rows.map(({ atMs, code }) => ({
      type: 'structure',
      value: [
        { type: 'octet-string', value: localClock(meter, atMs) },
        { type: 'unsigned', value: code },
      ],
    })),
  });
}

function periodOf(name: keyof typeof profiles, meter: TestMeter): number {
  return name === '1.0.99.1.0.255' ? meter.capturePeriodSeconds : 86_400;
}

function captureObjects(name: keyof typeof profiles, meter: TestMeter): Data {
  const entry = (classId: number, obis: string): Data => ({
    type: 'structure',
    value: [
      { type: 'long-unsigned', value: classId },
      { type: 'octet-string', value: parseObis(obis) },
      { type: 'integer', value: 2 },
      { type: 'long-unsigned', value: 0 },
    ],
  });
  const claimed = name === '1.0.99.1.0.255' ? meter.claimedColumns : undefined;
  const values = (claimed ?? profiles[name]).map((obis) => entry(3, obis));
  return { type: 'array', value: [entry(8, '0.0.1.0.0.255'), entry(1, '0.0.96.10.1.255'), ...values] };
}

/** Entries as an entry_descriptor of the first column gives them. */
function clocksOf(meter: TestMeter, entries: readonly TestEntry[]): Data {
  const clockOnly = ({ labelMs }: TestEntry): Data => ({
    type: 'structure',
    value: [{ type: 'octet-string', value: localClock(meter, labelMs) }],
  });
  return { type: 'array', value: entries.map(clockOnly) };
}

function bufferOf(meter: TestMeter, entries: readonly TestEntry[]): Data {
  return {
    type: 'array',
    value: entries.map(({ labelMs, status, values }) => ({
      type: 'structure',
      value: [
        { type: 'octet-string', value: localClock(meter, labelMs) },
        { type: 'unsigned', value: status },
        ...values.map(
          (value): Data => (value === null ? { type: 'null-data' } : { type: 'double-long-unsigned', value }),
        ),
      ],
    })),
  };
}

/** Local time with deviation and the daylight saving bit, as the meter's clock shows it. */
function localClock(meter: TestMeter, instantMs: number): Uint8Array {
  const { zone } = meter.shipment.usagePoint;
  const { offsetMinutes, year } = localTime(instantMs, zone);
  const winter = localTime(Temporal.Instant.from(`${year}-01-01T00:00Z`).epochMilliseconds, zone);
  return encodeDateTime(instantMs, offsetMinutes, offsetMinutes > winter.offsetMinutes ? 0x80 : 0);
}

/** Meter data management in memory: keeps what came and knows what is missing, nothing more. */
export interface TestDataManagement extends ReadingSink, ReadingProgress {
  readonly batches: ReadingBatch[];
  /** Value by `<channel>@<start>`. */
  readonly values: Map<string, { readonly value: number; readonly quality: number }>;
  isFailing: boolean;
}

export function testDataManagement(): TestDataManagement {
  const values: TestDataManagement['values'] = new Map();
  const batches: ReadingBatch[] = [];
  const gapsOf = (channel: string, startMs: number, endMs: number) => {
    const gaps: { startMs: number; endMs: number }[] = [];
    for (let at = startMs; at < endMs; at += quarterMs) {
      if (values.has(`${channel}@${at}`)) continue;
      const open = gaps.at(-1);
      if (open?.endMs === at) open.endMs = at + quarterMs;
      else gaps.push({ startMs: at, endMs: at + quarterMs });
    }
    return gaps;
  };
  const management: TestDataManagement = {
    batches,
    values,
    isFailing: false,
    async ingest(batch): Promise<IngestReceipt> {
      if (management.isFailing) throw new CodedError('mdm/disk-full', 'no space is left');
      batches.push(batch);
      let accepted = 0;
      for (const block of batch.blocks) {
        block.value.forEach((value, i) => {
          const at = block.startMs + i * block.intervalSeconds * 1000;
          values.set(`${block.channel}@${at}`, { value, quality: block.quality[i] ?? 0 });
          accepted++;
        });
      }
      return { accepted, duplicates: 0, rejected: [] };
    },
    async knownUntil(channel, sinceMs) {
      let at = sinceMs;
      while (values.has(`${channel}@${at}`)) at += quarterMs;
      return at;
    },
    gaps: async (channel, startMs, endMs) => gapsOf(channel, startMs, endMs),
  };
  return management;
}

/** Events in memory. */
export function testEvents(): EventSink & { readonly reported: SystemEvent[]; kinds(): string[] } {
  const reported: SystemEvent[] = [];
  return {
    reported,
    kinds: () => reported.map(({ kind }) => kind),
    report: async (event) => void reported.push(event),
  };
}
