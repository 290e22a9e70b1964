/** How long cells live: writes per cell and year of the register journal, out of its geometry and the pulses of the worst load. */

/** Kinds of memory with the writes that a cell stands. Figures are recalled from data sheets; a maker puts in the ones of his part. */
export const memoryKinds = {
  fram: { title: 'FRAM', endurance: 1e14 },
  eeprom: { title: 'EEPROM', endurance: 1e6 },
  norFlash: { title: 'NOR flash', endurance: 1e5 },
} as const;

export type MemoryKind = keyof typeof memoryKinds;

/** A journal and its load. */
export interface WearCase {
  readonly memory: MemoryKind;
  readonly sectorBytes: number;
  readonly sectors: number;
  readonly pulsesPerSecond: number;
}

/** What comes of it. */
export interface WearFigure {
  readonly pulsesPerYear: number;
  readonly writesPerCellPerYear: number;
  readonly yearsToEndurance: number;
}

const secondsPerYear = 365.25 * 86_400;
/** Header and checkpoint at the start of each sector, and the octets of a pulse: as `journal.ts` and `pulse-memory.ts` write them. */
const headBytes = 16 + 8 * 8 * 6;
const pulseBytes = 4;

/** Three phases of 230 V and 100 A at 1,000 imp/kWh: 19.2 pulses a second, rounded up. */
export const worstPulsesPerSecond = 20;

/** Each cell of a sector is erased and written once in a round of all sectors. */
export function wearOf({ memory, sectorBytes, sectors, pulsesPerSecond }: WearCase): WearFigure {
  const pulsesPerSector = Math.floor((sectorBytes - headBytes) / pulseBytes);
  const pulsesPerYear = pulsesPerSecond * secondsPerYear;
  // The pulse that finds a sector full is in the checkpoint of the next.
  const writesPerCellPerYear = pulsesPerYear / (pulsesPerSector + 1) / sectors;
  return {
    pulsesPerYear,
    writesPerCellPerYear,
    yearsToEndurance: memoryKinds[memory].endurance / writesPerCellPerYear,
  };
}

/** Geometries that last twenty years under the worst load: parts that cost cents. */
export const wearCases: readonly WearCase[] = [
  { memory: 'fram', sectorBytes: 2048, sectors: 4, pulsesPerSecond: worstPulsesPerSecond },
  { memory: 'norFlash', sectorBytes: 4096, sectors: 256, pulsesPerSecond: worstPulsesPerSecond },
];
