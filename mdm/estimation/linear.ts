/** Estimation `linear`: a straight line between the known neighbours of a short gap. */

/**
 * Values of `count` slots between `before` and `after`, rounded half up to whole units:
 * `interpolate(75, 100, 4)` is 80, 85, 90, 95.
 */
export function interpolate(before: number, after: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) =>
    Math.floor(before + ((after - before) * (index + 1)) / (count + 1) + 0.5),
  );
}
