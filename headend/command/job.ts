/** The life of a command to one meter: states, and which may follow which. */
import type { Row } from '@wattline/store/registry';

/** `held` waits for people, windows or limits; `approved` may be carried out; the last four are ends. */
export type JobState = Row<'command_job'>['state'];

/** State -> states that may follow. A link that breaks leads back from `executing` to `approved`. */
export const jobTransitions: Readonly<Record<JobState, readonly JobState[]>> = {
  requested: ['held', 'approved', 'cancelled', 'failed', 'expired'],
  held: ['approved', 'cancelled', 'failed', 'expired'],
  approved: ['executing', 'cancelled', 'expired'],
  executing: ['done', 'failed', 'cancelled', 'expired', 'approved'],
  done: [],
  failed: [],
  cancelled: [],
  expired: [],
};

/** Whether a job has ended. */
export function isEnded(state: JobState): boolean {
  return jobTransitions[state].length === 0;
}
