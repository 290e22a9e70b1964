import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isBillable, quality, qualityFlags } from './quality.ts';
import { readingTypeOf, readingTypes } from './reading-type.ts';

describe('quality is a set of flags', () => {
  test('an estimated and edited value names both', () => {
    assert.deepEqual(qualityFlags(quality.estimated | quality.edited), ['estimated', 'edited']);
  });
  test('flags are distinct bits', () => {
    const bits = Object.values(quality);
    assert.equal(new Set(bits).size, bits.length);
    for (const bit of bits) assert.equal(bit & (bit - 1), 0);
  });
  test('a measured value may be billed, a suspect one only once estimated, a missing one never', () => {
    assert.equal(isBillable(quality.measured), true);
    assert.equal(isBillable(quality.measured | quality.suspect), false);
    assert.equal(isBillable(quality.suspect | quality.estimated), true);
    assert.equal(isBillable(quality.missing), false);
  });
});

describe('reading types', () => {
  test('have unique ids and OBIS codes', () => {
    assert.equal(new Set(readingTypes.map((type) => type.id)).size, readingTypes.length);
    assert.equal(new Set(readingTypes.map((type) => type.obis)).size, readingTypes.length);
  });
  test('+A, -A, +R, -R, +S and -S have C 1, 2, 3, 4, 9 and 10 (IEC 62056-61)', () => {
    const delivered: Record<string, string> = { Wh: '1', varh: '3', VAh: '9' };
    const received: Record<string, string> = { Wh: '2', varh: '4', VAh: '10' };
    for (const { direction, unit, obis } of readingTypes) {
      if (direction === 'none') continue;
      assert.equal(obis.split('.')[2], (direction === 'delivered' ? delivered : received)[unit]);
    }
  });
  test('an unknown id is refused with the known ones named', () => {
    assert.throws(() => readingTypeOf('heat'), {
      code: 'model/unknown-reading-type',
      message: /delivered-total/,
    });
  });
});
