/** Reads a plan from an associated meter; what was read before a link broke is kept. */
import { type Clock, localTime } from '@wattline/base';
import type { ReadingBlock } from '@wattline/model';
import { decodeDateTime, decodeProfileColumns, encodeRange } from '@wattline/protocols/dlms';
import type { HeadendErrorCode } from '../errors.ts';
import type { FleetMeter } from '../registry/fleet.ts';
import type { Session } from '../session/session.ts';
import type { MeterMapping } from './mapping.ts';
import { type CollectionPlan, type MeterMemory, rememberHoles, rememberRegisters } from './missing.ts';
import { type PlacedEntries, placeIntervals, placeRegisters } from './profile-entries.ts';
import { type ProfileShape, readData, readProfileShape } from './profile-shape.ts';
import type { TimeRange } from './time-ranges.ts';

/** What a session has brought so far. */
export interface Harvest {
  blocks: ReadingBlock[];
  /** Values in blocks of intervals. */
  intervalValues: number;
  newestMs: number | null;
  /** Entries dropped, by reason. */
  drops: Map<HeadendErrorCode, number>;
  /** The meter's clock minus ours, ms, when it is more than the round trip explains; null when not read. */
  driftMs: number | null;
}

/** Nothing yet. */
export function emptyHarvest(): Harvest {
  return { blocks: [], intervalValues: 0, newestMs: null, drops: new Map(), driftMs: null };
}

/** Whom to read, what, and where to put it. */
export interface HarvestOptions {
  readonly entry: FleetMeter;
  readonly mapping: MeterMapping;
  readonly memory: MeterMemory;
  readonly plan: CollectionPlan;
  readonly clock: Clock;
  readonly harvest: Harvest;
}

/** Reads the clock, the missing intervals oldest first, and the new midnight registers. Throws as {@link Session.get} does. */
export async function gatherReadings(session: Session, options: HarvestOptions): Promise<void> {
  const { plan, mapping, memory } = options;
  await readClock(session, options);
  if (plan.intervals.length === 0 && plan.registers === null) return;
  memory.shapes ??= {
    intervals: await readProfileShape(session, mapping.intervals),
    registers: await readProfileShape(session, mapping.registers),
  };
  for (const range of plan.intervals) await gatherIntervals(session, memory.shapes.intervals, range, options);
  if (plan.registers) await gatherRegisters(session, memory.shapes.registers, plan.registers, options);
}

async function readClock(session: Session, { mapping, clock, harvest }: HarvestOptions): Promise<void> {
  const askedMs = clock.now();
  const data = await readData(session, { classId: 8, obis: mapping.clockObis, attribute: 2 });
  const answeredMs = clock.now();
  const octets = data.type === 'octet-string' || data.type === 'date-time' ? data.value : new Uint8Array(0);
  const decoded = decodeDateTime(octets);
  if (!decoded.ok) return countDrops(harvest, new Map([['headend/entry-clock-invalid', 1]]));
  // The meter read its clock at some time between the two.
  const { instantMs } = decoded.value;
  const ahead = instantMs - answeredMs;
  const behind = askedMs - instantMs;
  harvest.driftMs = ahead > 0 ? ahead : behind > 0 ? -behind : 0;
}

async function gatherIntervals(
  session: Session,
  shape: ProfileShape,
  range: TimeRange,
  options: HarvestOptions,
): Promise<void> {
  const { entry, memory, clock, harvest } = options;
  const stepMs = entry.meter.intervalSeconds * 1000;
  const shiftMs = shape.label === 'end' ? stepMs : 0;
  const labels = { startMs: range.startMs + shiftMs, endMs: range.endMs - stepMs + shiftMs };
  const columns = await readEntries(session, shape, labels, options);
  if (!columns) return;
  const placed = placeIntervals(columns, { ...contextOf(options, shape), range });
  addPlaced(harvest, placed);
  for (const block of placed.blocks) harvest.intervalValues += block.value.length;
  if (placed.newestMs !== null) harvest.newestMs = Math.max(harvest.newestMs ?? 0, placed.newestMs);
  rememberHoles(memory, placed.holes, clock.now());
}

async function gatherRegisters(
  session: Session,
  shape: ProfileShape,
  range: TimeRange,
  options: HarvestOptions,
): Promise<void> {
  const { entry, memory, clock, harvest } = options;
  const columns = await readEntries(
    session,
    shape,
    { startMs: range.startMs, endMs: range.endMs - 1 },
    options,
  );
  if (!columns) return;
  const placed = placeRegisters(columns, { ...contextOf(options, shape), range });
  addPlaced(harvest, placed);
  rememberRegisters(memory, { newestMs: placed.newestMs, zone: entry.zone, nowMs: clock.now() });
}

/** Entries with clocks from `labels.startMs` to `labels.endMs`, both included; undefined (and counted) when they cannot be decoded. */
async function readEntries(
  session: Session,
  shape: ProfileShape,
  labels: TimeRange,
  { entry, harvest }: HarvestOptions,
) {
  const { offsetMinutes } = localTime(labels.startMs, entry.zone);
  const access = encodeRange(labels.startMs, labels.endMs, offsetMinutes);
  const encoded = await session.get({ classId: 7, obis: shape.obis, attribute: 2, access });
  const decoded = decodeProfileColumns(encoded, { defaultOffsetMinutes: offsetMinutes });
  if (decoded.ok) return decoded.value;
  countDrops(harvest, new Map([['headend/value-undecodable', 1]]));
  return undefined;
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
