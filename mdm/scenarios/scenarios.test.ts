/** Plays every folder beside this file. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { playScenario } from './scenario.ts';

const here = import.meta.dirname;
for (const entry of readdirSync(here, { withFileTypes: true })) {
  if (entry.isDirectory()) test(entry.name.replaceAll('-', ' '), () => playScenario(join(here, entry.name)));
}
