/**
 * The series of a point that has registers alone: what a register counted between two reads, shared out evenly over the intervals
 * between them. The energy from read to read is measured; when within it was taken is estimated, and is said to be.
 */
import { quality, type Series } from '@wattline/model';

/** A register read, Wh. */
export interface Read {
  readonly atMs: number;
  readonly value: number;
  readonly quality: number;
}

/**
 * Shares reads, oldest first, over the slots of `empty`. Slots before the first read and after the last stay missing, and so do
 * those of a stretch in which the register runs backwards: an exchange or a rollover is for people. Doubtful reads are passed over.
 */
export function shareReads(empty: Series, reads: readonly Read[]): Series {
  const stepMs = empty.intervalSeconds * 1000;
  const value = empty.value.slice();
  const flags = empty.quality.slice();
  const sound = reads.filter((read) => (read.quality & (quality.suspect | quality.missing)) === 0);
  sound.forEach((from, index) => {
    const to = sound[index + 1];
    if (!to || to.value < from.value) return;
    // Cumulative and rounded once a slot edge, so that the slots sum to the advance to the watt-hour.
    const countedBy = (atMs: number) => {
      const part = Math.min(1, Math.max(0, (atMs - from.atMs) / (to.atMs - from.atMs)));
      return Math.round((to.value - from.value) * part);
    };
    const first = Math.max(0, Math.floor((from.atMs - empty.startMs) / stepMs));
    const end = Math.min(value.length, Math.ceil((to.atMs - empty.startMs) / stepMs));
    for (let slot = first; slot < end; slot++) {
      const startMs = empty.startMs + slot * stepMs;
      const before = (flags[slot] as number) & quality.missing ? 0 : (value[slot] as number);
      value[slot] = before + countedBy(startMs + stepMs) - countedBy(startMs);
      flags[slot] = quality.estimated;
    }
  });
  return { ...empty, value, quality: flags };
}
