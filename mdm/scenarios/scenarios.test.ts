/** Plays every folder beside this file. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { openTrial, type Trial } from '../fixture/trial.ts';
import { playScenario } from './scenario.ts';

const here = import.meta.dirname;
let trial: Trial;
before(async () => {
  trial = await openTrial({ usagePoints: 0, nowMs: Date.UTC(2026, 11, 31), policy: { neighbours: 0 } });
});
after(() => trial.close());

for (const entry of readdirSync(here, { withFileTypes: true })) {
  if (!entry.isDirectory()) continue;
  test(entry.name.replaceAll('-', ' '), () => playScenario(trial, entry.name, join(here, entry.name)));
}
