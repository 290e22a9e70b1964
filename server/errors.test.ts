/** One table of codes: what the sources throw stands in it, and what stands in it is thrown. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { headendErrors } from '@wattline/headend';
import { exchangeProblems, mdmErrors } from '@wattline/mdm';
import { dlmsErrors } from '@wattline/protocols/dlms';
import { simErrors } from '@wattline/sim';
import { serverErrors, statusOf } from './errors.ts';

const here = import.meta.dirname;

/** Sources of the room without its tests, by path. */
function sources(): [string, string][] {
  return readdirSync(here, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|mjs)$/.test(path) && !/\.test\.ts$|fixture|node_modules/.test(path))
    .map((path) => [path, readFileSync(join(here, path), 'utf8')]);
}

describe('the error codes of the server', () => {
  test('each that a source names stands in the table, and each of the table is named', () => {
    const named = new Set<string>();
    for (const [path, text] of sources()) {
      if (path === 'errors.ts') continue;
      for (const [, code = ''] of text.matchAll(/['(](server\/[a-z-]+)[')]/g)) named.add(code);
    }
    assert.deepEqual([...named].sort(), Object.keys(serverErrors).sort());
  });

  test('codes of other rooms that mean a status or an exit code are codes that those rooms have', () => {
    const known: Record<string, object> = {
      headend: headendErrors,
      mdm: { ...mdmErrors, ...exchangeProblems },
      dlms: dlmsErrors,
      sim: simErrors,
    };
    for (const path of ['errors.ts', 'cli/exit-codes.ts']) {
      const text = readFileSync(join(here, path), 'utf8');
      for (const [, code = '', room = ''] of text.matchAll(/'(([a-z]+)\/[a-z-]+)': \d/g)) {
        const table = known[room];
        if (table) assert.ok(Object.hasOwn(table, code), code);
      }
    }
  });

  test('a code that nobody knows says nothing of a status', () => {
    assert.equal(statusOf('toString'), undefined);
    assert.equal(statusOf('server/port-taken'), undefined);
    assert.equal(statusOf('server/bad-query'), 400);
  });
});
