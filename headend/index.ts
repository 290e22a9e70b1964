export type * from './headend.ts';
