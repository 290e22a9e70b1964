/** The guard's clock: it never goes back behind the ledger, and it notices when somebody moves it. */
import type { Clock } from '@wattline/base';
import type { GuardTime } from './proposal.ts';

/**
 * A clock over `clock`. Wall time is compared with the monotonic reading since the start: when the two part by more than
 * `stepMs`, or the wall stood before `floorMs` at the start, time is doubtful until the process is started anew by hand.
 */
export function createGuardClock(
  clock: Clock,
  options: { readonly floorMs: number; readonly stepMs: number },
): () => GuardTime {
  const { floorMs, stepMs } = options;
  const startWallMs = clock.now();
  const startMonotonicMs = clock.monotonic();
  let isDoubtful = startWallMs < floorMs - stepMs;
  let lastMs = floorMs;
  return () => {
    const expectedMs = startWallMs + (clock.monotonic() - startMonotonicMs);
    const wallMs = clock.now();
    if (Math.abs(wallMs - expectedMs) > stepMs) isDoubtful = true;
    lastMs = Math.max(lastMs, Math.floor(isDoubtful ? expectedMs : wallMs));
    return { nowMs: lastMs, isDoubtful };
  };
}
