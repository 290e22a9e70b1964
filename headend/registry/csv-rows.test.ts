/** Comma-separated values after RFC 4180. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseCsv } from './csv-rows.ts';

test('the examples of RFC 4180, section 2, read as it says', () => {
  assert.deepEqual(parseCsv('aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n'), [
    ['aaa', 'bbb', 'ccc'],
    ['zzz', 'yyy', 'xxx'],
  ]);
  assert.deepEqual(parseCsv('"aaa","b\r\nbb","ccc"\r\nzzz,yyy,xxx'), [
    ['aaa', 'b\r\nbb', 'ccc'],
    ['zzz', 'yyy', 'xxx'],
  ]);
  assert.deepEqual(parseCsv('"aaa","b""bb","ccc"'), [['aaa', 'b"bb', 'ccc']]);
});

test('a byte order mark, bare line feeds and empty lines are passed over', () => {
  assert.deepEqual(parseCsv('\ufeffa,b\n\n1,\n'), [
    ['a', 'b'],
    ['1', ''],
  ]);
});

test('whatever the cells hold, what is written quoted is read back', () => {
  const cell = fc.string({ maxLength: 12, unit: fc.constantFrom('a', '"', ',', '\n', '\r', 'é') });
  const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(table, (rows) => {
      const quoted = rows.map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(','));
      assert.deepEqual(parseCsv(quoted.join('\r\n')), rows);
    }),
  );
});
