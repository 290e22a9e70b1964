/** What a point is billed by over time: facts from an instant on, and what the registry says now as the last of them. */
import type { Clock } from '@wattline/base';
import type { Registry } from '@wattline/store/registry';
import { mdmError } from '../errors.ts';
import { AssetFacts, attributes, type NewFact } from './asset-facts.ts';

interface Parts {
  readonly registry: Registry;
  readonly facts: AssetFacts;
  readonly clock: Clock;
}

/** The facts of a change; the first one puts down the tariff that stood before, from the beginning of time. */
export async function factsOfTariff(
  { registry, facts }: Parts,
  usagePointId: string,
  { fromMs, tariff }: { readonly fromMs: number; readonly tariff: string },
): Promise<{ readonly before: readonly NewFact[]; readonly changed: readonly NewFact[] }> {
  const point = await registry
    .selectFrom('usage_point')
    .select('tariff_id')
    .where('id', '=', usagePointId)
    .executeTakeFirst();
  if (!point) throw mdmError('mdm/unknown-point', usagePointId, { usagePointId });
  const known = await registry.selectFrom('tariff').select('id').where('id', '=', tariff).executeTakeFirst();
  if (!known) throw mdmError('mdm/unknown-tariff', tariff, { tariff });
  const about = { subject: `usage-point/${usagePointId}`, attribute: attributes.tariff };
  const standing = await facts.standing<string>(about.subject, about.attribute);
  const before = standing.length === 0 ? [{ ...about, fromMs: 0, value: point.tariff_id }] : [];
  return { before, changed: [{ ...about, fromMs, value: tariff }] };
}

/** Lets the registry show the tariff of the present. */
export async function showPresentTariff(
  { registry, facts, clock }: Parts,
  usagePointId: string,
): Promise<void> {
  const subject = `usage-point/${usagePointId}`;
  const tariff_id = await facts.valueAt<string>(subject, attributes.tariff, clock.now());
  if (tariff_id === null) return;
  await registry.updateTable('usage_point').set({ tariff_id }).where('id', '=', usagePointId).execute();
}

/** The tariff of a point at an instant, as far as one was told; null when the registry's is the only one. */
export function tariffAt(
  { registry, clock }: { readonly registry: Registry; readonly clock: Clock },
  usagePointId: string,
  atMs: number,
): Promise<string | null> {
  const facts = new AssetFacts(registry, clock);
  return facts.valueAt<string>(`usage-point/${usagePointId}`, attributes.tariff, atMs);
}
