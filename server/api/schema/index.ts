/** All named schemas of the API. */
import { billSchemas } from './bills.ts';
import { commandSchemas } from './commands.ts';
import { deviceSchemas } from './devices.ts';
import { frameSchemas } from './frames.ts';
import { meterDataSchemas } from './meter-data.ts';
import { momentSchemas } from './moments.ts';
import { operationSchemas } from './operations.ts';
import type { Schema } from './parts.ts';
import { readingSchemas } from './readings.ts';

export { eventKindIds, exceptionKindIds } from './operations.ts';
export * from './parts.ts';
export { readingTypeIds } from './readings.ts';

/** By the name they have in the components of /api/openapi.json. */
export const schemas: Readonly<Record<string, Schema>> = {
  ...operationSchemas,
  ...readingSchemas,
  ...billSchemas,
  ...commandSchemas,
  ...momentSchemas,
  ...meterDataSchemas,
  ...frameSchemas,
  ...deviceSchemas,
};
