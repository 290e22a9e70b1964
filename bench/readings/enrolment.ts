/**
 * A process of its own fills the registry, as a roll-out of years has done long before the day that is measured: a million rows
 * written a moment ago would leave their garbage to whoever ingests.
 * `node enrolment.ts <registry file> <json of { meters, types }>`
 */
import { openRegistry } from '@wattline/store/registry';
import { fillRegistry } from './fleet.ts';

const [path = '', plan = '{}'] = process.argv.slice(2);
const { meters, types } = JSON.parse(plan) as { meters: number; types: string[] };
const registry = await openRegistry(path);
await fillRegistry(registry, meters, types);
await registry.destroy();
