/** A non-volatile memory in one file: a journal of JSON lines, compacted when opened; many meters share it. */
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from '@wattline/base';
import { meterError } from '../errors.ts';
import type { NonVolatile } from './non-volatile.ts';

/** A memory on disk. */
export interface FileMemory extends NonVolatile {
  /** Runs `action` with one sync at its end instead of one for each that it asks for; nothing may be sent from within. */
  grouped(action: () => void): void;
  close(): void;
}

/**
 * Opens (and creates) the memory at `path`; its folder must be there. A last line cut off by a crash is left out: it was never synced.
 * @throws CodedError `meter/memory-unreadable`
 */
export function openFileMemory(path: string): FileMemory {
  const values = readJournal(path);
  compact(path, values);
  const handle = openSync(path, 'a');
  const waiting = new Map<string, string>();
  let isGrouped = false;
  let isOpen = true;
  const sync = () => {
    if (isGrouped || waiting.size === 0 || !isOpen) return;
    writeSync(handle, linesOf(waiting));
    fdatasyncSync(handle);
    waiting.clear();
  };
  return {
    read: (name) => values.get(name),
    write(name, value) {
      if (values.get(name) === value) return;
      values.set(name, value);
      waiting.set(name, value);
    },
    sync,
    grouped(action) {
      isGrouped = true;
      try {
        action();
      } finally {
        isGrouped = false;
        sync();
      }
    },
    close() {
      sync();
      if (isOpen) closeSync(handle);
      isOpen = false;
    },
  };
}

function linesOf(values: ReadonlyMap<string, string>): string {
  let lines = '';
  for (const [name, value] of values) lines += `${JSON.stringify([name, value])}\n`;
  return lines;
}

function readJournal(path: string): Map<string, string> {
  const values = new Map<string, string>();
  if (!existsSync(path)) return values;
  const lines = readFileSync(path, 'utf8').split('\n');
  const tail = lines.pop();
  lines.forEach((line, index) => {
    const entry = parseLine(line);
    if (!entry) {
      const what = `${path}: expected a pair of texts in line ${index + 1}, found '${line.slice(0, 40)}'`;
      throw meterError('meter/memory-unreadable', what, { path, line: index + 1 });
    }
    values.set(...entry);
  });
  const last = tail ? parseLine(tail) : undefined;
  if (last) values.set(...last);
  return values;
}

function parseLine(line: string): readonly [string, string] | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (!Array.isArray(value) || value.length !== 2) return undefined;
    const [name, text] = value as unknown[];
    return typeof name === 'string' && typeof text === 'string' ? [name, text] : undefined;
  } catch {
    return undefined;
  }
}

/** The new file stands in full before it takes the place of the old one. */
function compact(path: string, values: ReadonlyMap<string, string>): void {
  try {
    const fresh = openSync(`${path}.new`, 'w', 0o600);
    writeSync(fresh, linesOf(values));
    fsyncSync(fresh);
    closeSync(fresh);
    renameSync(`${path}.new`, path);
    const folder = openSync(dirname(path), 'r');
    fsyncSync(folder);
    closeSync(folder);
  } catch (error) {
    const what = `${path}: the memory cannot be written: ${messageOf(error)}`;
    throw meterError('meter/memory-unreadable', what, { path }, error);
  }
}
