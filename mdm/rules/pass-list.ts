/** Which rules passed, in a few characters: every verdict is kept, and nearly all of them say that nothing was wrong. */
import { rules } from './index.ts';

/** The rule under which the list is kept. */
export const passList = 'passed';

/** A list of rules by their place in {@link rules}: places are kept in the store, so rules are only ever added at the end. */
export function packPasses(ids: Iterable<string>): string {
  let bits = 0;
  for (const id of ids) bits += 2 ** (places.get(id) as number);
  return bits.toString(36);
}

/** The ids of a packed list. */
export function unpackPasses(text: string): string[] {
  const bits = Number.parseInt(text, 36);
  return rules.filter((_, place) => Math.floor(bits / 2 ** place) % 2 === 1).map((rule) => rule.id);
}

const places = new Map(rules.map((rule, place) => [rule.id, place]));
