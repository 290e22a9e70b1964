export type * from './system.ts';
