/** The table of codes is complete and holds nothing that is never used. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { headendErrors } from './errors.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.ts') && !/test|errors\.ts$/.test(name),
);

test('every code in the sources stands in the table, and every code of the table is in the sources', () => {
  const used = new Set(
    sources.flatMap(
      (name) => readFileSync(folder + name, 'utf8').match(/(?<=')headend\/[a-z-]+(?=')/g) ?? [],
    ),
  );
  assert.deepEqual([...used].sort(), Object.keys(headendErrors).sort());
});
