/** How a register ran over exchanges, resets and rollovers: what it counted between two instants. Pure. */

/** The register stood at `before` and goes on from `after`, both in the reading type's unit. */
export interface RegisterBreak {
  /** UTC seconds. */
  readonly at: number;
  readonly before: number;
  readonly after: number;
}

/** What is known of a register's course beside its readings. */
export interface RegisterCourse {
  readonly breaks: readonly RegisterBreak[];
  /** Where the register begins again at 0 (10 to the number of its dials, in the reading type's unit), or null. */
  readonly rollsOverAt: number | null;
}

export const plainCourse: RegisterCourse = { breaks: [], rollsOverAt: null };

/**
 * What was counted between the readings `from` at `start` and `to` at `end` (UTC seconds). Negative when the readings run
 * backwards and nothing explains it. A register that rolls over is believed to have done so when that leaves less than half of it.
 */
export function countedBetween(
  {
    start,
    from,
    end,
    to,
  }: { readonly start: number; readonly from: number; readonly end: number; readonly to: number },
  { breaks, rollsOverAt }: RegisterCourse,
): number {
  let counted = 0;
  let last = from;
  for (const { at, before, after } of breaks) {
    if (at <= start || at > end) continue;
    counted += rolled(before - last, rollsOverAt);
    last = after;
  }
  return counted + rolled(to - last, rollsOverAt);
}

function rolled(difference: number, rollsOverAt: number | null): number {
  if (difference >= 0 || rollsOverAt === null) return difference;
  const over = difference + rollsOverAt;
  return over >= 0 && over < rollsOverAt / 2 ? over : difference;
}
