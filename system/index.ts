/** system: the stack wired together, given a clock, a network, a disk and randomness; no HTTP. */
export { createEventHub } from './event-hub.ts';
export { type OpenSystem, openSystem, type SystemOptions } from './open-system.ts';
export {
  type RetentionClass,
  type RetentionPolicy,
  type RetentionStep,
  retain,
  retentionClasses,
  utcDate,
} from './retention.ts';
export type * from './system.ts';
