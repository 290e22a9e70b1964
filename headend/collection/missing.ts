/** What to ask a meter for: only what meter data management does not know yet, and not again what the meter itself lacks. */
import { channelIdOf, type ReadingProgress } from '@wattline/model';
import type { HeadendPolicy } from '../policy.ts';
import type { FleetMeter } from '../registry/fleet.ts';
import { type BufferDepth, oldestLabelAt } from './buffer-depth.ts';
import { localDayAt } from './local-days.ts';
import { type MeterMapping, readingTypesOf } from './mapping.ts';
import type { ProfileShape } from './profile-shape.ts';
import { alignRanges, splitRanges, subtractRanges, type TimeRange } from './time-ranges.ts';

/** What the head-end remembers of a meter between sessions, as long as it runs. */
export interface MeterMemory {
  shapes: { readonly intervals: ProfileShape; readonly registers: ProfileShape } | undefined;
  /** Holes in the meter's own profile, and when they were met. */
  holes: readonly (TimeRange & { readonly metMs: number })[];
  /** How far back the meter's buffer reaches; undefined until it was worth asking. */
  depth: BufferDepth | undefined;
  /** When that was asked, UTC ms; some meters do not say. */
  depthAskedMs: number | undefined;
  /** When its event logs were last read, UTC ms. */
  logsReadMs: number | undefined;
  /** Visits so far. */
  visits: number;
  /** When it was last asked for its firmware, UTC ms; some meters do not say. */
  firmwareAskedMs: number | undefined;
  /** Its log told of another firmware than the one known. */
  isFirmwareDoubtful: boolean;
  /** When the meter was last asked which counter it has seen, UTC ms. */
  counterAskedMs: number | undefined;
  /** When a clock shift was last proposed, UTC ms. */
  shiftProposedMs: number | undefined;
  /** Instant of the newest midnight register read. */
  registersUntilMs: number | undefined;
  /** Whether the clock's drift has been reported since it was last in order. */
  isDriftReported: boolean;
}

/** Memory of a meter not met yet. */
export function emptyMemory(): MeterMemory {
  return {
    ...{ shapes: undefined, depth: undefined, depthAskedMs: undefined, holes: [] },
    ...{ registersUntilMs: undefined, isDriftReported: false },
    ...{ visits: 0, firmwareAskedMs: undefined, isFirmwareDoubtful: false },
    ...{ shiftProposedMs: undefined, counterAskedMs: undefined, logsReadMs: undefined },
  };
}

/** What has left the meter's buffer is not wanted of it any more; as long as its depth is not known everything may be there. */
export function withinDepth(
  ranges: readonly TimeRange[],
  options: {
    readonly memory: MeterMemory;
    readonly label: ProfileShape['label'];
    readonly stepMs: number;
    readonly nowMs: number;
  },
): { readonly wanted: readonly TimeRange[]; readonly lost: readonly TimeRange[] } {
  const { memory, label, stepMs, nowMs } = options;
  if (!memory.depth) return { wanted: ranges, lost: [] };
  const oldestMs = oldestLabelAt(memory.depth, nowMs) - (label === 'end' ? stepMs : 0);
  const before = [{ startMs: Number.NEGATIVE_INFINITY, endMs: oldestMs }];
  const from = [{ startMs: oldestMs, endMs: Number.POSITIVE_INFINITY }];
  return {
    wanted: alignRanges(subtractRanges(ranges, before), stepMs),
    lost: subtractRanges(ranges, from),
  };
}

/** What one session asks for. */
export interface CollectionPlan {
  /** Ranges of interval starts, oldest first, none longer than a chunk. */
  readonly intervals: readonly TimeRange[];
  /** Instants of midnight registers; null when there is no new one. */
  readonly registers: TimeRange | null;
}

const dayMs = 86_400_000;
const holesMax = 64;
/** A midnight register that has not appeared for this long is not waited for. */
const registerPatienceMs = 6 * 3_600_000;

/** Asks `progress` and makes the plan of a session at `nowMs`. Rejects as `progress` does. */
export async function planCollection(
  progress: ReadingProgress,
  options: {
    readonly entry: FleetMeter;
    readonly mapping: MeterMapping;
    readonly memory: MeterMemory;
    readonly policy: HeadendPolicy;
    readonly nowMs: number;
  },
): Promise<CollectionPlan> {
  const { entry, mapping, memory, policy, nowMs } = options;
  const { meter } = entry;
  const stepMs = meter.intervalSeconds * 1000;
  const sinceMs = Math.ceil(Math.max(meter.installedAtMs, policy.historySinceMs) / stepMs) * stepMs;
  const endMs = Math.floor(nowMs / stepMs) * stepMs;
  const lead = channelIdOf(meter.usagePointId, readingTypesOf(mapping.intervals)[0] ?? '');
  const missing = endMs > sinceMs ? await missingOf(progress, lead, { startMs: sinceMs, endMs }) : [];
  const fresh = memory.holes.filter(({ metMs }) => nowMs - metMs < policy.holeRetryMs);
  const { wanted: held } = withinDepth(alignRanges(missing, stepMs), {
    ...{ memory, stepMs, nowMs },
    label: mapping.intervals.label,
  });
  const wanted = subtractRanges(held, fresh).slice(-policy.rangesPerSession);
  return {
    intervals: splitRanges(wanted, policy.chunkDays * dayMs),
    registers: registerRange(entry, memory, {
      sinceMs: Math.max(sinceMs, nowMs - policy.registerDays * dayMs),
      nowMs,
    }),
  };
}

async function missingOf(
  progress: ReadingProgress,
  channel: string,
  { startMs, endMs }: TimeRange,
): Promise<readonly TimeRange[]> {
  const knownMs = Math.max(startMs, await progress.knownUntil(channel, startMs));
  return knownMs >= endMs ? [] : progress.gaps(channel, knownMs, endMs);
}

/** Registers are few: the first session after a start reads the past again (what is known is not stored twice), then only new midnights. */
function registerRange(
  { zone }: FleetMeter,
  { registersUntilMs }: MeterMemory,
  { sinceMs, nowMs }: { readonly sinceMs: number; readonly nowMs: number },
): TimeRange | null {
  const midnightMs = localDayAt(nowMs, zone).startMs;
  if (registersUntilMs !== undefined && midnightMs <= registersUntilMs) return null;
  const startMs = registersUntilMs === undefined ? sinceMs : registersUntilMs + 1;
  return startMs > nowMs ? null : { startMs, endMs: nowMs + 1 };
}

/** Keeps holes met in a session, the newest of them first to stay. */
export function rememberHoles(memory: MeterMemory, holes: readonly TimeRange[], metMs: number): void {
  if (holes.length === 0) return;
  const known = memory.holes.filter((old) => !holes.some((hole) => hole.startMs === old.startMs));
  memory.holes = [...known, ...holes.map((hole) => ({ ...hole, metMs }))]
    .sort((a, b) => a.startMs - b.startMs)
    .slice(-holesMax);
}

/** Keeps how far the midnight registers are read. */
export function rememberRegisters(
  memory: MeterMemory,
  {
    newestMs,
    zone,
    nowMs,
  }: { readonly newestMs: number | null; readonly zone: string; readonly nowMs: number },
): void {
  const midnightMs = localDayAt(nowMs, zone).startMs;
  const isGivenUp = nowMs - midnightMs > registerPatienceMs;
  const untilMs = Math.max(newestMs ?? 0, isGivenUp ? midnightMs : 0);
  if (untilMs > (memory.registersUntilMs ?? 0)) memory.registersUntilMs = untilMs;
}
