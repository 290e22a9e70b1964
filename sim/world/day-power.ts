/** Painting power onto the slots of a local day, and turning a day of power into whole Wh. */
import type { LocalDay } from './local-days.ts';

/** The first slot whose wall clock is at or after `minute` and which suits, or null. */
export function firstSlotFrom(
  day: LocalDay,
  minute: number,
  suits: (slot: number) => boolean,
): number | null {
  for (let slot = 0; slot < day.slots; slot++) {
    if ((day.minuteOfDay[slot] as number) >= minute && suits(slot)) return slot;
  }
  return null;
}

/** Adds `watts` for so many minutes from the start of slot `from`; what runs past midnight is left out. */
export function addPower(
  power: Float64Array,
  day: LocalDay,
  run: { readonly from: number; readonly minutes: number; readonly watts: number },
): void {
  const slotMinutes = day.slotMs / 60_000;
  let left = run.minutes;
  for (let slot = run.from; slot < day.slots && left > 0; slot++) {
    power[slot] = (power[slot] as number) + run.watts * Math.min(1, left / slotMinutes);
    left -= slotMinutes;
  }
}

/** Adds an energy spread evenly over so many minutes. */
export function addEnergy(
  power: Float64Array,
  day: LocalDay,
  run: { readonly from: number; readonly minutes: number; readonly wh: number },
): void {
  addPower(power, day, { from: run.from, minutes: run.minutes, watts: (run.wh * 60) / run.minutes });
}

/**
 * Whole Wh of each slot. The remainder is carried from slot to slot, so that any run of slots within the day is within
 * 1 Wh of the model; the day closes on a whole Wh, which is where the model's energy is rounded, once a day.
 */
export function toWholeWh(power: Float64Array, slotMs: number): Int32Array {
  const energy = new Int32Array(power.length);
  const slotHours = slotMs / 3_600_000;
  let total = 0;
  let given = 0;
  for (let slot = 0; slot < power.length; slot++) {
    total += (power[slot] as number) * slotHours;
    const wh = Math.round(total) - given;
    energy[slot] = wh;
    given += wh;
  }
  return energy;
}
