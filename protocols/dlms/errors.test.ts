import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dlmsErrors } from './errors.ts';

const room = import.meta.dirname;

test('the table in the README is the table of codes', () => {
  const readme = readFileSync(join(room, 'README.md'), 'utf8');
  const listed = [...readme.matchAll(/^\| `(dlms\/[a-z-]+)` \| (.+) \|$/gm)].map(([, code, text]) => [
    code,
    text,
  ]);
  assert.deepEqual(listed, Object.entries(dlmsErrors));
});

test('every code is raised somewhere, and no code is raised that is not in the table', () => {
  const sources = readdirSync(room, { recursive: true, encoding: 'utf8' }).filter(
    (path) =>
      path.endsWith('.ts') &&
      !path.endsWith('.test.ts') &&
      !path.endsWith('.case.ts') &&
      path !== 'errors.ts',
  );
  const raised = new Set<string>();
  for (const path of sources) {
    for (const [code] of readFileSync(join(room, path), 'utf8').matchAll(/dlms\/[a-z]+(-[a-z]+)*(?=['`])/g)) {
      raised.add(code);
    }
  }
  assert.deepEqual([...raised].sort(), Object.keys(dlmsErrors).sort());
});
