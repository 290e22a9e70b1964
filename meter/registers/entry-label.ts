/** Which instant names an entry of a profile: most companion specifications take the end, so that 00:00 closes yesterday. */

/** The end or the start of the interval. */
export type EntryLabel = 'end' | 'start';

/** The rule of each companion profile, as far as we know it by documents and by meters that were read; a meter's own specification goes before. */
export const entryLabels: Readonly<Record<string, EntryLabel>> = {
  demo: 'end',
  generic: 'end',
  /** IDIS package 2: capture at the end of the interval. */
  idis: 'end',
  smr: 'end',
  /** IS 15959: block load by the end of the block, daily load at 00:00 of the next day. */
  is15959: 'end',
};

/** The label of an interval, meter time. */
export function labelOf(
  interval: { readonly startMs: number; readonly endMs: number },
  label: EntryLabel,
): number {
  return label === 'end' ? interval.endMs : interval.startMs;
}
