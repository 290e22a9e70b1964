/** docs/reference/readings-store.md tells the columns as they are declared, and names tests that stand. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { columnsTable } from './tables.ts';

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs/reference/readings-store.md'), 'utf8');

test('the page shows every column with its codec and the reason of it', () => {
  assert.ok(page.includes(columnsTable()), `expected in the page:\n${columnsTable()}`);
});

test('each fault of the disk has a test of the name that the page gives', () => {
  const faults = page
    .slice(page.indexOf('## When the disk fails'))
    .matchAll(/\| `(\S+\.test\.ts)`(?:: (.+))? \|$/gm);
  const named = [...faults];
  assert.equal(named.length, 11);
  for (const [, file = '', name] of named) {
    const text = readFileSync(join(root, file), 'utf8');
    if (name) assert.ok(text.includes(`test('${name}'`), `${file}: ${name}`);
  }
});
