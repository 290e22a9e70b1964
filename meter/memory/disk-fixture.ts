/** Disks for tests of power cuts: one that dies after so many octets, and what is found on it. */
import type { Random } from '@wattline/base';
import { erased, type StorageDevice } from './storage-device.ts';

/** Power failed while a disk was written. */
export class PowerCut extends Error {}

/** What becomes of writes that were not synced when power fails. */
export const fates = ['lost', 'torn', 'reordered'] as const;
type Fate = (typeof fates)[number];

/** A disk that dies after so many octets: of what was not synced nothing, a first part, or octets here and there survive. */
export function mortalDisk(size: number, lifeBytes: number, fate: Fate, random: Random) {
  const durable = new Uint8Array(size).fill(erased);
  const seen = new Uint8Array(size).fill(erased);
  let waiting: { offset: number; octets: Uint8Array }[] = [];
  let written = 0;
  const die = (): never => {
    for (const { offset, octets } of waiting) {
      octets.forEach((octet, index) => {
        if (fate === 'torn' || (fate === 'reordered' && random.next() < 0.5)) durable[offset + index] = octet;
      });
    }
    throw new PowerCut();
  };
  const device: StorageDevice = {
    size,
    read: (offset, length) => seen.slice(offset, offset + length),
    write(offset, octets) {
      const left = lifeBytes - written;
      const part = octets.slice(0, Math.max(0, left));
      waiting.push({ offset, octets: part });
      written += octets.length;
      if (part.length < octets.length) die();
      seen.set(octets, offset);
    },
    sync() {
      // A cut may also come when all is written and nothing is synced.
      if (written >= lifeBytes) die();
      for (const { offset, octets } of waiting) durable.set(octets, offset);
      waiting = [];
    },
  };
  return { device, durable, written: () => written };
}

/** The disk as it is found when power is back. */
export function found(cells: Uint8Array): StorageDevice {
  const copy = cells.slice();
  return {
    size: copy.length,
    read: (offset, length) => copy.slice(offset, offset + length),
    write: (offset, octets) => copy.set(octets, offset),
    sync() {},
  };
}
