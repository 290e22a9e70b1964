/** The version of Wattline, as package.json has it. */
import { readFileSync } from 'node:fs';

/** `0.1.0`. */
export const version = (
  JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')) as { version: string }
).version;
