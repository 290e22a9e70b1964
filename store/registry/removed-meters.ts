/** Which of the meters in the registry no longer stand at their points, by the facts that exchanges and removals left. */
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
  let query = registry
    .selectFrom('asset_fact')
    .select(['number', 'subject', 'value', 'from_ms', 'undoes'])
    .where('attribute', '=', standingMeter);
  if (usagePointId !== undefined) query = query.where('subject', '=', `usage-point/${usagePointId}`);
  const facts = await query.orderBy('number').execute();
  const undone = new Set(facts.map(({ undoes }) => undoes));
  const present = new Map<string, { readonly fromMs: number; readonly serial: string | null }>();
  for (const { number, subject, value, from_ms: fromMs, undoes } of facts) {
    if (undoes !== null || undone.has(number) || fromMs > nowMs) continue;
    const point = subject.slice('usage-point/'.length);
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
