/** Coded errors and problems of the simulated world: one table for the room. */

/** Every code of the room and what it means. */
export const simErrors = {
  'sim/bad-option': 'an option of the world is out of its range',
  'sim/load-unreadable': 'the load file cannot be opened or decompressed',
  'sim/load-unknown-format': 'the header of the load file is of no known format',
  'sim/load-empty': 'the load file has no usable half hour',
  'sim/load-interval': 'a world that replays a load file has half-hour intervals',
  'sim/load-row-missing': 'half hours between two rows of a series have no row',
  'sim/load-row-repeated': 'a second row for a half hour that already has one; the first counts',
  'sim/load-row-negative': 'an energy below zero; the half hour has no value',
  'sim/load-row-invalid': 'a row that cannot be understood',
  'sim/load-hour-nonexistent': 'a wall-clock time that the clock change skipped; the row has no place',
} as const;
export type SimErrorCode = keyof typeof simErrors;
