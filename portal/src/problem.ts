/** What may go wrong between the screen and the server, as data: the server's coded problem, or one of ours. */
import type { Failure } from '@wattline/base';

/** A refusal or failure; `status` is HTTP's, null when no answer came. */
export interface Problem extends Failure {
  readonly status: number | null;
}

/** An answer of the API: a value or a problem, never a throw. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem };

/** Codes of this room. What to do about each stands in `words.ts`. */
export const problemCodes = {
  'portal/no-connection': 'the server did not answer',
  'portal/timed-out': 'the server took too long',
  'portal/not-understood': 'the answer was not what the API promises',
  'portal/no-such-page': 'no screen lives at this address',
} as const;
export type ProblemCode = keyof typeof problemCodes;

/** A problem of this room. */
export function problemOf(
  code: ProblemCode,
  where: Failure['where'] = {},
  status: number | null = null,
): { readonly ok: false; readonly problem: Problem } {
  return { ok: false, problem: { code, message: problemCodes[code], where, status } };
}
