/** A power cut at any octet of any write: at most the pulse under way is lost, none is gained; texts are all or nothing. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom } from '@wattline/base';
import type { Meter } from '../meter.ts';
import { testMeter, wattHour } from '../meter-fixture.ts';
import { ColumnRing } from '../registers/column-ring.ts';
import { type EnergyKind, energyKindNames } from '../registers/energy-kind.ts';
import { fates, found, mortalDisk, PowerCut } from './disk-fixture.ts';
import { volatileMemory } from './non-volatile.ts';
import { openPulseMemory } from './pulse-memory.ts';
import { keepRing, ringStorageBytes } from './ring-memory.ts';
import { erased, type StorageDevice, volatileStorage } from './storage-device.ts';
import { openTextMemory } from './text-memory.ts';
import { wearCases, wearOf } from './wear-budget.ts';

const sectorBytes = 512;
const size = 3 * sectorBytes;

interface Pulse {
  readonly kind: EnergyKind;
  readonly rate: number;
  readonly count: number;
}

/** Pulses of a life: mostly one by one, now and then many at once. */
const life: readonly Pulse[] = Array.from({ length: 130 }, (_, n) => ({
  kind: energyKindNames[(n * 5) % 3] as EnergyKind,
  rate: 1 + ((n * 7) % 8),
  count: n % 41 === 40 ? 1000 : 1,
}));

const totalOf = (registers: ReturnType<ReturnType<typeof openPulseMemory>['registers']>) =>
  Object.values(registers)
    .flat()
    .reduce((sum, count) => sum + count, 0);

/** Lives until the disk dies; tells what the lamp had flashed, before and after the pulse under way. */
function live(device: StorageDevice): { readonly safe: number; readonly flashed: number } {
  let safe = 0;
  let flashed = 0;
  try {
    const memory = openPulseMemory(device, sectorBytes);
    for (const { kind, rate, count } of life) {
      flashed += count;
      memory.record(kind, rate, count);
      safe += count;
    }
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error;
  }
  return { safe, flashed };
}

const whole = mortalDisk(size, Number.POSITIVE_INFINITY, 'lost', seededRandom(1));
live(whole.device);
const lifeBytes = whole.written();

describe('the registers', () => {
  for (const fate of fates) {
    test(`at every octet of ${lifeBytes} written, unsynced octets ${fate}: at most the pulse under way is lost, none is gained`, () => {
      for (let cut = 0; cut <= lifeBytes; cut++) {
        const disk = mortalDisk(size, cut, fate, seededRandom(cut));
        const { safe, flashed } = live(disk.device);
        const memory = openPulseMemory(found(disk.durable), sectorBytes);
        const kept = totalOf(memory.registers());
        assert.ok(
          kept === safe || kept === flashed,
          `cut at ${cut}: kept ${kept}, flashed ${safe} to ${flashed}`,
        );
      }
    });
  }
  test('power that fails again while they are opened loses nothing more', () => {
    for (let cut = 0; cut <= lifeBytes; cut += 97) {
      const disk = mortalDisk(size, cut, 'torn', seededRandom(cut));
      live(disk.device);
      const before = totalOf(openPulseMemory(found(disk.durable), sectorBytes).registers());
      for (let again = 0; again < sectorBytes + 420; again += 13) {
        const second = mortalDisk(size, again, 'torn', seededRandom(again));
        second.durable.set(disk.durable);
        const reading = {
          ...second.device,
          read: (offset: number, length: number) => disk.durable.slice(offset, offset + length),
        };
        try {
          openPulseMemory(reading, sectorBytes);
        } catch (error) {
          if (!(error instanceof PowerCut)) throw error;
        }
        assert.equal(totalOf(openPulseMemory(found(second.durable), sectorBytes).registers()), before);
      }
    }
  });
  test('a flipped bit in the newest records is found: counting goes on from the last sound one', () => {
    const disk = mortalDisk(size, Number.POSITIVE_INFINITY, 'lost', seededRandom(1));
    const { flashed } = live(disk.device);
    for (let bit = 0; bit < size * 8; bit++) {
      const spoilt = disk.durable.slice();
      spoilt[bit >> 3] = (spoilt[bit >> 3] as number) ^ (1 << (bit & 7));
      const kept = totalOf(openPulseMemory(found(spoilt), sectorBytes).registers());
      assert.ok(kept <= flashed, `bit ${bit}: ${kept}`);
    }
  });
  test('what a meter comes with is written once and found again', () => {
    const disk = found(new Uint8Array(size).fill(erased));
    const memory = openPulseMemory(disk, sectorBytes);
    assert.equal(memory.isEmpty, true);
    memory.initialise({ delivered: [5, 7], received: [2] });
    const again = openPulseMemory(disk, sectorBytes);
    assert.equal(again.isEmpty, false);
    assert.deepEqual(again.registers().delivered?.slice(0, 2), [5, 7]);
  });
  test('a meter that is built anew on the same storage goes on from its registers, and its rates sum to the total', () => {
    const storage = found(new Uint8Array(size).fill(erased));
    const startMs = 1_790_000_100_000;
    const lived = (fromMs: number) => {
      const pulses = openPulseMemory(storage, sectorBytes);
      const { meter } = testMeter(
        { startMs: fromMs, initial: { ratesWh: [5, 7], receivedWh: 1 } },
        { pulses },
      );
      for (let n = 0; n < 100; n++) {
        const from = meter.countedToMs;
        meter.accumulate({
          startMs: from,
          endMs: from + 300_000,
          deliveredMws: 1.4 * wattHour,
          receivedMws: 0,
        });
      }
      return meter.metrology.delivered;
    };
    const first = lived(startMs);
    assert.equal(first.wattHours, 12 + 140);
    const second = lived(startMs + 40_000_000);
    assert.equal(second.wattHours, 12 + 280);
    assert.equal(second.rate(1) + second.rate(2), second.wattHours);
    assert.equal(openPulseMemory(storage, sectorBytes).registers().received?.[0], 1);
  });
  test('a storage of one sector is refused: there is no place for the next checkpoint', () => {
    assert.throws(() => openPulseMemory(found(new Uint8Array(512)), 512), { code: 'meter/memory-full' });
  });
});

/** Opens meters one after the other on the same storages, as one that is built anew. */
function onStorages(): (startMs: number) => Meter {
  const memory = volatileMemory();
  const pulseStorage = volatileStorage(64 * 1024);
  const storages = new Map<string, StorageDevice>();
  return (startMs) =>
    testMeter(
      { startMs },
      {
        memory,
        pulses: openPulseMemory(pulseStorage, 4096),
        rings: (name, size) => storages.getOrInsertComputed(name, () => volatileStorage(size)),
      },
    ).meter;
}

describe('the entries of a buffer', () => {
  const kinds = ['float64', 'uint8', 'uint32'] as const;
  const rowOf = (n: number) => [1_790_000_000_000 + n * 900_000, n % 256, n * 1000];
  const rows = (ring: ColumnRing) =>
    Array.from({ length: ring.length }, (_, entry) => kinds.map((_, column) => ring.at(column, entry)));
  const fill = (device: StorageDevice, count: number): number => {
    const ring = new ColumnRing(10, kinds);
    let kept = 0;
    try {
      keepRing(ring, device);
      for (let n = 1; n <= count; n++) {
        ring.append(rowOf(n));
        kept = n;
      }
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
    }
    return kept;
  };
  const bytes = ringStorageBytes({ capacity: 10, width: 3 });
  for (const fate of fates) {
    test(`unsynced octets ${fate}: at every octet each entry is whole, in order, and at most the one under way is missing`, () => {
      const all = mortalDisk(bytes, Number.POSITIVE_INFINITY, fate, seededRandom(1));
      fill(all.device, 27);
      for (let cut = 0; cut <= all.written(); cut++) {
        const disk = mortalDisk(bytes, cut, fate, seededRandom(cut));
        const kept = fill(disk.device, 27);
        const again = new ColumnRing(10, kinds);
        keepRing(again, found(disk.durable));
        const last = rows(again).at(-1)?.[0] === rowOf(kept + 1)[0] ? kept + 1 : kept;
        // The slot of the oldest may be torn by the one that was to replace it.
        const first = last - again.length + 1;
        assert.deepEqual(
          rows(again),
          Array.from({ length: again.length }, (_, index) => rowOf(first + index)),
        );
        assert.ok(again.length >= Math.min(kept, 9), `cut at ${cut}: ${again.length} of ${kept}`);
      }
    });
  }
  test('a meter that is built anew on its storages has its profiles, events, billing periods, maximum demand, long outages and tamper count', () => {
    const open = onStorages();
    const startMs = 1_793_487_600_000;
    const first = open(startMs);
    for (let n = 0; n < 200; n++) {
      const from = first.countedToMs;
      first.accumulate({ startMs: from, endMs: from + 900_000, deliveredMws: n * wattHour, receivedMws: 0 });
    }
    first.recordEvent('batteryLow');
    first.books.billing.close(first.countedToMs);
    const next = first.countedToMs;
    first.accumulate({ startMs: next, endMs: next + 900_000, deliveredMws: 77 * wattHour, receivedMws: 0 });
    first.recordEvent('magnetOccurred');
    first.powerDown();
    first.powerUp(first.countedToMs + 600_000);
    const second = open(first.countedToMs);
    const demandOf = ({ books }: typeof first) => [
      books.demands.of('delivered')?.maximum(),
      books.demands.resetCount,
      books.demands.cumulative.get('delivered'),
    ];
    // The month ended after four quarters, of which the last had 3 Wh; then the command.
    assert.deepEqual(demandOf(first), [{ value: 308, atMs: next + 900_000 }, 2, (3 + 199) * 4]);
    assert.deepEqual(demandOf(second), demandOf(first));
    const outagesOf = ({ outages }: typeof first) => [outages.count, outages.longCount, outages.longSeconds];
    assert.deepEqual(outagesOf(first), [1, 1, 600]);
    assert.deepEqual(outagesOf(second), outagesOf(first));
    assert.equal(second.outages.log.length, 1);
    assert.equal(second.eventRecorder.tamperCount, 1);
    assert.deepEqual(second.metrology.loadProfile.entries(), first.metrology.loadProfile.entries());
    assert.deepEqual(second.events.entries(), first.events.entries());
    assert.deepEqual(second.books.billing.snapshots, first.books.billing.snapshots);
    assert.equal(second.books.billing.count, first.books.billing.count);
    assert.equal(second.metrology.delivered.wattHours, first.metrology.delivered.wattHours);
  });
  test('a meter that was given another capture period has it, and the profile it began then', () => {
    const open = onStorages();
    const first = open(1_793_487_600_000);
    const count = (meter: typeof first, quarters: number) => {
      for (let n = 0; n < quarters; n++) {
        const from = meter.countedToMs;
        meter.accumulate({ startMs: from, endMs: from + 900_000, deliveredMws: wattHour, receivedMws: 0 });
      }
    };
    count(first, 5);
    const management = { name: 'management', role: 'management' };
    assert.equal(first.configuration.set('load-profile', { periodSeconds: 1800 }, management), undefined);
    count(first, 5);
    const entries = first.metrology.loadProfile.entries();
    assert.equal(entries.length, 3);
    const second = open(first.countedToMs);
    count(second, 2);
    assert.equal(second.metrology.intervalSeconds, 1800);
    assert.deepEqual(second.metrology.loadProfile.entries().slice(0, -1), entries);
    assert.deepEqual(second.metrology.loadProfile.entries().at(-1)?.labelMs, second.countedToMs);
  });
});

describe('named texts', () => {
  const write = (device: StorageDevice): number => {
    let synced = -1;
    try {
      const memory = openTextMemory(device, sectorBytes);
      for (let n = 0; n < 25; n++) {
        memory.write('credit', String(n));
        memory.write('switch', String(n));
        memory.sync();
        synced = n;
      }
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
    }
    return synced;
  };
  for (const fate of fates) {
    test(`unsynced octets ${fate}: what was synced together is found together, at every octet`, () => {
      const all = mortalDisk(size, Number.POSITIVE_INFINITY, fate, seededRandom(1));
      write(all.device);
      for (let cut = 0; cut <= all.written(); cut++) {
        const disk = mortalDisk(size, cut, fate, seededRandom(cut));
        const synced = write(disk.device);
        const memory = openTextMemory(found(disk.durable), sectorBytes);
        const kept = Number(memory.read('credit') ?? -1);
        assert.equal(memory.read('switch'), memory.read('credit'));
        assert.ok(kept === synced || kept === synced + 1, `cut at ${cut}: kept ${kept}, synced ${synced}`);
      }
    });
  }
});

describe('wear', () => {
  test('the figure is what a journal really does to its cells', () => {
    const sectors = 4;
    const erases = new Array<number>(sectors).fill(0);
    const cells = found(new Uint8Array(sectors * 1024).fill(erased));
    const counting: StorageDevice = {
      ...cells,
      write(offset, octets) {
        if (octets.length === 1024) erases[offset / 1024] = (erases[offset / 1024] as number) + 1;
        cells.write(offset, octets);
      },
    };
    const memory = openPulseMemory(counting, 1024);
    const pulses = 100_000;
    for (let n = 0; n < pulses; n++) memory.record('delivered', 1, 1);
    const perSecond = pulses / (365.25 * 86_400);
    const { writesPerCellPerYear } = wearOf({
      memory: 'fram',
      sectorBytes: 1024,
      sectors,
      pulsesPerSecond: perSecond,
    });
    for (const count of erases)
      assert.ok(Math.abs(count - writesPerCellPerYear) <= 1, `${count} against ${writesPerCellPerYear}`);
  });
  for (const of of wearCases) {
    test(`${of.sectors} sectors of ${of.sectorBytes} octets of ${of.memory} last twenty years of 100 A in three phases`, () => {
      const { pulsesPerYear, yearsToEndurance } = wearOf(of);
      assert.ok(pulsesPerYear * 20 > 1.2e10);
      assert.ok(yearsToEndurance > 20, String(yearsToEndurance));
    });
  }
});
