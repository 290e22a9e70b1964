/** Time that a shared host gave to others: a figure measured while much was taken is the neighbours' as much as ours. */
import { existsSync, readFileSync } from 'node:fs';

/** Where Linux counts the processors' time; other systems do not tell. */
const path = '/proc/stat';

/** Begins to watch; the function tells the per cent of all processors' time taken since, undefined where nobody counts. */
export function watchStolenTime(): () => number | undefined {
  const before = counted();
  return () => {
    const after = counted();
    if (!before || !after || after.all === before.all) return undefined;
    return Math.round((1000 * (after.stolen - before.stolen)) / (after.all - before.all)) / 10;
  };
}

/** The line of all processors: user, nice, system, idle, iowait, irq, softirq, steal; guests are counted within user (proc(5)). */
function counted(): { readonly all: number; readonly stolen: number } | null {
  if (!existsSync(path)) return null;
  const [line = ''] = readFileSync(path, 'utf8').split('\n', 1);
  const times = line.split(/\s+/).slice(1, 9).map(Number);
  return { all: times.reduce((sum, time) => sum + time, 0), stolen: times[7] ?? 0 };
}
