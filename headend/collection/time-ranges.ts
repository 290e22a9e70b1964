/** Arithmetic on sorted lists of half-open ranges of instants. */

/** [startMs, endMs), UTC ms. */
export interface TimeRange {
  readonly startMs: number;
  readonly endMs: number;
}

/** What of `ranges` is not in `holes`; both sorted and free of overlap. */
export function subtractRanges(ranges: readonly TimeRange[], holes: readonly TimeRange[]): TimeRange[] {
  const left: TimeRange[] = [];
  for (const { startMs, endMs } of ranges) {
    let at = startMs;
    for (const hole of holes) {
      if (hole.endMs <= at || hole.startMs >= endMs) continue;
      if (hole.startMs > at) left.push({ startMs: at, endMs: hole.startMs });
      at = Math.max(at, hole.endMs);
    }
    if (at < endMs) left.push({ startMs: at, endMs });
  }
  return left;
}

/** The same ranges in pieces of at most `pieceMs`. */
export function splitRanges(ranges: readonly TimeRange[], pieceMs: number): TimeRange[] {
  return ranges.flatMap(({ startMs, endMs }) => {
    const pieces: TimeRange[] = [];
    for (let at = startMs; at < endMs; at += pieceMs) {
      pieces.push({ startMs: at, endMs: Math.min(endMs, at + pieceMs) });
    }
    return pieces;
  });
}

/** The same ranges widened to the grid of `stepMs`, without those that are empty. */
export function alignRanges(ranges: readonly TimeRange[], stepMs: number): TimeRange[] {
  return ranges
    .map(({ startMs, endMs }) => ({
      startMs: Math.floor(startMs / stepMs) * stepMs,
      endMs: Math.ceil(endMs / stepMs) * stepMs,
    }))
    .filter(({ startMs, endMs }) => startMs < endMs);
}
