import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { concatBytes, equalBytes, fromHex, toHex } from './bytes.ts';

test('hexadecimal with spaces and colons is read, and written back plain', () => {
  assert.equal(toHex(fromHex('7e A0:0f-02')), '7EA00F02');
});
test('octets survive the way through text', () => {
  fc.assert(fc.property(fc.uint8Array(), (octets) => assert.deepEqual(fromHex(toHex(octets)), octets)));
});
test('a stray letter is refused with its place', () => {
  assert.throws(() => fromHex('7EG0'), { code: 'base/bad-hex', where: { offset: 2 } });
});
test('half an octet is refused', () => assert.throws(() => fromHex('7EA'), { code: 'base/bad-hex' }));
test('a view into a larger buffer is written alone', () => {
  assert.equal(toHex(new Uint8Array([1, 2, 3, 4]).subarray(1, 3)), '0203');
});
test('parts are joined in order', () =>
  assert.deepEqual(concatBytes(fromHex('01'), fromHex(''), fromHex('0203')), fromHex('010203')));
test('octet strings of other length or content differ', () => {
  assert.equal(equalBytes(fromHex('0102'), fromHex('0102')), true);
  assert.equal(equalBytes(fromHex('0102'), fromHex('0103')), false);
  assert.equal(equalBytes(fromHex('0102'), fromHex('010203')), false);
});
