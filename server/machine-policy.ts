/** What of the head-end's policy the machine decides. */
import { availableParallelism } from 'node:os';
import type { HeadendPolicy } from '@wattline/headend';

/** With more than one processor seals of pushes are opened on a thread of their own. */
export function machinePolicy(): Partial<HeadendPolicy> {
  return { sealThread: availableParallelism() > 1 };
}
