/** How long each push of a storm took from when it was due to be sent: the time that it tells says which one it is. */

const firstMs = Date.UTC(2026, 0, 1);
/** A hundredth of a second is what a date-time of COSEM tells (Blue Book 4.1.6.1). */
const stepMs = 10;

/** The time that push number `i` tells. */
export function occurredMsOf(i: number): number {
  return firstMs + i * stepMs;
}

/** Which push tells a time. */
export function numberOf(occurredMs: number): number {
  return (occurredMs - firstMs) / stepMs;
}

/** When what was seen, in columns: half a million small objects on the heap would be measured with the head-end. */
export function createRecord(most: number) {
  const occurred = new Float64Array(most);
  const at = new Float64Array(most);
  let count = 0;
  return {
    add(occurredMs: number, atMs: number) {
      occurred[count] = occurredMs;
      at[count++] = atMs;
    },
    count: () => count,
    all: () =>
      Array.from({ length: Math.min(count, most) }, (_, i) => ({
        occurredMs: occurred[i] as number,
        atMs: at[i] as number,
      })),
  };
}

/** Delays from when pushes were due to when they were seen, ms, the least first. */
export function delaysOf(
  seen: readonly { readonly occurredMs: number; readonly atMs: number }[],
  storm: { readonly startedMs: number; readonly perSecond: number },
): number[] {
  return seen
    .map(({ occurredMs, atMs }) => atMs - storm.startedMs - (numberOf(occurredMs) * 1000) / storm.perSecond)
    .sort((a, b) => a - b);
}

/** The delay that a share of all does not pass. */
export function delayAt(delays: ArrayLike<number>, share: number): number {
  return delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] ?? 0;
}
