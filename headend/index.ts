/** headend: meters provisioned, read, listened to. */
export { type HeadendErrorCode, headendErrors } from './errors.ts';
export { openFileCounter } from './file-counter.ts';
export type * from './headend.ts';
export { type MeterMapping, meterMappings } from './mapping.ts';
export { type HeadendOptions, openHeadend } from './open-headend.ts';
export { defaultPolicy, type HeadendPolicy } from './policy.ts';
export { likelyClasses, type ReadOptions, type ReadResult, readObject } from './read-object.ts';
