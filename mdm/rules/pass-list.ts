/** Which rules passed, in a few characters: every verdict is kept, and nearly all of them say that nothing was wrong. */
import { rules } from './index.ts';

/** The rule under which the list is kept. */
export const passList = 'passed';

/** The text of a sum of `2 ** place` over rules of {@link rules}: places are kept in the store, so rules are only added at the end. */
export function packPasses(bits: number): string {
  return texts.getOrInsertComputed(bits, () => bits.toString(36));
}

/** There are few different ones, and millions of days. */
const texts = new Map<number, string>();

/** The ids of a packed list. */
export function unpackPasses(text: string): string[] {
  const bits = Number.parseInt(text, 36);
  return rules.filter((_, place) => Math.floor(bits / 2 ** place) % 2 === 1).map((rule) => rule.id);
}
