/**
 * A disk in memory whose plug can be pulled: what was not synced is lost, kept or torn, octet for octet as a seed says.
 * Faults: a power cut at the n-th operation, a full disk, a failing sync, a read-only directory.
 */
import { CodedError, type Random } from '@wattline/base';
import type { AppendFile, Disk } from './disk.ts';

interface Inode {
  /** What reads see. */
  octets: Uint8Array;
  /** What a power cut cannot take. */
  durable: Uint8Array;
}

/** What goes wrong, and when; counts are of operations from the start. */
export interface DiskFaults {
  /** The operation before which the plug is pulled; it and all later ones fail. */
  readonly cutAt?: number;
  /** Octets the disk holds. */
  readonly capacity?: number;
  /** The sync that fails with EIO, counted from 1. */
  readonly failingSync?: number;
  readonly isReadOnly?: boolean;
}

/** A {@link Disk} in memory. */
export interface SimulatedDisk extends Disk {
  /** Operations so far. */
  operations(): number;
  /** Whether the plug was pulled. */
  isCut(): boolean;
  /** The disk as it is found when power returns; what was not synced is decided by `random`. */
  afterPowerCut(random: Random, faults?: DiskFaults): SimulatedDisk;
  /** Flips one bit of a file, as a bad sector would. */
  flipBit(path: string, bit: number): void;
}

/** An empty simulated disk. */
export function simulatedDisk(faults: DiskFaults = {}): SimulatedDisk {
  return diskWith(new Map(), faults);
}

type Directory = Map<string, Inode>;

function diskWith(initial: Directory, faults: DiskFaults): SimulatedDisk {
  /** Names as reads see them, and as the last sync of the directory left them. */
  const names: Directory = new Map(initial);
  let durableNames: Directory = new Map(initial);
  let operations = 0;
  let syncs = 0;
  let isCut = false;

  /** Counts an operation, lets others in between, and fails when the power is gone. */
  async function step(): Promise<void> {
    operations++;
    if (faults.cutAt !== undefined && operations >= faults.cutAt) isCut = true;
    if (isCut) throw systemError('EPOWER', 'the power is gone');
    await Promise.resolve();
  }

  function writing(): void {
    if (faults.isReadOnly) throw systemError('EROFS', 'read-only file system');
  }

  function inodeAt(path: string): Inode {
    const inode = names.get(path);
    if (!inode) throw systemError('ENOENT', `no such file: ${path}`);
    return inode;
  }

  async function sync(inode: Inode): Promise<void> {
    await step();
    if (++syncs === faults.failingSync) throw systemError('EIO', 'input/output error');
    inode.durable = inode.octets;
  }

  function used(): number {
    let octets = 0;
    for (const inode of names.values()) octets += inode.octets.length;
    return octets;
  }

  function append(inode: Inode, part: Uint8Array): void {
    const room = (faults.capacity ?? Number.POSITIVE_INFINITY) - used();
    const fits = part.subarray(0, Math.max(0, Math.min(part.length, room)));
    const longer = new Uint8Array(inode.octets.length + fits.length);
    longer.set(inode.octets);
    longer.set(fits, inode.octets.length);
    inode.octets = longer;
    if (fits.length < part.length) throw systemError('ENOSPC', 'no space left on device');
  }

  function openFile(inode: Inode): AppendFile {
    return {
      async append(parts) {
        for (const part of parts) {
          await step();
          append(inode, part);
        }
      },
      sync: () => sync(inode),
      async truncate(length) {
        await step();
        inode.octets = inode.octets.slice(0, length);
      },
      close: step,
    };
  }

  return {
    operations: () => operations,
    isCut: () => isCut,
    join: (directory, name) => `${directory}/${name}`,
    async makeDirectory() {
      writing();
      await step();
    },
    async list(directory) {
      await step();
      return [...names.keys()]
        .filter((path) => path.startsWith(`${directory}/`))
        .map((path) => path.slice(directory.length + 1));
    },
    async read(path) {
      await step();
      return inodeAt(path).octets;
    },
    async create(path) {
      writing();
      await step();
      if (names.has(path)) throw systemError('EEXIST', `file exists: ${path}`);
      const inode = { octets: new Uint8Array(0), durable: new Uint8Array(0) };
      names.set(path, inode);
      return openFile(inode);
    },
    async truncate(path, length) {
      await step();
      const inode = inodeAt(path);
      inode.octets = inode.octets.slice(0, length);
      await sync(inode);
    },
    async rename(from, to) {
      await step();
      names.set(to, inodeAt(from));
      names.delete(from);
    },
    async remove(path) {
      await step();
      names.delete(path);
    },
    async syncDirectory() {
      await step();
      durableNames = new Map(names);
    },
    flipBit(path, bit) {
      const inode = inodeAt(path);
      const flipped = inode.octets.slice();
      flipped[bit >>> 3] = (flipped[bit >>> 3] as number) ^ (1 << (bit & 7));
      inode.octets = flipped;
      inode.durable = flipped;
    },
    afterPowerCut(random, next = {}) {
      const found: Directory = new Map();
      for (const path of new Set([...names.keys(), ...durableNames.keys()])) {
        const now = names.get(path);
        const before = durableNames.get(path);
        // A change of the directory that was not synced may have reached the disk or not.
        const inode = now === before || random.next() < 0.5 ? now : before;
        if (inode) found.set(path, survivorOf(inode, random));
      }
      return diskWith(found, next);
    },
  };
}

/** A file after the cut: its synced octets, and of the rest some, none, or garbage in places. */
function survivorOf(inode: Inode, random: Random): Inode {
  const { durable, octets } = inode;
  const isLonger = octets.length > durable.length;
  let kept = durable;
  if (isLonger) {
    const length = durable.length + random.below(octets.length - durable.length + 1);
    kept = octets.slice(0, length);
    const isTorn = length > durable.length && random.next() < 0.4;
    if (isTorn) {
      const at = durable.length + random.below(length - durable.length);
      const run = Math.min(length - at, 1 + random.below(64));
      kept.set(random.next() < 0.5 ? new Uint8Array(run) : random.bytes(run), at);
    }
  } else if (octets.length < durable.length && random.next() < 0.5) kept = octets;
  return { octets: kept, durable: kept };
}

function systemError(code: string, message: string): CodedError {
  return new CodedError(code, message);
}
