import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { policies } from '../conversation.case.ts';
import { runInMemory, targetFor } from './conformance-device.case.ts';
import { knownDefects } from './defects.case.ts';
import { conformanceTests } from './index.ts';
import { renderConformanceReference } from './reference-page.case.ts';
import type { Target } from './target.ts';

const ways: readonly Partial<Target>[] = [
  {},
  { framing: 'hdlc' },
  { referencing: 'sn' },
  { framing: 'hdlc', referencing: 'sn' },
];

describe('our server passes', () => {
  for (const { clientSap, name, signing } of policies()) {
    if (signing) continue;
    for (const way of ways) {
      test(`as client ${name} with ${JSON.stringify(way)}`, () => {
        const results = runInMemory(conformanceTests, targetFor(clientSap, way));
        const open = results.filter(({ verdict }) => verdict === 'failed' || verdict === 'inconclusive');
        assert.deepEqual(
          open.map((result) => `${result.test.name}: ${result.why}`),
          [],
        );
        assert.ok(results.filter(({ verdict }) => verdict === 'passed').length >= 10);
      });
    }
  }
});

describe('a meter that', () => {
  for (const { title, sap, target, defect, seenBy } of knownDefects) {
    test(`${title} fails ${seenBy.join(', ')}`, () => {
      const asked = conformanceTests.filter(({ name }) => seenBy.includes(name));
      assert.equal(asked.length, seenBy.length, 'every test that is named exists');
      const results = runInMemory(asked, targetFor(sap, target), defect);
      assert.deepEqual(
        results.map((result) => [result.test.name, result.verdict]),
        asked.map(({ name }) => [name, 'failed']),
      );
      for (const { subtests } of results) {
        const failed = subtests.find(({ verdict }) => verdict === 'failed');
        assert.match(failed?.why ?? '', /^expected .+, found .+/);
        assert.ok(
          failed?.steps.some(({ isWrong }) => isWrong),
          'the step that was wrong is marked',
        );
      }
    });
  }

  test('has a defect is known for every test: none is there that cannot fail', () => {
    const seen = new Set(knownDefects.flatMap(({ seenBy }) => seenBy));
    assert.deepEqual(
      conformanceTests.map(({ name }) => name).filter((name) => !seen.has(name)),
      [],
    );
  });
});

describe('tests as data', () => {
  test('names are those of the public lists, once each, and every test says where it is laid down', () => {
    const names = conformanceTests.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    for (const { name, clause, subtests, title } of conformanceTests) {
      assert.match(name, /^(HDLC|APPL|SYMSEC|COSEM|WRAPPER)_[A-Za-z0-9_]+$/);
      assert.ok(clause.length > 0 && subtests.length > 0 && title.length > 0, name);
      assert.equal(new Set(subtests.map((subtest) => subtest.title)).size, subtests.length, name);
    }
  });

  test('the page of reference is the one the tests make (WATTLINE_WRITE_REFERENCE=1 writes it)', () => {
    const path = join(import.meta.dirname, '../../../docs/reference/dlms-conformance.md');
    const rendered = renderConformanceReference();
    if (process.env.WATTLINE_WRITE_REFERENCE === '1') writeFileSync(path, rendered);
    assert.equal(readFileSync(path, 'utf8'), rendered);
  });

  test('what does not apply says why', () => {
    for (const { verdict, why } of runInMemory(conformanceTests, targetFor(16))) {
      if (verdict === 'not-applicable') assert.ok((why ?? '').length > 0);
    }
  });
});
