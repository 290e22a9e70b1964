/** The crystal and the battery behind a clock: how fast it runs by temperature and age, and how long it lives without supply. */

/** A tuning-fork crystal: a parabola about its turnover temperature, and ageing. */
export interface Crystal {
  /** At the turnover temperature when new, ppm. */
  readonly basePpm: number;
  readonly turnoverC: number;
  /** Below 0: such crystals only lose away from the turnover, ppm per K^2. */
  readonly parabolaPpm: number;
  /** First year, ppm; later years add as the root of time. */
  readonly ageingPpm: number;
}

/** Figures of common 32,768 Hz crystals, recalled from data sheets. */
export const commonCrystal: Crystal = { basePpm: 0, turnoverC: 25, parabolaPpm: -0.034, ageingPpm: 3 };

/** How fast the crystal runs, ppm. */
export function crystalPpm(
  crystal: Crystal,
  of: { readonly temperatureC: number; readonly ageYears: number },
): number {
  const away = of.temperatureC - crystal.turnoverC;
  return (
    crystal.basePpm +
    crystal.parabolaPpm * away * away +
    crystal.ageingPpm * Math.sqrt(Math.max(0, of.ageYears))
  );
}

/** The battery that keeps the clock while there is no supply. */
export class ClockBattery {
  readonly #capacityMs: number;
  #usedMs = 0;

  /** Hours that a full battery keeps the clock. */
  constructor(capacityHours: number) {
    this.#capacityMs = capacityHours * 3_600_000;
  }

  /** Share that is left, 0 to 1. */
  get level(): number {
    return Math.max(0, 1 - this.#usedMs / this.#capacityMs);
  }

  /** Without supply for so long; true when the clock was kept to the end. */
  carry(durationMs: number): boolean {
    this.#usedMs += durationMs;
    return this.#usedMs <= this.#capacityMs;
  }

  /** A new one. */
  replace(): void {
    this.#usedMs = 0;
  }
}
