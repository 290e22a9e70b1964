/** `wattline sim`: a seeded world run through the whole stack in a directory that goes with it, then held against what it was. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dateOf, localDay, realClock } from '@wattline/base';
import { checkWorld, openWorld, type WorldChecks, type WorldFault } from '@wattline/sim';
import type { Terminal } from './terminal.ts';
import { startTown } from './town.ts';

/** What the world is a function of, with its size and its troubles. */
export interface SimOptions {
  readonly seed: string;
  readonly days: number;
  readonly meters: number;
  readonly intervalMinutes: 15 | 30;
  readonly faults: readonly WorldFault[];
  readonly zone?: string;
  readonly load?: string;
  /** First day of the world, as `--start` of the town; default: so many days ago. */
  readonly start?: string;
}

/** What came of it. */
export interface SimReport extends WorldChecks {
  readonly seed: string;
  readonly start: string;
  readonly days: number;
  readonly meters: number;
  readonly faults: readonly WorldFault[];
  readonly readingsStored: number;
}

/** Runs the world and its checkers; nothing of it stays on disk. */
export async function runSim(options: SimOptions, terminal: Terminal): Promise<SimReport> {
  const { seed, days, meters, faults } = options;
  const data = mkdtempSync(join(tmpdir(), 'wattline-sim-'));
  terminal.line(`building the world of seed ${seed}: ${meters} meters, ${days} days`);
  // Addresses and keys of a town that is gone in a minute are of no use to anybody.
  const progress: Terminal = { line: () => {}, progress: (readiness) => terminal.progress(readiness) };
  const town = await startTown(
    { ...options, data, host: '127.0.0.1', port: 0, speed: 1, json: false },
    progress,
    realClock().monotonic(),
  ).catch((error: unknown) => {
    rmSync(data, { recursive: true, force: true });
    throw error;
  });
  try {
    await town.ready;
    const { system, plan } = town;
    await system.mdm.settled();
    terminal.line('checking what is stored against the world ...');
    const world = await openWorld(plan);
    const today = localDay(dateOf(system.clock.now(), plan.zone), plan.zone);
    const period = { startMs: plan.startMs, endMs: today.startMs };
    const checks = await checkWorld({ world, system, period });
    const { readingsStored } = system.mdm.figures();
    const start = dateOf(plan.startMs, plan.zone);
    return { seed, start, days, meters, faults, readingsStored, ...checks };
  } finally {
    await town.close();
    rmSync(data, { recursive: true, force: true });
  }
}
