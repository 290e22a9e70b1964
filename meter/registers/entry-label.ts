/** Which instant names an entry of a profile: most companion specifications take the end, so that 00:00 closes yesterday. */

/** The end or the start of the interval. */
export type EntryLabel = 'end' | 'start';

/** The rule of each companion specification, as far as we know it by its documents and by meters that were read. */
export const entryLabels = {
  demo: 'end',
  /** IDIS package 2: capture at the end of the interval. */
  idis: 'end',
  dsmr: 'end',
  /** IS 15959: block load by the end of the block, daily load at 00:00 of the next day. */
  is15959: 'end',
  /** Databases of interval data often name the start; some meters of sub-metering do as well. */
  intervalStart: 'start',
} as const satisfies Readonly<Record<string, EntryLabel>>;

/** The label of an interval, meter time. */
export function labelOf(
  interval: { readonly startMs: number; readonly endMs: number },
  label: EntryLabel,
): number {
  return label === 'end' ? interval.endMs : interval.startMs;
}
