/** Reads a plan from an associated meter; what was read before a link broke is kept. */
import type { Clock, CodedError } from '@wattline/base';
import type { ReadingBlock } from '@wattline/model';
import {
  type AttributeDescriptor,
  decodeData,
  decodeDateTime,
  decodeProfileColumns,
  encodeRange,
  type ProfileColumns,
} from '@wattline/protocols/dlms';
import { type HeadendErrorCode, headendError } from '../errors.ts';
import type { EventScheme } from '../events/event-codes.ts';
import type { LogEntry } from '../events/event-log.ts';
import type { FleetMeter } from '../registry/fleet.ts';
import type { Session } from '../session/session.ts';
import { readBufferDepth } from './buffer-depth.ts';
import { expectPeriod, readCapturePeriod } from './capture-period.ts';
import { offsetMinutesAt } from './local-days.ts';
import type { MeterMapping } from './mapping.ts';
import {
  type CollectionPlan,
  type MeterMemory,
  rememberHoles,
  rememberRegisters,
  withinDepth,
} from './missing.ts';
import { type PlacedEntries, placeIntervals, placeRegisters } from './profile-entries.ts';
import { type ProfileShape, readProfileShapes } from './profile-shape.ts';
import type { TimeRange } from './time-ranges.ts';

/** What a session has brought so far. */
export interface Harvest {
  blocks: ReadingBlock[];
  /** Values in blocks of intervals. */
  intervalValues: number;
  newestMs: number | null;
  /** Intervals that were asked for and did not come, and why. */
  findings: (TimeRange & { readonly cause: 'meter' | 'decode' })[];
  /** Entries dropped, by reason. */
  drops: Map<HeadendErrorCode, number>;
  /** Entries of its event logs that were not known. */
  logs: { readonly scheme: EventScheme; readonly entries: readonly LogEntry[] }[];
  /** Its active firmware, when it was asked and told it. */
  firmware: string | null;
  /** The meter's clock minus ours, ms, when it is more than the round trip explains; null when not read. */
  driftMs: number | null;
}

/** Nothing yet. */
export function emptyHarvest(): Harvest {
  return {
    blocks: [],
    findings: [],
    intervalValues: 0,
    newestMs: null,
    drops: new Map(),
    logs: [],
    firmware: null,
    driftMs: null,
  };
}

/** Whom to read, what, and where to put it. */
export interface HarvestOptions {
  readonly entry: FleetMeter;
  readonly mapping: MeterMapping;
  readonly memory: MeterMemory;
  readonly plan: CollectionPlan;
  readonly clock: Clock;
  readonly harvest: Harvest;
  readonly along: WantedAlong;
}

/** Small things asked for in the same round trip, where the meter takes lists; a refusal stands in its place. */
export interface WantedAlong {
  readonly accesses: readonly AttributeDescriptor[];
  take(answers: readonly (Uint8Array | CodedError)[]): void;
}

/**
 * Reads the clock, the missing intervals oldest first, and the new midnight registers. A plan of few ranges goes in one round trip
 * where the meter takes lists: behind a slow concentrator round trips are what a session costs. Throws as {@link Session.get} does.
 */
export async function gatherReadings(session: Session, options: HarvestOptions): Promise<void> {
  const { plan, mapping, memory, clock, along } = options;
  const isEmpty = plan.intervals.length === 0 && plan.registers === null;
  const isKnown = memory.shapes !== undefined;
  if (!isEmpty && !isKnown) await learnShapes(session, options);
  await learnDepth(session, options);
  // A meter that has not just told its period may have been given another since: odd entries are not placed before it was asked.
  const doubts: (() => void)[] = [];
  const place = (placed: PlacedEntries, take: () => void) => {
    if (isKnown && isOdd(placed)) doubts.push(take);
    else take();
  };
  const wanted = isEmpty || !memory.shapes ? [] : rangesOf(plan, memory.shapes, { ...options, place });
  const askedMs = clock.now();
  const clockTime = { classId: 8, obis: mapping.clockObis, attribute: 2 };
  const together = wanted.length <= listMax ? wanted : [];
  const [time, ...answers] = await session.getMany([
    clockTime,
    ...together.map(({ access }) => access),
    ...along.accesses,
  ]);
  takeClock(expectAnswer(time), { ...options, askedMs });
  for (const [i, range] of wanted.entries()) {
    const answer = range === together[i] ? answers[i] : await session.get(range.access);
    range.take(expectAnswer(answer));
  }
  along.take(answers.slice(together.length));
  if (doubts.length === 0) return;
  await checkPeriod(session, options);
  for (const take of doubts) take();
}

/** Entries between two boundaries, or boundaries without entry: what a period of another length looks like. */
function isOdd({ drops, holes }: PlacedEntries): boolean {
  return drops.has('headend/entry-off-grid') || holes.length > 0;
}

async function learnShapes(session: Session, { entry, mapping, memory }: HarvestOptions): Promise<void> {
  const [intervals, registers] = await readProfileShapes(session, [mapping.intervals, mapping.registers]);
  if (!intervals || !registers) return;
  expectPeriod(entry, intervals.obis, intervals.periodSeconds);
  memory.shapes = { intervals, registers };
}

async function checkPeriod(session: Session, { entry, memory, mapping }: HarvestOptions): Promise<void> {
  const found = await readCapturePeriod(session, mapping.intervals.obis);
  if (found !== memory.shapes?.intervals.periodSeconds) memory.shapes = undefined;
  expectPeriod(entry, mapping.intervals.obis, found);
}

/** Gaps older than this may have left the meter's buffer: how far it reaches is then worth a round trip. */
const oldMs = 86_400_000;

async function learnDepth(session: Session, options: HarvestOptions): Promise<void> {
  const { plan, memory, clock, entry } = options;
  const nowMs = clock.now();
  const oldest = plan.intervals[0];
  if (!oldest || !memory.shapes || nowMs - oldest.startMs < oldMs) return;
  if (nowMs - (memory.depthAskedMs ?? Number.NEGATIVE_INFINITY) < oldMs) return;
  memory.depthAskedMs = nowMs;
  const defaultOffsetMinutes = offsetMinutesAt(oldest.startMs, entry.zone);
  memory.depth = await readBufferDepth(session, memory.shapes.intervals, { nowMs, defaultOffsetMinutes });
}

/** Ranges that go into one list: more would come in many blocks, and a link that breaks would lose them all. */
const listMax = 3;

/** A range to be asked for, and what becomes of the answer. */
interface WantedRange {
  readonly access: AttributeDescriptor;
  take(encoded: Uint8Array): void;
}

/** Whom to read, and who decides when entries are taken. */
interface RangeOptions extends HarvestOptions {
  readonly place: (placed: PlacedEntries, take: () => void) => void;
}

function rangesOf(
  plan: CollectionPlan,
  shapes: NonNullable<MeterMemory['shapes']>,
  options: RangeOptions,
): WantedRange[] {
  const { entry, memory, clock, harvest } = options;
  const { wanted: held, lost } = withinDepth(plan.intervals, {
    ...{ memory, label: shapes.intervals.label, nowMs: clock.now() },
    stepMs: entry.meter.intervalSeconds * 1000,
  });
  for (const range of lost) harvest.findings.push({ ...range, cause: 'meter' });
  const wanted = held.map((range) => wantedIntervals(shapes.intervals, range, options));
  if (plan.registers) wanted.push(wantedRegisters(shapes.registers, plan.registers, options));
  return wanted;
}

function expectAnswer(answer: Uint8Array | CodedError | undefined): Uint8Array {
  if (answer instanceof Uint8Array) return answer;
  throw answer ?? headendError('headend/unexpected', 'an attribute was not answered');
}

function takeClock(
  encoded: Uint8Array,
  { clock, harvest, askedMs }: HarvestOptions & { readonly askedMs: number },
): void {
  const answeredMs = clock.now();
  const data = decodeData(encoded);
  const time = data.ok ? data.value.value : undefined;
  const octets = time?.type === 'octet-string' || time?.type === 'date-time' ? time.value : new Uint8Array(0);
  const decoded = decodeDateTime(octets);
  if (!decoded.ok) {
    countDrops(harvest, new Map([['headend/entry-clock-invalid', 1]]));
    return;
  }
  // The meter read its clock at some time between the two.
  const { instantMs } = decoded.value;
  const ahead = instantMs - answeredMs;
  const behind = askedMs - instantMs;
  harvest.driftMs = ahead > 0 ? ahead : behind > 0 ? -behind : 0;
}

function wantedIntervals(shape: ProfileShape, range: TimeRange, options: RangeOptions): WantedRange {
  const { entry, memory, clock, harvest } = options;
  const stepMs = entry.meter.intervalSeconds * 1000;
  const shiftMs = shape.label === 'end' ? stepMs : 0;
  const labels = { startMs: range.startMs + shiftMs, endMs: range.endMs - stepMs + shiftMs };
  const undecodable = () => void harvest.findings.push({ ...range, cause: 'decode' });
  return wantedEntries(shape, labels, options, takeColumns, undecodable);

  function takeColumns(columns: ProfileColumns): void {
    const placed = placeIntervals(columns, { ...contextOf(options, shape), range });
    options.place(placed, () => takePlaced(placed));
  }

  function takePlaced(placed: PlacedEntries): void {
    addPlaced(harvest, placed);
    for (const block of placed.blocks) harvest.intervalValues += block.value.length;
    if (placed.newestMs !== null) harvest.newestMs = Math.max(harvest.newestMs ?? 0, placed.newestMs);
    rememberHoles(memory, placed.holes, clock.now());
    for (const hole of placed.holes) harvest.findings.push({ ...hole, cause: 'meter' });
  }
}

function wantedRegisters(shape: ProfileShape, range: TimeRange, options: HarvestOptions): WantedRange {
  const { entry, memory, clock, harvest } = options;
  const labels = { startMs: range.startMs, endMs: range.endMs - 1 };
  return wantedEntries(shape, labels, options, (columns) => {
    const placed = placeRegisters(columns, { ...contextOf(options, shape), range });
    addPlaced(harvest, placed);
    rememberRegisters(memory, { newestMs: placed.newestMs, zone: entry.zone, nowMs: clock.now() });
  });
}

/** Entries with clocks from `labels.startMs` to `labels.endMs`, both included; counted and dropped when they cannot be decoded. */
function wantedEntries(
  shape: ProfileShape,
  labels: TimeRange,
  { entry, harvest, memory }: HarvestOptions,
  take: (columns: ProfileColumns) => void,
  onUndecodable?: () => void,
): WantedRange {
  const offsetMinutes = offsetMinutesAt(labels.startMs, entry.zone);
  const range = encodeRange(labels.startMs, labels.endMs, offsetMinutes);
  return {
    access: { classId: 7, obis: shape.obis, attribute: 2, access: range },
    take(encoded) {
      const decoded = decodeProfileColumns(encoded, { defaultOffsetMinutes: offsetMinutes });
      const isShaped =
        decoded.ok && (decoded.value.rows === 0 || decoded.value.columns.length === shape.width);
      if (isShaped) return take(decoded.value);
      // A meter that captures other columns than it said is asked anew what they are.
      if (decoded.ok) memory.shapes = undefined;
      const code = decoded.ok ? 'headend/profile-columns' : 'headend/value-undecodable';
      countDrops(harvest, new Map([[code, 1]]));
      onUndecodable?.();
    },
  };
}

function contextOf({ entry, mapping }: HarvestOptions, shape: ProfileShape) {
  const { usagePointId, intervalSeconds } = entry.meter;
  return { mapping, shape, usagePointId, intervalSeconds };
}

function addPlaced(harvest: Harvest, placed: PlacedEntries): void {
  harvest.blocks.push(...placed.blocks);
  countDrops(harvest, placed.drops);
}

function countDrops(harvest: Harvest, drops: ReadonlyMap<HeadendErrorCode, number>): void {
  for (const [code, count] of drops) harvest.drops.set(code, (harvest.drops.get(code) ?? 0) + count);
}
