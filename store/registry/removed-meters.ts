/** Which meters came to points and which no longer stand there, by the facts that installations, exchanges and removals left. */
import type { Registry } from './open.ts';

/** The attribute of a point's facts that names the meter there; null where there is none. */
export const standingMeter = 'meter';

/**
 * Serial numbers of meters that were taken away by `nowMs`: another meter stands at their point since they were installed, or none.
 * A meter that came after the last word about its point stands. With `usagePointId` those of that point alone.
 */
export async function removedMeters(
  registry: Registry,
  nowMs: number,
  usagePointId?: string,
): Promise<Set<string>> {
  const present = new Map<string, { readonly fromMs: number; readonly serial: string | null }>();
  for (const { subject, value, from_ms: fromMs } of await meterFacts(registry, usagePointId)) {
    if (fromMs > nowMs) continue;
    const point = subject.slice(pointPrefix.length);
    // Of two words about one instant the later one counts.
    if ((present.get(point)?.fromMs ?? Number.NEGATIVE_INFINITY) > fromMs) continue;
    present.set(point, { fromMs, serial: value === null ? null : (JSON.parse(value) as string) });
  }
  const removed = new Set<string>();
  const points = [...present.keys()];
  for (let at = 0; at < points.length; at += 500) {
    const meters = await registry
      .selectFrom('meter')
      .select(['serial', 'usage_point_id', 'installed_ms'])
      .where('usage_point_id', 'in', points.slice(at, at + 500))
      .execute();
    for (const { serial, usage_point_id, installed_ms } of meters) {
      const now = present.get(usage_point_id);
      if (now && now.serial !== serial && installed_ms <= now.fromMs) removed.add(serial);
    }
  }
  return removed;
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
async function meterFacts(registry: Registry, usagePointId?: string) {
  let query = registry
    .selectFrom('asset_fact')
    .select(['number', 'subject', 'value', 'from_ms', 'undoes'])
    .where('attribute', '=', standingMeter);
  if (usagePointId !== undefined) query = query.where('subject', '=', `${pointPrefix}${usagePointId}`);
  const facts = await query.orderBy('number').execute();
  const undone = new Set(facts.map(({ undoes }) => undoes));
  return facts.filter(({ number, undoes }) => undoes === null && !undone.has(number));
}
