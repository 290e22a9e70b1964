/**
 * The series of a point that has registers alone: what a register counted between two reads, shared out evenly over the intervals
 * between them. The energy from read to read is measured; when within it was taken is estimated, and is said to be.
 */
import { plainCourse, type RegisterCourse, type RegisterStretch, stretchesBetween } from '@wattline/mdm';
import { quality, type Series } from '@wattline/model';

/** A register read, Wh. */
export interface Read {
  readonly atMs: number;
  readonly value: number;
  readonly quality: number;
}

/**
 * Shares reads, oldest first, over the slots of `empty`. The reads at an exchange and where a register was set count as reads, and
 * one that rolled over went on. Slots before the first read and after the last stay missing, and so do those of a stretch in which
 * the register runs backwards and nothing explains it: that is for people. Doubtful reads are passed over.
 */
export function shareReads(
  empty: Series,
  reads: readonly Read[],
  course: RegisterCourse = plainCourse,
): Series {
  const stepMs = empty.intervalSeconds * 1000;
  const value = empty.value.slice();
  const flags = empty.quality.slice();
  const sound = reads.filter((read) => (read.quality & (quality.suspect | quality.missing)) === 0);
  const share = ({ start, end, counted }: RegisterStretch) => {
    if (counted < 0 || start >= end) return;
    const [startMs, endMs] = [start * 1000, end * 1000];
    // Cumulative and rounded once a slot edge, so that the slots sum to the advance to the watt-hour.
    const countedBy = (atMs: number) =>
      Math.round(counted * Math.min(1, Math.max(0, (atMs - startMs) / (endMs - startMs))));
    const first = Math.max(0, Math.floor((startMs - empty.startMs) / stepMs));
    const last = Math.min(value.length, Math.ceil((endMs - empty.startMs) / stepMs));
    for (let slot = first; slot < last; slot++) {
      const slotMs = empty.startMs + slot * stepMs;
      const before = (flags[slot] as number) & quality.missing ? 0 : (value[slot] as number);
      value[slot] = before + countedBy(slotMs + stepMs) - countedBy(slotMs);
      flags[slot] = quality.estimated;
    }
  };
  sound.forEach((from, index) => {
    const to = sound[index + 1];
    if (!to) return;
    const span = { start: from.atMs / 1000, from: from.value, end: to.atMs / 1000, to: to.value };
    for (const stretch of stretchesBetween(span, course)) share(stretch);
  });
  return { ...empty, value, quality: flags };
}
