/**
 * Registers that survive a power cut at any octet: each pulse is a record of four octets, synced after the lamp has flashed. So a cut
 * loses the pulse under way at most, and never counts one that was not.
 */
import { type EnergyKind, energyKindNames } from '../registers/energy-kind.ts';
import { mostRates } from '../registers/energy-set.ts';
import { type JournalContent, openJournal } from './journal.ts';
import type { StorageDevice } from './storage-device.ts';

/** Rates by kind, whole units, rate 1 first. */
export type KeptRegisters = Readonly<Partial<Record<EnergyKind, readonly number[]>>>;

/** The registers on a storage. */
export interface PulseMemory {
  /** As they were found, changed by what was recorded since; a kind that never counted is left out. */
  registers(): KeptRegisters;
  /** `count` pulses of a kind while a rate from 1 was active: on the storage when it returns. */
  record(kind: EnergyKind, rate: number, count: number): void;
  /** Writes what the meter came with, when the storage was empty. */
  initialise(registers: KeptRegisters): void;
  readonly isEmpty: boolean;
  /** Erase cycles that the sectors have had together. */
  readonly generation: number;
}

/** More pulses at a time than one octet says are a record of their own. */
const mostInShort = 0xfe;
const manyPulses = 0x80;
const wholeState = 0x81;
const bytesPerRegister = 6;

/** Opens (and begins) the registers on a storage of at least two sectors. */
export function openPulseMemory(device: StorageDevice, sectorBytes: number): PulseMemory {
  const counts = new Float64Array(energyKindNames.length * mostRates);
  let isEmpty = true;
  const cellOf = (kind: EnergyKind, rate: number) => energyKindNames.indexOf(kind) * mostRates + rate - 1;
  const content: JournalContent = {
    checkpoint: () => (isEmpty ? new Uint8Array(0) : encodeCounts(counts)),
    restore(checkpoint) {
      if (checkpoint.length === 0) return;
      isEmpty = false;
      counts.set(decodeCounts(checkpoint));
    },
    apply(kind, payload) {
      isEmpty = false;
      if (kind === wholeState) counts.set(decodeCounts(payload));
      else if (kind === manyPulses) {
        const cell = payload[0] as number;
        counts[cell] = (counts[cell] as number) + Buffer.from(payload).readUIntBE(1, bytesPerRegister);
      } else counts[kind - 1] = (counts[kind - 1] as number) + (payload[0] as number);
    },
  };
  const journal = openJournal(device, sectorBytes, content);
  const keep = (kind: number, payload: Uint8Array) => {
    content.apply(kind, payload);
    journal.append(kind, payload);
  };
  return {
    get isEmpty() {
      return isEmpty;
    },
    get generation() {
      return journal.generation;
    },
    registers() {
      const kept: Partial<Record<EnergyKind, readonly number[]>> = {};
      energyKindNames.forEach((kind, index) => {
        const rates = Array.from(counts.subarray(index * mostRates, (index + 1) * mostRates));
        if (rates.some((rate) => rate > 0)) kept[kind] = rates;
      });
      return kept;
    },
    record(kind, rate, count) {
      const cell = cellOf(kind, rate);
      if (count <= mostInShort) keep(cell + 1, Uint8Array.of(count));
      else {
        const payload = Buffer.alloc(1 + bytesPerRegister);
        payload[0] = cell;
        payload.writeUIntBE(count, 1, bytesPerRegister);
        keep(manyPulses, payload);
      }
    },
    initialise(registers) {
      const whole = new Float64Array(counts.length);
      for (const [kind, rates] of Object.entries(registers) as [EnergyKind, readonly number[]][])
        whole.set(rates, cellOf(kind, 1));
      keep(wholeState, encodeCounts(whole));
    },
  };
}

function encodeCounts(counts: Float64Array): Uint8Array {
  const octets = Buffer.alloc(counts.length * bytesPerRegister);
  for (const [index, count] of counts.entries())
    octets.writeUIntBE(count, index * bytesPerRegister, bytesPerRegister);
  return octets;
}

function decodeCounts(octets: Uint8Array): Float64Array {
  const held = Buffer.from(octets);
  const read = (_: unknown, index: number) => held.readUIntBE(index * bytesPerRegister, bytesPerRegister);
  return Float64Array.from({ length: octets.length / bytesPerRegister }, read);
}
