/** base: exact decimals, time and calendars, bytes, errors, log, seeded random. Imports nothing of ours. */
export * from './bytes.ts';
export * from './calendar.ts';
export * from './clock.ts';
export * from './decimal.ts';
export * from './directory.ts';
export * from './errors.ts';
export * from './log.ts';
export * from './random.ts';
