/** The metrology of a meter out of its specification: registers as they were kept, or as the meter came. */
import type { MeterClock } from './clock/clock.ts';
import type { MeterEnvironment, MeterSpec } from './meter-spec.ts';
import { Metrology } from './registers/metrology.ts';
import { tariffCalendar } from './tariff/tariff-calendar.ts';

const defaultProfileDays = 90;
/** Rates that every meter has a register for, used or not. */
const leastRates = 2;

/** Rates that have a register. */
export function ratesOf({ tariff, initial, rateCount = leastRates }: MeterSpec): number {
  return Math.max(rateCount, tariffCalendar(tariff).rateCount, initial?.ratesWh.length ?? 0);
}

/** Registers and profiles, standing at the start of the meter. */
export function createMetrology(
  spec: MeterSpec,
  { defectAt, pulses }: MeterEnvironment,
  clock: MeterClock,
  isConducting: () => boolean,
): Metrology {
  const calendar = tariffCalendar(spec.tariff);
  const days = spec.profileDays ?? defaultProfileDays;
  const cameWith = { delivered: spec.initial?.ratesWh ?? [], received: [spec.initial?.receivedWh ?? 0] };
  if (pulses?.isEmpty) pulses.initialise(cameWith);
  const metrology = new Metrology({
    clock,
    calendar,
    intervalSeconds: spec.intervalSeconds,
    startMs: spec.startMs,
    initial: pulses?.registers() ?? cameWith,
    rateCount: ratesOf(spec),
    intervalCapacity: Math.ceil((days * 86_400) / spec.intervalSeconds),
    midnightCapacity: days,
    isConducting,
    ...(spec.entryLabel ? { label: spec.entryLabel } : {}),
    ...(defectAt ? { defectAt } : {}),
  });
  if (pulses) metrology.energies.onPulses = (...pulse) => pulses.record(...pulse);
  return metrology;
}
