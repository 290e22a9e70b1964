/** A reading's quality is a set of flags plus the rule or method that set them. */

/** Flags, combined by bitwise or. `measured` and `estimated` exclude each other; `missing` says there is no value. */
export const quality = {
  measured: 1,
  missing: 2,
  suspect: 4,
  estimated: 8,
  edited: 16,
  manual: 32,
  final: 64,
  /** The meter was without supply in the interval: a zero that is true. */
  powerFail: 128,
  /** The meter's clock was set or invalid in the interval. */
  clockDoubtful: 256,
} as const;
export type QualityFlag = keyof typeof quality;

/** The names of the flags set, in the table's order. */
export function qualityFlags(bits: number): QualityFlag[] {
  return (Object.keys(quality) as QualityFlag[]).filter((flag) => (bits & quality[flag]) !== 0);
}

/** Whether a bill may stand on it: it has a value that was measured and not doubted, or estimated, or set by a person. */
export function isBillable(bits: number): boolean {
  return (
    (bits & quality.missing) === 0 && ((bits & quality.suspect) === 0 || (bits & quality.estimated) !== 0)
  );
}
