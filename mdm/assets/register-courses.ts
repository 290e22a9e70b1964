/** The courses of registers out of what was told of them: exchanges, resets and dials, as they stand or as once known. */
import { type AssetFact, type AssetFacts, attributes } from './asset-facts.ts';
import type { RegisterBreak, RegisterCourse } from './register-course.ts';

/** Courses by subject (`channel/<id>`); of one subject, or of all that anything was told of. */
export async function coursesKnown(
  facts: AssetFacts,
  subject: string | null,
  knownMs?: number,
): Promise<Map<string, RegisterCourse>> {
  const bySubject = (fact: AssetFact) => fact.subject;
  const breaks = Map.groupBy(
    await facts.standing<Omit<RegisterBreak, 'at'>>(subject, attributes.break, knownMs),
    bySubject,
  );
  const dials = Map.groupBy(await facts.standing<number>(subject, attributes.dials, knownMs), bySubject);
  const subjects = new Set([...breaks.keys(), ...dials.keys()]);
  return new Map(
    [...subjects].map((one) => [
      one,
      {
        breaks: (breaks.get(one) ?? []).flatMap(({ fromMs, value }) =>
          value ? [{ at: fromMs / 1000, ...value }] : [],
        ),
        dials: (dials.get(one) ?? []).map(({ fromMs, value }) => ({
          from: fromMs / 1000,
          rollsOverAt: value,
        })),
      },
    ]),
  );
}
