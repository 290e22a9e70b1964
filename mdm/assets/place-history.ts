/** Where points hang in the grid over time: facts from an instant on, and what the registry says now as the last of them. */
import type { Clock } from '@wattline/base';
import type { Registry } from '@wattline/store/registry';
import { mdmError } from '../errors.ts';
import type { AssetFacts, NewFact } from './asset-facts.ts';

/** Levels of the grid by which a point has a parent. */
export const gridLevels = ['transformer', 'feeder', 'substation'] as const;
export type GridLevel = (typeof gridLevels)[number];

/** Parents of a point; those left out stay. */
export type GridPlace = Partial<Readonly<Record<GridLevel, string>>>;

/** The facts of a move; the first move of a level first puts down where the point hung before, from the beginning of time. */
export async function factsOfMove(
  { registry, facts }: { readonly registry: Registry; readonly facts: AssetFacts },
  usagePointId: string,
  { fromMs, ...place }: GridPlace & { readonly fromMs: number },
): Promise<{ readonly before: readonly NewFact[]; readonly moved: readonly NewFact[] }> {
  const point = await registry
    .selectFrom('usage_point')
    .select([...gridLevels])
    .where('id', '=', usagePointId)
    .executeTakeFirst();
  if (!point) throw mdmError('mdm/unknown-point', usagePointId, { usagePointId });
  const subject = subjectOf(usagePointId);
  const before: NewFact[] = [];
  const moved: NewFact[] = [];
  for (const level of gridLevels) {
    const value = place[level];
    if (value === undefined) continue;
    if (value.trim() === '') throw mdmError('mdm/bad-edit', `a ${level} without a name`);
    const known = await facts.standing<string>(subject, level);
    if (known.length === 0) before.push({ subject, attribute: level, fromMs: 0, value: point[level] });
    moved.push({ subject, attribute: level, fromMs, value });
  }
  if (moved.length === 0) throw mdmError('mdm/bad-edit', 'no place is named');
  return { before, moved };
}

/** Lets the registry show where a point hangs at the present. */
export async function showPresentPlace(
  {
    registry,
    facts,
    clock,
  }: { readonly registry: Registry; readonly facts: AssetFacts; readonly clock: Clock },
  usagePointId: string,
): Promise<void> {
  const now = clock.now();
  const place: { [level in GridLevel]?: string } = {};
  for (const level of gridLevels) {
    const value = await facts.valueAt<string>(subjectOf(usagePointId), level, now);
    if (value !== null) place[level] = value;
  }
  if (Object.keys(place).length === 0) return;
  await registry.updateTable('usage_point').set(place).where('id', '=', usagePointId).execute();
}

function subjectOf(usagePointId: string): string {
  return `usage-point/${usagePointId}`;
}
