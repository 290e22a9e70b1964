/** Names and keys of a meter. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import { toHex } from '@wattline/base';
import { keysFromSeed, logicalDeviceNameOf, serialOf, systemTitleOf } from './identity.ts';
import { volatileMemory } from './memory/non-volatile.ts';
import { createMeter } from './meter.ts';
import { testMeter } from './meter-fixture.ts';

describe('identity', () => {
  test('the system title is WTL and the serial number in five octets', () => {
    assert.equal(toHex(systemTitleOf('WTL00000042')), '57544C000000002A');
    assert.equal(toHex(systemTitleOf(serialOf(2 ** 33))), '57544C0200000000');
  });
  test('the logical device name has sixteen octets', () => {
    assert.equal(Buffer.from(logicalDeviceNameOf('WTL00000042')).toString('latin1'), 'WTL0000000000042');
  });
  for (const bad of ['WTL', 'ABC00000001', 'WTL-1', 'WTL1099511627776']) {
    test(`${bad} is no serial number`, () =>
      assert.throws(() => systemTitleOf(bad), { code: 'meter/bad-spec' }));
  }
});

describe('keys of a demonstration', () => {
  test('are HKDF-SHA-256 of the seed, worked out by the two steps of RFC 5869', () => {
    const prk = createHmac('sha256', 'wattline demonstration keys').update('seed-7').digest();
    const okm = createHmac('sha256', prk).update('WTL00000001/reader/ek').update(Uint8Array.of(1)).digest();
    assert.equal(toHex(keysFromSeed('seed-7', 'WTL00000001', 'reader').ek), toHex(okm.subarray(0, 16)));
  });
  test('differ by seed, meter, client and purpose', () => {
    const keys = ['1', '2'].flatMap((seed) =>
      ['WTL1', 'WTL2'].flatMap((serial) =>
        ['reader', 'management'].flatMap((client) => {
          const { ek, ak } = keysFromSeed(seed, serial, client);
          return [toHex(ek), toHex(ak)];
        }),
      ),
    );
    assert.equal(new Set(keys).size, 16);
  });
});

describe('a specification out of range is refused', () => {
  const { meter, clock } = testMeter();
  const cases = [
    [{ intervalSeconds: 700 }, 'intervalSeconds'],
    [{ zone: 'Mars/Olympus' }, 'zone'],
    [{ profileDays: 10 }, 'profileDays'],
    [{ startMs: Number.NaN }, 'startMs'],
  ] as const;
  for (const [change, field] of cases) {
    test(field, () => {
      assert.throws(
        () => createMeter({ ...meter.spec, ...change }, { clock, memory: volatileMemory() }),
        (error: { code: string; where: { field: string } }) =>
          error.code === 'meter/bad-spec' && error.where.field === field,
      );
    });
  }
  test('an unknown companion profile, and the known ones are named', () => {
    assert.throws(
      () => createMeter({ ...meter.spec, profile: 'toString' }, { clock, memory: volatileMemory() }),
      {
        code: 'meter/profile-unknown',
        message: /demo/,
      },
    );
  });
});
