/** The table of codes is complete, holds nothing that is never used, and stands in the README. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { networkErrors } from './errors.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const codes = Object.keys(networkErrors).sort();

test('every code in the sources stands in the table, and every code of the table is in the sources', () => {
  const sources = readdirSync(folder).filter(
    (name) => name.endsWith('.ts') && !/test|errors\.ts$/.test(name),
  );
  const text = sources.map((name) => readFileSync(folder + name, 'utf8')).join('\n');
  assert.deepEqual([...new Set(text.match(/(?<=')network\/[a-z-]+(?=')/g))].sort(), codes);
});
test('the README says what each code means', () => {
  const readme = readFileSync(`${folder}README.md`, 'utf8');
  for (const [code, meaning] of Object.entries(networkErrors)) {
    assert.ok(readme.includes(`| \`${code}\` | ${meaning} |`), code);
  }
});
