export type * from './mdm.ts';
