/** Storage as a journal sees it: octets at offsets, of which only synced ones survive; a file, a chip, or a disk of a test. */
import { closeSync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { messageOf } from '@wattline/base';
import { meterError } from '../errors.ts';

/** A storage. What is written since the last sync may be lost, torn or out of order when power fails. */
export interface StorageDevice {
  /** Octets. */
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
  write(offset: number, octets: Uint8Array): void;
  sync(): void;
}

/** What erased cells read as. */
export const erased = 0xff;

/** A storage that goes with the process. */
export function volatileStorage(size: number): StorageDevice {
  const cells = new Uint8Array(size).fill(erased);
  return {
    size,
    read: (offset, length) => cells.slice(offset, offset + length),
    write: (offset, octets) => cells.set(octets, offset),
    sync() {},
  };
}

/** A part of a storage. */
export function regionOf(device: StorageDevice, offset: number, size: number): StorageDevice {
  return {
    size,
    read: (from, length) => device.read(offset + from, length),
    write: (from, octets) => device.write(offset + from, octets),
    sync: () => device.sync(),
  };
}

/**
 * A storage in a file, made and filled with erased cells when it is not there.
 * @throws CodedError `meter/memory-unreadable`
 */
export function openFileStorage(path: string, size: number): StorageDevice & { close(): void } {
  try {
    // r+ would fail on a new file, a+ would write at its end alone.
    closeSync(openSync(path, 'a'));
    const handle = openSync(path, 'r+');
    const held = fstatSync(handle).size;
    if (held < size) writeSync(handle, new Uint8Array(size - held).fill(erased), 0, size - held, held);
    else if (held > size) ftruncateSync(handle, size);
    return {
      size,
      read(offset, length) {
        const octets = new Uint8Array(length);
        readSync(handle, octets, 0, length, offset);
        return octets;
      },
      write: (offset, octets) => void writeSync(handle, octets, 0, octets.length, offset),
      sync: () => fdatasyncSync(handle),
      close: () => closeSync(handle),
    };
  } catch (error) {
    throw meterError('meter/memory-unreadable', `the storage ${path}: ${messageOf(error)}`, { path }, error);
  }
}
