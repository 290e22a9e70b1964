/** model: the shared language of the rooms. */
export * from './bill.ts';
export * from './event.ts';
export * from './meter-moment.ts';
export * from './quality.ts';
export * from './read-attempts.ts';
export * from './reading.ts';
export * from './reading-type.ts';
export * from './tariff.ts';
export * from './usage-point.ts';
export * from './wire.ts';
