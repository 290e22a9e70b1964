import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { policies } from '../conversation.case.ts';
import { allDeclared, runInMemory, targetFor } from './conformance-device.case.ts';
import { knownDefects } from './defects.case.ts';
import { conformanceTests } from './index.ts';
import { renderConformanceReference } from './reference-page.case.ts';
import { withSecuritySetup } from './security-setup.case.ts';
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

describe('a meter whose keys and policy may be changed passes', () => {
  for (const [clientSap, name, applicable] of [
    [2, 'authenticated and encrypted', 8],
    [3, 'authenticated', 6],
    [4, 'encrypted', 4],
  ] as const) {
    for (const way of [{}, { framing: 'hdlc' }] as const) {
      test(`as a client ${name} with ${JSON.stringify(way)}, and has its old keys at the end`, () => {
        const changing = conformanceTests.filter(({ name }) => /Key_Tx|SecPol/.test(name));
        const target = targetFor(clientSap, { ...way, declared: allDeclared });
        const last = conformanceTests.filter(({ name }) => name === 'SYMSEC_0_SecDataX_P1');
        const results = runInMemory([...changing, ...last], target, { device: withSecuritySetup });
        const verdicts = results.map(({ test, verdict, why }) => `${test.name} ${verdict} ${why ?? ''}`);
        const passed = results.filter(({ verdict }) => verdict === 'passed').length;
        const away = results.filter(({ verdict }) => verdict === 'not-applicable').length;
        assert.deepEqual([passed, away], [applicable + 1, 8 - applicable], verdicts.join('\n'));
      });
    }
  }

  test('and is not touched where nobody said that it may be', () => {
    const changing = conformanceTests.filter(({ name }) => /Key_Tx|SecPol/.test(name));
    const whys = runInMemory(changing, targetFor(2), { device: withSecuritySetup }).map(
      ({ why }) => why ?? '',
    );
    assert.deepEqual(
      whys.map((why) => /--master-key|--strengthen-policy/.exec(why)?.[0]),
      [...Array(5).fill('--master-key'), ...Array(3).fill('--strengthen-policy')],
    );
  });
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

  test('takes keys it should not is given its old ones again, and works on', () => {
    for (const [name, title] of [
      ['SYMSEC_0_Key_Tx_P3', 'takes the first key of a transfer alone'],
      ['SYMSEC_0_Key_Tx_N1', 'takes any key id for that of the encryption key, and any key for wrapped'],
      ['SYMSEC_0_Key_Tx_N2', 'takes any key id for that of the encryption key, and any key for wrapped'],
    ] as const) {
      const known = knownDefects.find((one) => one.title === title) ?? assert.fail(title);
      const asked = ['SYMSEC_0_BasicCap_1', name, 'SYMSEC_0_SecDataX_P1'].map(
        (each) => conformanceTests.find((one) => one.name === each) ?? assert.fail(each),
      );
      const results = runInMemory(asked, targetFor(known.sap, known.target), known.defect);
      assert.deepEqual(
        results.map(({ verdict }) => verdict),
        ['passed', 'failed', 'passed'],
      );
    }
  });

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
