/**
 * What a shared host leaves to a bench. Time given to others is counted by the system; that the same work takes twice as long a
 * minute later, with nothing given away, is told by work of a fixed kind done before and after.
 */
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/** What the machine was like while a figure was measured. */
export interface MachineShare {
  /** Per cent of all processors' time that the host gave to others, where it is told. */
  readonly stolen: number | undefined;
  /** Millions of steps a second of all processors together: the mean of before and after. */
  readonly pace: number;
}

/** Begins to watch; the function tells what the machine was like since. */
export async function watchMachine(): Promise<() => Promise<MachineShare>> {
  const paceBefore = await paceNow();
  const before = counted();
  return async () => {
    const after = counted();
    const stolen =
      before && after ? perCent(after.stolen - before.stolen, after.all - before.all) : undefined;
    return { stolen, pace: Math.round((paceBefore + (await paceNow())) / 2) };
  };
}

function perCent(part: number, whole: number): number | undefined {
  return whole > 0 ? Math.round((1000 * part) / whole) / 10 : undefined;
}

/** Where Linux counts the processors' time; other systems do not tell. */
const path = '/proc/stat';

/** The line of all processors: user, nice, system, idle, iowait, irq, softirq, steal; guests are counted within user (proc(5)). */
function counted(): { readonly all: number; readonly stolen: number } | null {
  if (!existsSync(path)) return null;
  const [line = ''] = readFileSync(path, 'utf8').split('\n', 1);
  const times = line.split(/\s+/).slice(1, 9).map(Number);
  return { all: times.reduce((sum, time) => sum + time, 0), stolen: times[7] ?? 0 };
}

async function paceNow(): Promise<number> {
  const counts = await Promise.all(Array.from({ length: availableParallelism() }, stepsOfOne));
  return counts.reduce((sum, steps) => sum + steps, 0);
}

/** Millions of steps a second of one processor while the others work too. */
function stepsOfOne(): Promise<number> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./shared-machine-worker.ts', import.meta.url));
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
