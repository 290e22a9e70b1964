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
  'sim/unknown-tariff': 'premises have a tariff that the town was not given',
  'sim/no-directory': 'the directory of the town cannot be made',
  'sim/push-queue-full': 'more pushes wait than a town may hold back',
  'sim/town-not-ready': 'the process of the town did not become ready in time',
  'sim/town-died': 'the process of the town ended by itself',
} as const;
export type SimErrorCode = keyof typeof simErrors;
