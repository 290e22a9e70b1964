/** How a register ran over exchanges, resets and rollovers: what it counted between two instants. Pure. */

/** The register stood at `before` and goes on from `after`, both in the reading type's unit. */
export interface RegisterBreak {
  /** UTC seconds. */
  readonly at: number;
  readonly before: number;
  readonly after: number;
}

/** From when on the register has so many dials. */
export interface RegisterDials {
  /** UTC seconds. */
  readonly from: number;
  /** Where it begins again at 0 (10 to the number of its dials, in the reading type's unit), or null when nobody knows. */
  readonly rollsOverAt: number | null;
}

/** What is known of a register's course beside its readings; both lists oldest first. */
export interface RegisterCourse {
  readonly breaks: readonly RegisterBreak[];
  readonly dials: readonly RegisterDials[];
}

export const plainCourse: RegisterCourse = { breaks: [], dials: [] };

/** Two readings of a register, UTC seconds. */
export interface RegisterSpan {
  readonly start: number;
  readonly from: number;
  readonly end: number;
  readonly to: number;
}

/** A span within which the register was neither exchanged nor set, and what it counted in it. */
export interface RegisterStretch {
  readonly start: number;
  readonly end: number;
  readonly counted: number;
}

/**
 * What was counted between the readings `from` at `start` and `to` at `end`. Negative when the readings run backwards and
 * nothing explains it. A register that rolls over is believed to have done so when that leaves less than half of it.
 */
export function countedBetween(span: RegisterSpan, course: RegisterCourse): number {
  return stretchesBetween(span, course).reduce((sum, { counted }) => sum + counted, 0);
}

/** The span cut where the register was exchanged or set: what was read there counts as read. */
export function stretchesBetween(
  { start, from, end, to }: RegisterSpan,
  { breaks, dials }: RegisterCourse,
): RegisterStretch[] {
  const stretches: RegisterStretch[] = [];
  let last = { at: start, value: from };
  const reach = (at: number, value: number) => {
    // The dials of the register that stood there: those of the next one begin where it ends.
    const rollsOverAt = dials.findLast((fact) => fact.from < at)?.rollsOverAt ?? null;
    stretches.push({ start: last.at, end: at, counted: rolled(value - last.value, rollsOverAt) });
  };
  for (const { at, before, after } of breaks) {
    if (at <= start || at > end) continue;
    reach(at, before);
    last = { at, value: after };
  }
  reach(end, to);
  return stretches;
}

function rolled(difference: number, rollsOverAt: number | null): number {
  if (difference >= 0 || rollsOverAt === null) return difference;
  const over = difference + rollsOverAt;
  return over >= 0 && over < rollsOverAt / 2 ? over : difference;
}
