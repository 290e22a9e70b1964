/** sim: the seeded world and the real loads it can replay. */
export { type SimErrorCode, simErrors } from './errors.ts';
export * from './load/load-reader.ts';
export * from './load/load-set.ts';
