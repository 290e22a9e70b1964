/** Intervals for which a replayed file has no value, as faults of the meter: it has no entry there. */
import type { Period } from '@wattline/base';
import type { LoadSource } from './load-source.ts';
import type { LocalDays } from './local-days.ts';
import type { MeterFault } from './meter-fault.ts';

/** The gaps that touch the period, joined across midnight, in order. */
export function loadGaps(of: {
  readonly source: LoadSource;
  readonly premisesIndex: number;
  readonly period: Period;
  readonly days: LocalDays;
  readonly startMs: number;
  readonly slotMs: number;
}): MeterFault[] {
  const { source, premisesIndex, period, days, startMs, slotMs } = of;
  const runs: { startMs: number; endMs: number }[] = [];
  const endSlot = Math.ceil((period.endMs - startMs) / slotMs);
  for (let slot = Math.floor((period.startMs - startMs) / slotMs); slot < endSlot; ) {
    const day = days.at(slot);
    for (const gap of source.gaps(premisesIndex, day)) {
      const last = runs.at(-1);
      if (last?.endMs === gap.startMs) last.endMs = gap.endMs;
      else runs.push({ ...gap });
    }
    slot = day.firstSlot + day.slots;
  }
  return runs
    .filter((run) => run.startMs < period.endMs && run.endMs > period.startMs)
    .map((run) => ({ kind: 'profile-gap', ...run, cause: 'load-missing' }));
}
