/** Firmware update: what is refused changes nothing, what is interrupted goes on, registers stay. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, test } from 'node:test';
import { seededRandom } from '@wattline/base';
import fc from 'fast-check';
import type { EventName } from '../events/event-codes.ts';
import { type NonVolatile, volatileMemory } from '../memory/non-volatile.ts';
import { type StorageDevice, volatileStorage } from '../memory/storage-device.ts';
import { Firmware, type FirmwareOptions } from './firmware.ts';
import { type FirmwareManifest, isSignedBy, readFirmware, sha256, signFirmware } from './firmware-image.ts';

const maker = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');
const body = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const payload = seededRandom('firmware').bytes(5000);
const identifier = new Uint8Array(Buffer.from('WTL-APP-2'));

const imageOf = (change: Partial<FirmwareManifest> = {}, key: KeyObject = maker.privateKey) =>
  signFirmware(
    { part: 'application', model: 'WTL-1', version: '2.0.0', rollbackNumber: 5, payload, ...change },
    key,
  );

function made(
  of: { storage?: StorageDevice; memory?: NonVolatile; starts?: FirmwareOptions['starts'] } = {},
) {
  const { memory = volatileMemory(), storage, starts } = of;
  const events: EventName[] = [];
  const firmware = new Firmware(
    {
      model: 'WTL-1',
      initial: {
        application: { version: '1.0.0', rollbackNumber: 4, checksum: 'a' },
        legal: { version: 'L1', rollbackNumber: 1, checksum: 'b' },
      },
      keys: { application: [maker.publicKey], legal: [body.publicKey] },
      blockSize: 256,
      mostOctets: 20_000,
      ...(storage ? { storage } : {}),
      ...(starts ? { starts } : {}),
    },
    memory,
    (event) => events.push(event),
  );
  return { firmware, events, memory };
}

function send(firmware: Firmware, image: Uint8Array, skip: (number: number) => boolean = () => false): void {
  assert.equal(firmware.initiate({ identifier, size: image.length }), 'success');
  for (let number = 0; number < firmware.blockCount; number++) {
    if (skip(number) || firmware.hasBlock(number)) continue;
    const octets = image.subarray(number * 256, (number + 1) * 256);
    assert.equal(firmware.takeBlock({ number, octets }), 'success');
  }
}

describe('an image', () => {
  test('is read again as it was signed, by either algorithm', () => {
    for (const { privateKey, publicKey } of [maker, body]) {
      const read = readFirmware(imageOf({}, privateKey));
      assert.ok(read.ok);
      assert.deepEqual(read.value.payload, payload);
      assert.equal(isSignedBy(read.value, [publicKey]), true);
      assert.equal(isSignedBy(read.value, [stranger.publicKey]), false);
    }
  });
  test('of which any octet is another is not signed, and no cut of it is read as whole', () => {
    const image = imageOf();
    fc.assert(
      fc.property(fc.nat(image.length - 1), fc.integer({ min: 1, max: 255 }), (offset, change) => {
        const spoilt = image.slice();
        spoilt[offset] = (spoilt[offset] as number) ^ change;
        const read = readFirmware(spoilt);
        assert.equal(read.ok && isSignedBy(read.value, [maker.publicKey]), false);
        const cut = readFirmware(image.subarray(0, offset));
        assert.equal(cut.ok && isSignedBy(cut.value, [maker.publicKey]), false);
      }),
      { numRuns: 400 },
    );
  });
});

describe('a transfer', () => {
  test('collects, verifies, activates; the version and the checksum are those of the image', () => {
    const { firmware, events } = made();
    const image = imageOf();
    send(firmware, image);
    assert.equal(firmware.status, 'initiated');
    assert.equal(firmware.verify(), 'success');
    assert.equal(firmware.toActivate[0]?.size, image.length);
    assert.equal(firmware.activate(), 'success');
    assert.deepEqual(firmware.running('application'), {
      version: '2.0.0',
      rollbackNumber: 5,
      checksum: sha256(payload),
    });
    assert.deepEqual(firmware.running('legal').version, 'L1');
    assert.deepEqual(events, ['firmwareReady', 'firmwareActivated']);
  });
  test('of which a block is missing is not verified, and can be completed', () => {
    const { firmware } = made();
    const image = imageOf();
    send(firmware, image, (number) => number === 7);
    assert.equal(firmware.verify(), 'other-reason');
    assert.equal(firmware.hasBlock(7), false);
    firmware.takeBlock({ number: 7, octets: image.subarray(7 * 256, 8 * 256) });
    assert.equal(firmware.activate(), 'success');
  });
  test('takes no block of another length or number', () => {
    const { firmware } = made();
    firmware.initiate({ identifier, size: 1000 });
    assert.equal(firmware.takeBlock({ number: 0, octets: new Uint8Array(255) }), 'other-reason');
    assert.equal(firmware.takeBlock({ number: 4, octets: new Uint8Array(256) }), 'other-reason');
    assert.equal(firmware.takeBlock({ number: 3, octets: new Uint8Array(1000 - 768) }), 'success');
    assert.equal(made().firmware.takeBlock({ number: 0, octets: new Uint8Array(256) }), 'temporary-failure');
  });
});

describe('what is refused changes nothing and is logged', () => {
  const refused: readonly (readonly [string, Uint8Array])[] = [
    ['the signature of a stranger', imageOf({}, stranger.privateKey)],
    ['an image for another model', imageOf({ model: 'OTHER' })],
    ['an older image: no way back', imageOf({ rollbackNumber: 3 })],
    ['a legally relevant part that the maker of the application signed', imageOf({ part: 'legal' })],
    ['octets that are no image', seededRandom('noise').bytes(900)],
  ];
  for (const [name, image] of refused) {
    test(name, () => {
      const { firmware, events, memory } = made();
      send(firmware, image);
      assert.equal(firmware.verify(), 'other-reason');
      assert.equal(firmware.activate(), 'other-reason');
      assert.equal(firmware.running('application').version, '1.0.0');
      assert.equal(firmware.running('legal').version, 'L1');
      assert.equal(memory.read('firmware/bank'), undefined);
      assert.deepEqual(events, ['firmwareRefused']);
    });
  }
  test('an image that does not start: the bank that ran goes on', () => {
    const { firmware, events } = made({ starts: () => false });
    send(firmware, imageOf());
    assert.equal(firmware.activate(), 'other-reason');
    assert.equal(firmware.status, 'activationFailed');
    assert.equal(firmware.running('application').version, '1.0.0');
    assert.deepEqual(events, ['firmwareReady', 'firmwareRefused']);
  });
  test('the legally relevant part is replaced by its own key alone', () => {
    const { firmware } = made();
    send(firmware, imageOf({ part: 'legal', version: 'L2' }, body.privateKey));
    assert.equal(firmware.activate(), 'success');
    assert.equal(firmware.running('legal').version, 'L2');
    assert.equal(firmware.running('application').version, '1.0.0');
  });
});

describe('a transfer that is interrupted', () => {
  test('goes on after a power cut at any write: blocks that are there are not asked for again, and none is believed that is not', () => {
    const image = imageOf();
    const size = 2 * 28_000;
    for (let cut = 0; cut < 60; cut++) {
      const cells = volatileStorage(size);
      let writes = 0;
      const dying: StorageDevice = {
        ...cells,
        write(offset, octets) {
          if (writes++ < cut) cells.write(offset, octets);
          else {
            cells.write(offset, octets.subarray(0, Math.floor(octets.length / 2)));
            throw new Error('power is gone');
          }
        },
      };
      const memory = volatileMemory();
      try {
        send(made({ storage: dying, memory }).firmware, image);
      } catch {}
      const { firmware } = made({ storage: cells, memory });
      const there = Array.from({ length: firmware.blockCount }, (_, number) => firmware.hasBlock(number));
      send(firmware, image);
      assert.ok(cut < 6 || there.some((isThere) => isThere), `cut ${cut}`);
      assert.equal(firmware.verify(), 'success', `cut ${cut}`);
      assert.equal(firmware.activate(), 'success');
    }
  });
  test('an image that was verified is still so after a restart, and is activated at its instant', () => {
    const storage = volatileStorage(2 * 28_000);
    const memory = volatileMemory();
    const first = made({ storage, memory }).firmware;
    send(first, imageOf());
    first.verify();
    first.activateAt(5_000);
    const { firmware } = made({ storage, memory });
    assert.equal(firmware.status, 'verificationSuccessful');
    assert.equal(firmware.nextMs, 5_000);
    firmware.reach();
    assert.equal(firmware.running('application').version, '2.0.0');
    assert.equal(firmware.nextMs, Number.POSITIVE_INFINITY);
  });
  test('a verified image of which a cell has changed since is not activated', () => {
    const storage = volatileStorage(2 * 28_000);
    const { firmware } = made({ storage });
    send(firmware, imageOf());
    firmware.verify();
    storage.write(28_000 + 2000, Uint8Array.of(1, 2, 3));
    assert.equal(firmware.activate(), 'other-reason');
    assert.equal(firmware.running('application').version, '1.0.0');
  });
  test('banks take turns', () => {
    const { firmware, memory } = made();
    send(firmware, imageOf());
    firmware.activate();
    assert.equal(memory.read('firmware/bank'), '1');
    send(firmware, imageOf({ version: '2.1.0', rollbackNumber: 6 }));
    assert.equal(firmware.activate(), 'success');
    assert.equal(memory.read('firmware/bank'), '0');
  });
});
