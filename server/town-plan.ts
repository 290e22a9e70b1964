/** The plan of a town: what its flags ask, reconciled with what its data directory already lives by. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ClockAnchor, CodedError, dateOf, localDay } from '@wattline/base';
import { inspectLoad, type WorldFault } from '@wattline/sim';
import { openDataDirectory } from './api/data-files.ts';

/** The flags of `wattline town`. */
export interface TownOptions {
  readonly meters: number;
  /** Days of history before now. */
  readonly days: number;
  readonly seed: string;
  readonly host: string;
  readonly port: number;
  /** Data directory. */
  readonly data: string;
  /** Real-load file, see sim/load. */
  readonly load?: string;
  /** Town seconds per real second once the history is there. */
  readonly speed: number;
  /** RFC 3339 instant or local date of the world's start; default local midnight `days` ago. */
  readonly start?: string;
  readonly intervalMinutes: 15 | 30;
  readonly zone?: string;
  /** What goes wrong in the world; all that can unless told. */
  readonly faults?: readonly WorldFault[];
  readonly json: boolean;
}

/** What a town is a function of; kept in `<data>/town.json`, so that the same directory is always the same town. */
export interface TownPlan {
  readonly seed: string;
  readonly startMs: number;
  readonly meters: number;
  readonly zone: string;
  readonly intervalSeconds: number;
  readonly load: string | null;
  readonly faults?: readonly WorldFault[];
  readonly anchor: ClockAnchor;
}

const defaultZone = 'Europe/London';
const halfHourSeconds = 1800;

/** The plan and, when the directory holds another town than the flags ask for, a sentence that says which one runs. */
export interface PlanResult {
  readonly plan: TownPlan;
  readonly isContinued: boolean;
  readonly note: string | null;
}

/**
 * Reads the plan of the directory, or makes and keeps a new one.
 * @throws CodedError `server/no-directory`, `server/bad-start`, and what a load file may be refused for.
 */
export async function planTown(options: TownOptions, nowMs: number): Promise<PlanResult> {
  const path = join(options.data, 'town.json');
  if (existsSync(path)) {
    const kept = JSON.parse(readFileSync(path, 'utf8')) as TownPlan;
    const plan = withSpeed(kept, options.speed, nowMs);
    if (plan !== kept) keep(path, plan);
    return { plan, isContinued: true, note: differenceNote(kept, options) };
  }
  const plan = await newPlan(options, nowMs);
  openDataDirectory(options.data);
  keep(path, plan);
  return { plan, isContinued: false, note: null };
}

async function newPlan(options: TownOptions, nowMs: number): Promise<TownPlan> {
  const load = options.load === undefined ? null : await inspectLoad(options.load);
  const zone = options.zone ?? load?.zone ?? defaultZone;
  return {
    seed: options.seed,
    startMs: startOf(options, zone, nowMs),
    meters: options.meters,
    zone,
    intervalSeconds: load ? halfHourSeconds : options.intervalMinutes * 60,
    load: options.load ?? null,
    ...(options.faults ? { faults: options.faults } : {}),
    anchor: { townMs: nowMs, wallMs: nowMs, speed: options.speed },
  };
}

function startOf(options: TownOptions, zone: string, nowMs: number): number {
  if (options.start === undefined) {
    const today = Temporal.PlainDate.from(dateOf(nowMs, zone));
    return localDay(today.subtract({ days: options.days }).toString(), zone).startMs;
  }
  try {
    const isDate = /^\d{4}-\d{2}-\d{2}$/.test(options.start);
    const startMs = isDate
      ? localDay(options.start, zone).startMs
      : Temporal.Instant.from(options.start).epochMilliseconds;
    if (startMs < nowMs) return startMs;
  } catch {
    // Refused below with what was expected.
  }
  const what = `expected --start in the past as 2026-10-01 or 2026-10-01T00:00:00Z, found '${options.start}'`;
  throw new CodedError('server/bad-start', what, { start: options.start });
}

/** A new speed starts from where the town's clock stands, so that it never goes back. */
function withSpeed(plan: TownPlan, speed: number, nowMs: number): TownPlan {
  if (plan.anchor.speed === speed) return plan;
  const { townMs, wallMs, speed: was } = plan.anchor;
  return { ...plan, anchor: { townMs: Math.floor(townMs + (nowMs - wallMs) * was), wallMs: nowMs, speed } };
}

function differenceNote(plan: TownPlan, options: TownOptions): string | null {
  const differs: string[] = [];
  if (plan.seed !== options.seed) differs.push(`seed ${plan.seed}`);
  if (plan.meters !== options.meters) differs.push(`${plan.meters} meters`);
  if (options.load !== undefined && plan.load !== options.load)
    differs.push(`load ${plan.load ?? 'from the model'}`);
  if (differs.length === 0) return null;
  return `${options.data} holds a town with ${differs.join(', ')}: that one goes on; for a new one choose another --data`;
}

function keep(path: string, plan: TownPlan): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(plan, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}
