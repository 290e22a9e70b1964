export type * from './billing.ts';
