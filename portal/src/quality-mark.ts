/** The one mark a person sees for the flags of a reading; shape and colour are drawn by `parts/glyph.tsx`. */
import { quality } from '@wattline/model';

/** Marks in the order of the legend. `awaited` is not a quality: the interval is over and the meter not read yet. */
export const marks = [
  'measured',
  'estimated',
  'edited',
  'suspect',
  'missing',
  'power-off',
  'doubtful-clock',
  'awaited',
] as const;
export type Mark = (typeof marks)[number];

/** The mark of quality flags: what a reader must know first comes first. */
export function markOf(bits: number): Mark {
  if (bits === 0 || bits & quality.missing) return 'missing';
  if (bits & quality.estimated) return 'estimated';
  if (bits & quality.suspect) return 'suspect';
  if (bits & quality.powerFail) return 'power-off';
  if (bits & (quality.edited | quality.manual)) return 'edited';
  if (bits & quality.clockDoubtful) return 'doubtful-clock';
  return 'measured';
}

/** How many of each mark. */
export type MarkCounts = Readonly<Record<Mark, number>>;

/** Counts marks. */
export function countMarks(list: Iterable<Mark>): MarkCounts {
  const counts = Object.fromEntries(marks.map((mark) => [mark, 0])) as Record<Mark, number>;
  for (const mark of list) counts[mark]++;
  return counts;
}
