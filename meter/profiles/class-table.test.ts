import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isOfMedium, listedClasses, notDeclared, renderClassTable } from './class-table.case.ts';

const room = join(import.meta.dirname, '..');
const page = join(room, '../docs/reference/cosem-classes.md');

test('the page of classes is the one the declarations make (WATTLINE_WRITE_REFERENCE=1 writes it)', () => {
  const rendered = renderClassTable();
  if (process.env.WATTLINE_WRITE_REFERENCE === '1') writeFileSync(page, rendered);
  assert.equal(readFileSync(page, 'utf8'), rendered);
});

test('a class is called supported only when a test of what it does names it', () => {
  const tests = readdirSync(room, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => readFileSync(join(room, path), 'utf8'))
    .join('\n');
  const unnamed = listedClasses().filter(({ declared }) => {
    if (declared.declaredOnly !== undefined || isOfMedium(declared)) return false;
    return !new RegExp(`class ${declared.classId}\\b`).test(tests);
  });
  assert.deepEqual(
    unnamed.map(({ declared }) => `${declared.classId} ${declared.name}`),
    [],
  );
});

test('attributes and methods are numbered and named once in each class', () => {
  for (const { declared } of listedClasses()) {
    const names = [...Object.values(declared.attributes), ...Object.values(declared.methods)].map(
      ({ name }) => name,
    );
    assert.equal(new Set(names).size, names.length, declared.name);
    assert.ok(
      Object.keys(declared.attributes).every((number) => Number(number) >= 2),
      declared.name,
    );
  }
});

test('no class stands both in a profile and among those not declared', () => {
  const declared = new Set(listedClasses().map(({ declared: { classId } }) => classId));
  assert.deepEqual(
    notDeclared.filter((classId) => declared.has(classId)),
    [],
  );
  assert.ok(declared.size >= 70, `${declared.size} classes`);
});
