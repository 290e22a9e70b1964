import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '@wattline/base';
import { octetsOfText } from './frame-text.ts';

test('octets are taken however people paste them', () => {
  const same = [
    '7EA00703219 3'.replace(' ', ''),
    '7e a0 07 03 21 93',
    '7E:A0:07:03:21:93',
    '0x7E, 0xA0, 0x07, 0x03, 0x21, 0x93',
    '{0x7E,0xA0,0x07,0x03,0x21,0x93};',
    '"\\x7E\\xA0\\x07\\x03\\x21\\x93"',
    '7EA0\n0703\r\n\t2193\n',
    '7E-A0-07-03-21-93',
    '7E.A0.07|03_21 93',
  ];
  for (const text of same) assert.equal(toHex(octetsOfText(text)), '7EA007032193', text);
  assert.equal(octetsOfText('').length, 0);
});

test('what is no digit is told with its line and column', () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['7E A0\n07 zz', /expected a hexadecimal digit, found 'z' at line 2, column 4 \(octet 3\)/],
    ['7E A', /expected the second digit of an octet, found the end at line 1, column 5 \(octet 1\)/],
    ['7E A 07', /expected the second digit of an octet, found ' ' at line 1, column 5/],
    ['TX 7E', /found 'T' at line 1, column 1/],
  ];
  for (const [text, message] of wrong) {
    assert.throws(() => octetsOfText(text), { code: 'base/bad-hex', message });
  }
});

test('a telegram of P1 is its own text', () => {
  assert.equal(
    Buffer.from(octetsOfText('\n/KFM5KAIFA\r\n\r\n1-0:1.8.1(001.000*kWh)\r\n!')).toString().slice(0, 5),
    '/KFM5',
  );
});
