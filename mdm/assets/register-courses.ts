/** The courses of registers out of what was told of them: exchanges, resets, dials and multipliers, as they stand or as once known. */
import { type AssetFact, type AssetFacts, attributes } from './asset-facts.ts';
import type { RegisterBreak, RegisterCourse } from './register-course.ts';
import type { Multiplier } from './restatement.ts';

/** Courses by subject (`channel/<id>`); of one subject, or of all that anything was told of. What was read off a display is multiplied as readings are. */
export async function coursesKnown(
  facts: AssetFacts,
  subject: string | null,
  knownMs?: number,
): Promise<Map<string, RegisterCourse>> {
  const told = async <T>(attribute: string) =>
    Map.groupBy(await facts.standing<T>(subject, attribute, knownMs), (fact) => fact.subject);
  const breaks = await told<Omit<RegisterBreak, 'at'>>(attributes.break);
  const dials = await told<number>(attributes.dials);
  const multipliers = await told<Multiplier>(attributes.multiplier);
  return new Map(
    [...new Set([...breaks.keys(), ...dials.keys()])].map((one) => {
      const worth = multipliers.get(one) ?? [];
      return [
        one,
        { breaks: breaksOf(breaks.get(one) ?? [], worth), dials: dialsOf(dials.get(one) ?? [], worth) },
      ];
    }),
  );
}

/** Where a register was exchanged or set: its last read is worth what stood until then, its first what stands from then on. */
function breaksOf(
  facts: readonly AssetFact<Omit<RegisterBreak, 'at'>>[],
  worth: readonly AssetFact<Multiplier>[],
): RegisterBreak[] {
  return facts.flatMap(({ fromMs, value }) => {
    if (!value) return [];
    const before = times(
      value.before,
      worth.findLast((one) => one.fromMs < fromMs),
    );
    const after = times(
      value.after,
      worth.findLast((one) => one.fromMs <= fromMs),
    );
    return [{ at: fromMs / 1000, before, after }];
  });
}

/** Dials count on the display: where they begin again is worth more once a multiplier stands. */
function dialsOf(
  facts: readonly AssetFact<number>[],
  worth: readonly AssetFact<Multiplier>[],
): RegisterCourse['dials'] {
  const first = facts[0]?.fromMs ?? 0;
  const instants = [...facts, ...worth.filter(({ fromMs }) => fromMs > first)].map(({ fromMs }) => fromMs);
  return [...new Set(instants)]
    .sort((a, b) => a - b)
    .map((fromMs) => {
      const rollsOverAt = facts.findLast((fact) => fact.fromMs <= fromMs)?.value ?? null;
      const factor = worth.findLast((one) => one.fromMs <= fromMs);
      return { from: fromMs / 1000, rollsOverAt: rollsOverAt === null ? null : times(rollsOverAt, factor) };
    });
}

function times(value: number, factor: AssetFact<Multiplier> | undefined): number {
  return factor?.value ? Math.round((value * factor.value.numerator) / factor.value.denominator) : value;
}
