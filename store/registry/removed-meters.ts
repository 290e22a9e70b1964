/** Which meters came to points and which no longer stand there, by the facts that installations, exchanges and removals left. */
import type { Registry } from './open.ts';

/** The attribute of a point's facts that names the meter there; null where there is none. */
export const standingMeter = 'meter';

/**
 * Meters that were taken away by `nowMs`, and when (UTC ms): another meter stands at their point since they were installed, or none.
 * A meter that came after the last word about its point stands. With `usagePointIds` those of these points alone.
 */
export async function removedMeters(
  registry: Registry,
  nowMs: number,
  usagePointIds?: string | readonly string[],
): Promise<Map<string, number>> {
  const facts = (await meterFacts(registry, usagePointIds)).filter(({ from_ms: fromMs }) => fromMs <= nowMs);
  const courses = Map.groupBy(facts, ({ subject }) => subject.slice(pointPrefix.length));
  const removed = new Map<string, number>();
  const points = [...courses.keys()];
  for (let at = 0; at < points.length; at += 500) {
    const meters = await registry
      .selectFrom('meter')
      .select(['serial', 'usage_point_id', 'installed_ms'])
      .where('usage_point_id', 'in', points.slice(at, at + 500))
      .execute();
    for (const { serial, usage_point_id, installed_ms } of meters) {
      const goneMs = goneSince(courses.get(usage_point_id) ?? [], serial, installed_ms);
      if (goneMs !== undefined) removed.set(serial, goneMs);
    }
  }
  return removed;
}

/** Since when a meter no longer stands at its point; undefined while it does. */
function goneSince(
  facts: readonly { readonly from_ms: number; readonly value: string | null }[],
  serial: string,
  installedMs: number,
): number | undefined {
  // The sort is stable: of two words about one instant the later one counts, as the last of the two.
  const course = facts.toSorted((a, b) => a.from_ms - b.from_ms);
  const isOther = ({ value }: { readonly value: string | null }) =>
    value === null || JSON.parse(value) !== serial;
  let goneMs: number | undefined;
  for (const fact of course) {
    if (!isOther(fact)) goneMs = undefined;
    else if (fact.from_ms >= installedMs) goneMs ??= fact.from_ms;
  }
  return goneMs;
}

/** The first meter that came to a point, by the facts about it. */
export interface FirstMeter {
  readonly usagePointId: string;
  readonly serial: string;
  /** When it came, UTC ms. */
  readonly fromMs: number;
}

/** The first meter of each point that the facts know, earliest first; what was undone never was. With `usagePointId` of that point alone. */
export async function firstMeters(registry: Registry, usagePointId?: string): Promise<FirstMeter[]> {
  const first = new Map<string, FirstMeter>();
  const standing = (await meterFacts(registry, usagePointId)).sort((a, b) => a.from_ms - b.from_ms);
  for (const { subject, value, from_ms: fromMs } of standing) {
    const id = subject.slice(pointPrefix.length);
    if (value === null || first.has(id)) continue;
    first.set(id, { usagePointId: id, serial: JSON.parse(value) as string, fromMs });
  }
  return [...first.values()];
}

const pointPrefix = 'usage-point/';

/** What was said of the meters of points and not taken back, in the order it was said. */
async function meterFacts(registry: Registry, usagePointIds?: string | readonly string[]) {
  let query = registry
    .selectFrom('asset_fact')
    .select(['number', 'subject', 'value', 'from_ms', 'undoes'])
    .where('attribute', '=', standingMeter);
  if (usagePointIds !== undefined) {
    const subjects = [usagePointIds].flat().map((id) => `${pointPrefix}${id}`);
    query = query.where('subject', 'in', subjects);
  }
  const facts = await query.orderBy('number').execute();
  const undone = new Set(facts.map(({ undoes }) => undoes));
  return facts.filter(({ number, undoes }) => undoes === null && !undone.has(number));
}
