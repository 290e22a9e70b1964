/** Draws from a seeded stream: shuffles and shares. */
import type { Random } from '@wattline/base';

/** Fisher and Yates's shuffle of a copy. */
export function shuffle<T>(items: readonly T[], random: Random): T[] {
  const shuffled = [...items];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [shuffled[i], shuffled[j]] = [shuffled[j] as T, shuffled[i] as T];
  }
  return shuffled;
}

/** The index of a share drawn in proportion; the last takes what rounding leaves. */
export function pick(random: Random, shares: readonly number[]): number {
  let left = random.next();
  for (let index = 0; index < shares.length - 1; index++) {
    left -= shares[index] as number;
    if (left < 0) return index;
  }
  return shares.length - 1;
}
