/** What a running server leaves in its data directory: the token for writing, and where it can be found. */
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeDirectories, messageOf, type Random, toHex } from '@wattline/base';
import { serverError } from '../errors.ts';

/** `<data>/server.json`: how the command line finds the server. */
export interface ServerFile {
  readonly url: string;
  readonly pid: number;
  /** Absolute path of the file with the bearer token. */
  readonly tokenPath: string;
}

const tokenOctets = 32;

/**
 * Makes the directory and everything above it, and proves that it can be written.
 * @throws CodedError `server/no-directory`
 */
export function openDataDirectory(directory: string): void {
  orNoDirectory(directory, () => {
    makeDirectories(directory);
    const probe = join(directory, `.probe-${process.pid}`);
    writeFileSync(probe, '');
    rmSync(probe);
  });
}

/**
 * The bearer token of a data directory: 64 hexadecimal digits in `<directory>/token`, readable by its owner alone; made when
 * missing or malformed.
 * @throws CodedError `server/no-directory`
 */
export function keepToken(directory: string, random: Random): { token: string; path: string } {
  const path = resolve(directory, 'token');
  openDataDirectory(directory);
  return orNoDirectory(directory, () => {
    const kept = existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
    const token = /^[0-9a-f]{64}$/.test(kept) ? kept : toHex(random.bytes(tokenOctets)).toLowerCase();
    if (token === kept) chmodSync(path, 0o600);
    else writeWhole(path, `${token}\n`);
    return { token, path };
  });
}

/**
 * Writes `<directory>/server.json`; the function returned removes it if it is still ours.
 * @throws CodedError `server/no-directory`
 */
export function announceServer(directory: string, file: ServerFile): () => void {
  const path = join(directory, 'server.json');
  orNoDirectory(directory, () => writeWhole(path, `${JSON.stringify(file, null, 2)}\n`));
  return () => {
    if (readServerFile(directory)?.pid === file.pid) rmSync(path, { force: true });
  };
}

/** The server file of a directory, or undefined when there is none that can be read. */
export function readServerFile(directory: string): ServerFile | undefined {
  try {
    const file = JSON.parse(readFileSync(join(directory, 'server.json'), 'utf8')) as Partial<ServerFile>;
    const { url, pid, tokenPath } = file;
    if (typeof url !== 'string' || typeof pid !== 'number' || typeof tokenPath !== 'string') return undefined;
    return { url, pid, tokenPath };
  } catch {
    return undefined;
  }
}

/** Readers see the file as it was or as it is, never half of it. */
function writeWhole(path: string, content: string): void {
  const next = `${path}.new`;
  rmSync(next, { force: true });
  writeFileSync(next, content, { mode: 0o600, flag: 'wx' });
  renameSync(next, path);
}

function orNoDirectory<T>(directory: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const what = `the data directory ${directory} cannot be written: ${messageOf(error)}; choose a writable one with --data`;
    throw serverError('server/no-directory', what, { directory }, error);
  }
}
