import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatObis, parseObis } from './obis.ts';

test('an OBIS code is read in both spellings and written in one', () => {
  assert.deepEqual(parseObis('1.0.1.8.0.255'), Uint8Array.of(1, 0, 1, 8, 0, 255));
  assert.deepEqual(parseObis('1-0:1.8.0*255'), Uint8Array.of(1, 0, 1, 8, 0, 255));
  assert.deepEqual(parseObis('1-0:1.8.0'), Uint8Array.of(1, 0, 1, 8, 0, 255));
  assert.equal(formatObis(Uint8Array.of(0, 0, 96, 1, 0, 255)), '0.0.96.1.0.255');
});

test('what is not six numbers of one octet is refused', () => {
  for (const text of [
    '',
    '1.0.1.8',
    '1.0.1.8.0.256',
    '1.0.1.8.0.255.0',
    '1.0.a.8.0.255',
    '1..1.8.0.255',
    '1.0.1.8.0.-1',
  ]) {
    assert.throws(() => parseObis(text), { code: 'dlms/bad-obis' }, text);
  }
});
