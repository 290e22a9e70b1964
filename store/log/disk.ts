/** The port to the disk: all the write-ahead log needs of a file system, so that tests can pull the plug. */
import { mkdir, open, readdir, readFile, rename, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';

/** An open file that is only appended to. */
export interface AppendFile {
  /** Writes the parts one after another at the end; nothing is durable before {@link sync}. */
  append(parts: readonly Uint8Array[]): Promise<void>;
  /** Resolves when everything appended is on stable storage (fdatasync). */
  sync(): Promise<void>;
  /** Cuts the file to `length` octets. */
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}

/** A file system. Errors carry Node's `code` (`ENOSPC`, `EIO`, `EROFS`...). */
export interface Disk {
  makeDirectory(path: string): Promise<void>;
  /** Names in a directory. */
  list(directory: string): Promise<string[]>;
  read(path: string): Promise<Uint8Array>;
  /** Creates a new file; fails with `EEXIST` when there is one. */
  create(path: string): Promise<AppendFile>;
  truncate(path: string, length: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes creations, renames and removals in a directory durable. */
  syncDirectory(directory: string): Promise<void>;
  join(directory: string, name: string): string;
}

/** The machine's file system. */
export function machineDisk(): Disk {
  return {
    makeDirectory: async (path) => {
      await mkdir(path, { recursive: true });
    },
    list: (directory) => readdir(directory),
    read: (path) => readFile(path),
    create: createFile,
    truncate: async (path, length) => {
      await truncate(path, length);
      await withHandle(path, 'r+', (handle) => handle.datasync());
    },
    rename,
    remove: (path) => rm(path, { force: true }),
    syncDirectory,
    join,
  };
}

async function createFile(path: string): Promise<AppendFile> {
  const handle = await open(path, 'ax');
  return {
    async append(parts) {
      let rest = parts.filter((part) => part.length > 0);
      while (rest.length > 0) {
        const { bytesWritten } = await handle.writev(rest);
        rest = dropOctets(rest, bytesWritten);
      }
    },
    sync: () => handle.datasync(),
    truncate: (length) => handle.truncate(length),
    close: () => handle.close(),
  };
}

/** What is left of `parts` after their first `count` octets: a write may take less than it was given. */
function dropOctets(parts: readonly Uint8Array[], count: number): Uint8Array[] {
  let left = count;
  const rest: Uint8Array[] = [];
  for (const part of parts) {
    if (left >= part.length) left -= part.length;
    else {
      rest.push(left > 0 ? part.subarray(left) : part);
      left = 0;
    }
  }
  return rest;
}

async function syncDirectory(directory: string): Promise<void> {
  // Windows has no handle on a directory to sync: its file systems order these changes themselves.
  if (process.platform === 'win32') return;
  await withHandle(directory, 'r', (handle) => handle.sync());
}

async function withHandle(
  path: string,
  flags: string,
  act: (handle: Awaited<ReturnType<typeof open>>) => Promise<void>,
): Promise<void> {
  const handle = await open(path, flags);
  try {
    await act(handle);
  } finally {
    await handle.close();
  }
}
