/** The flags of `wattline read` as a client association, and the counter that never hands out a number twice. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { concatBytes, fromHex, makeDirectories, messageOf, type Random, toHex } from '@wattline/base';
import { openFileCounter } from '@wattline/headend';
import type { ClientOptions, Mechanism, Protection, SecurityKeys } from '@wattline/protocols/dlms';
import { serverError } from '../errors.ts';

/** What a person says of the client. */
export interface ClientFlags {
  readonly client: number;
  readonly server: number;
  readonly auth: Mechanism;
  readonly password?: Uint8Array;
  readonly security: Protection;
  readonly ek?: Uint8Array;
  readonly ak?: Uint8Array;
  readonly st?: Uint8Array;
  readonly state?: string;
}

/** Mechanisms that the client speaks. */
export const supportedMechanisms: readonly Mechanism[] = [
  'none',
  'lls',
  'hls2',
  'md5',
  'sha1',
  'gmac',
  'sha256',
];
const withPassword: ReadonlySet<Mechanism> = new Set(['lls', 'hls2', 'md5', 'sha1', 'sha256']);
/** Both system titles enter the proof. */
const withTitle: ReadonlySet<Mechanism> = new Set(['gmac', 'sha256']);

/**
 * The client of an association; flags that do not go together are refused before anything is dialled.
 * @throws CodedError `server/bad-usage`, `server/no-directory`
 */
export function clientOf(flags: ClientFlags, random: Random): Omit<ClientOptions, 'random'> {
  const { auth, security, password, ek } = flags;
  const isCiphered = security !== 'none' || auth === 'gmac';
  const isMissing = (flag: string, why: string) =>
    serverError('server/bad-usage', `${flag}: needed for ${why}`, { flag });
  if (withPassword.has(auth) && !password) throw isMissing('--password', `--auth ${auth}`);
  const why = security === 'none' ? `--auth ${auth}` : `--security ${security}`;
  if (isCiphered && !ek) throw isMissing('--ek', why);
  if (isCiphered && !flags.ak && security !== 'e') throw isMissing('--ak', why);
  const directory = flags.state ?? stateDirectory();
  return {
    clientSap: flags.client,
    serverSap: flags.server,
    mechanism: auth,
    protection: security,
    ...(password ? { secret: password } : {}),
    ...(isCiphered || withTitle.has(auth) ? { systemTitle: flags.st ?? ownTitle(directory, random) } : {}),
    ...(isCiphered && ek ? { keys: keysOf(ek, flags.ak), counter: openCounter(directory, ek) } : {}),
  };
}

function keysOf(ek: Uint8Array, ak: Uint8Array | undefined): SecurityKeys {
  return { suite: ek.length === 32 ? 2 : 0, ek, ak: ak ?? new Uint8Array(0) };
}

/** Where counters live between runs: `$XDG_STATE_HOME/wattline` or `~/.local/state/wattline`. */
function stateDirectory(): string {
  const base = process.env.XDG_STATE_HOME;
  return join(base !== undefined && base !== '' ? base : join(homedir(), '.local', 'state'), 'wattline');
}

/**
 * One counter for each key. A meter has keys of its own, so this is one for each server, known before the server has told its
 * title; and a title and a number never meet twice under one key, which is what GCM stands on.
 */
function openCounter(directory: string, ek: Uint8Array) {
  const name = createHash('sha256').update(ek).digest('hex').slice(0, 32);
  return orNoDirectory(directory, () => openFileCounter(join(directory, 'counters', name)));
}

/** The system title of this person on this machine, made once: two machines with one key must not share a title. */
function ownTitle(directory: string, random: Random): Uint8Array {
  const path = join(directory, 'system-title');
  return orNoDirectory(directory, () => {
    if (existsSync(path)) return fromHex(readFileSync(path, 'utf8').trim());
    makeDirectories(directory, { isPrivate: true });
    const title = concatBytes(new TextEncoder().encode('WTL'), random.bytes(5));
    writeFileSync(`${path}.new`, `${toHex(title)}\n`, { mode: 0o600 });
    renameSync(`${path}.new`, path);
    return title;
  });
}

function orNoDirectory<T>(directory: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const what = `the state directory ${directory} cannot be used: ${messageOf(error)}; choose a writable one with --state`;
    throw serverError('server/no-directory', what, { directory }, error);
  }
}
