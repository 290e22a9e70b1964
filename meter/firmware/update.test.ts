/** A firmware update of a whole meter, interrupted anywhere: registers, profiles and billing stay, and one whole firmware runs. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';
import { seededRandom } from '@wattline/base';
import { fates, found, mortalDisk, PowerCut } from '../memory/disk-fixture.ts';
import { openPulseMemory } from '../memory/pulse-memory.ts';
import { regionOf, type StorageDevice } from '../memory/storage-device.ts';
import { openTextMemory } from '../memory/text-memory.ts';
import type { Meter } from '../meter.ts';
import { at, testMeter, wattHour } from '../meter-fixture.ts';
import { sha256, signFirmware } from './firmware-image.ts';

const maker = generateKeyPairSync('ed25519');
const payload = seededRandom('update').bytes(1200);
const image = signFirmware(
  { part: 'application', model: 'WTL-1', version: '2.0.0', rollbackNumber: 5, payload },
  maker.privateKey,
);
const identifier = new Uint8Array(Buffer.from('WTL-APP-2'));
const blockSize = 256;
const startMs = at('2026-10-01T12:00:00Z');
const old = { version: '1.0.0', rollbackNumber: 4, checksum: 'a' };

/** Where each memory lies on the one disk of the meter. */
const layout = { pulses: 4 * 1024, texts: 4 * 8192, firmware: 8192 } as const;
const diskBytes = 2_000_000;

/** A meter on its disk, with all that it must not lose. */
function open(disk: StorageDevice, fromMs: number): Meter {
  let offset = 0;
  const region = (bytes: number) => {
    const from = offset;
    offset += bytes;
    return regionOf(disk, from, bytes);
  };
  const pulses = openPulseMemory(region(layout.pulses), 1024);
  const memory = openTextMemory(region(layout.texts), 8192);
  const firmware = {
    ...{ model: 'WTL-1', blockSize, mostOctets: 4000, storage: region(layout.firmware) },
    initial: { application: old, legal: { version: 'L1', rollbackNumber: 1, checksum: 'b' } },
    keys: { application: [maker.publicKey], legal: [] },
  };
  return testMeter({ startMs: fromMs, firmware }, { memory, pulses, rings: (_, bytes) => region(bytes) })
    .meter;
}

/** Three and a half minutes with one watt-hour: four steps and a bit to an interval. */
function count(meter: Meter): void {
  const from = meter.countedToMs;
  meter.accumulate({ startMs: from, endMs: from + 210_000, deliveredMws: wattHour, receivedMws: 0 });
}

/** Counts, ends a billing period, transfers block by block, verifies, activates; measures between all of them. */
function update(meter: Meter): void {
  const { firmware, books } = meter;
  const step = (act: () => unknown) => {
    count(meter);
    act();
  };
  for (let n = 0; n < 6; n++) count(meter);
  step(() => books.billing.close(meter.clock.at(meter.countedToMs)));
  if (firmware.running('application').version === '2.0.0') return;
  step(() => assert.equal(firmware.initiate({ identifier, size: image.length }), 'success'));
  for (let number = 0; number < firmware.blockCount; number++) {
    if (firmware.hasBlock(number)) continue;
    const octets = image.subarray(number * blockSize, (number + 1) * blockSize);
    step(() => assert.equal(firmware.takeBlock({ number, octets }), 'success'));
  }
  step(() => assert.equal(firmware.verify(), 'success'));
  step(() => assert.equal(firmware.activate(), 'success'));
  for (let n = 0; n < 6; n++) count(meter);
}

const factsOf = ({ metrology, books, firmware }: Meter) => ({
  wattHours: metrology.delivered.wattHours,
  entries: metrology.loadProfile.entries(),
  snapshots: books.billing.snapshots,
  running: firmware.running('application'),
});

/** Lives until the disk dies; the meter as it was last seen, if it got that far. */
function live(disk: StorageDevice): Meter | undefined {
  let meter: Meter | undefined;
  try {
    meter = open(disk, startMs);
    update(meter);
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error;
  }
  return meter;
}

const immortal = mortalDisk(diskBytes, Number.POSITIVE_INFINITY, 'lost', seededRandom(1));
const truth = factsOf(live(immortal.device) ?? assert.fail());
/** Cuts between each octet would take minutes: a prime stride meets every kind of write, and each step of the update many times. */
const stride = 97;

describe('a firmware update', () => {
  test('without a cut ends with the new firmware, and with what was counted meanwhile', () => {
    assert.deepEqual(truth.running, { version: '2.0.0', rollbackNumber: 5, checksum: sha256(payload) });
    assert.equal(truth.wattHours, 6 + 1 + 1 + Math.ceil(image.length / blockSize) + 2 + 6);
    assert.ok(truth.entries.length >= 4 && truth.snapshots.length === 1);
  });
  for (const fate of fates) {
    test(`cut anywhere, unsynced octets ${fate}: registers, profile and billing are as they stood, one whole firmware runs, and the update can be ended`, () => {
      const seen = new Set<string>();
      for (let cut = 0; cut < immortal.written(); cut += stride) {
        const disk = mortalDisk(diskBytes, cut, fate, seededRandom(cut));
        const died = live(disk.device);
        const flashed = died?.metrology.delivered.wattHours ?? 0;
        const again = open(found(disk.durable), died?.countedToMs ?? startMs);
        const kept = factsOf(again);
        const where = `cut at ${cut}`;
        assert.ok(
          kept.wattHours === flashed || kept.wattHours === flashed - 1,
          `${where}: ${kept.wattHours} of ${flashed}`,
        );
        assert.deepEqual(kept.entries, truth.entries.slice(0, kept.entries.length), where);
        const inMemory = died?.metrology.loadProfile.ring.length ?? 0;
        assert.ok(
          inMemory - kept.entries.length <= 1,
          `${where}: ${kept.entries.length} of ${inMemory} entries`,
        );
        assert.deepEqual(kept.snapshots, truth.snapshots.slice(0, kept.snapshots.length), where);
        if (died && died.books.billing.snapshots.length > 0 && died.firmware.blockCount > 0)
          assert.equal(kept.snapshots.length, 1, where);
        const isNew = kept.running.version === '2.0.0';
        assert.deepEqual(kept.running, isNew ? truth.running : old, where);
        seen.add(isNew ? 'new' : `blocks ${again.firmware.blockCount > 0}`);
        update(again);
        assert.deepEqual(again.firmware.running('application'), truth.running, where);
        assert.ok(again.metrology.delivered.wattHours > kept.wattHours, where);
      }
      assert.deepEqual([...seen].sort(), ['blocks false', 'blocks true', 'new']);
    });
  }
});
