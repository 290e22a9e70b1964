/** The flags of `wattline read` as a client association, and the counter that never hands out a number twice. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { codeOf, concatBytes, fromHex, makeDirectories, messageOf, type Random, toHex } from '@wattline/base';
import { openFileCounter } from '@wattline/headend';
import type { ClientOptions, Mechanism, PeerKeys, Protection, SecurityKeys } from '@wattline/protocols/dlms';
import { type Command, Option } from 'commander';
import { serverError } from '../errors.ts';
import { parseOctets, parsePassword, parseSuite } from './octets-flag.ts';
import { wholeNumber } from './shell.ts';
import { readKeyPair, readPublicKey } from './signing-keys.ts';

/** What a person says of the client. */
export interface ClientFlags {
  readonly client: number;
  readonly server: number;
  readonly auth: Mechanism;
  readonly password?: Uint8Array;
  readonly security: Protection;
  readonly suite?: 0 | 1 | 2;
  readonly ek?: Uint8Array;
  readonly ak?: Uint8Array;
  /** `random`, or octets. */
  readonly dk?: Uint8Array | 'random';
  readonly st?: Uint8Array;
  readonly signingKey?: string;
  readonly meterKey?: string;
  readonly counter?: number;
  readonly general?: true;
  readonly gbt?: number;
  readonly sn?: true;
  readonly pdu?: number;
  readonly state?: string;
}

const mechanisms: readonly Mechanism[] = ['none', 'lls', 'hls2', 'md5', 'sha1', 'gmac', 'sha256', 'ecdsa'];
const protections: readonly Protection[] = ['none', 'a', 'e', 'ae'];

/** Adds the flags that say who the client is and how it proves itself. */
export function addClientOptions(command: Command): Command {
  return command
    .option('--client <sap>', 'client SAP', wholeNumber(1, 65_535), 16)
    .option('--server <sap>', 'server SAP', wholeNumber(1, 65_535), 1)
    .addOption(new Option('--auth <mechanism>', 'authentication').choices(mechanisms).default('none'))
    .option('--password <text>', 'secret of lls, hls2, md5, sha1, sha256; octets after 0x', parsePassword)
    .addOption(
      new Option('--security <protection>', 'protection of APDUs').choices(protections).default('none'),
    )
    .option('--suite <number>', 'security suite; default: 0, with keys of 32 octets 2', parseSuite)
    .option('--ek <hex>', 'encryption key (GUEK)', parseOctets([16, 32]))
    .option('--ak <hex>', 'authentication key (GAK)', parseOctets([16, 32]))
    .option('--st <hex>', 'system title of this client; default: one of this machine’s own', parseOctets([8]))
    .option('--signing-key <file>', 'ecdsa: private key of this client, PEM or DER')
    .option('--meter-key <file>', 'ecdsa: public key or certificate of the meter, PEM or DER')
    .option('--counter <number>', 'invocation counters from here on, at least', wholeNumber(0, 0xffff_ffff));
}

const withPassword: ReadonlySet<Mechanism> = new Set(['lls', 'hls2', 'md5', 'sha1', 'sha256']);
/** Both system titles enter the proof. */
const withTitle: ReadonlySet<Mechanism> = new Set(['gmac', 'sha256', 'ecdsa']);

/**
 * The client of an association; flags that do not go together are refused before anything is dialled.
 * @throws CodedError `server/bad-usage`, `server/no-directory`, `server/no-file`
 */
export function clientOf(flags: ClientFlags, random: Random): Omit<ClientOptions, 'random'> {
  const { auth, security, password, ek, dk } = flags;
  const isCiphered = security !== 'none' || auth === 'gmac';
  if (withPassword.has(auth) && !password) throw isMissing('--password', `--auth ${auth}`);
  const why = security === 'none' ? `--auth ${auth}` : `--security ${security}`;
  if (isCiphered && !ek) throw isMissing('--ek', why);
  if (isCiphered && !flags.ak && security !== 'e') throw isMissing('--ak', why);
  if (dk !== undefined && security === 'none') throw isMissing('--security', '--dk');
  const directory = flags.state ?? stateDirectory();
  return {
    clientSap: flags.client,
    serverSap: flags.server,
    mechanism: auth,
    protection: security,
    // A person who names a weak mechanism asks for it.
    allowsWeak: true,
    ...(password ? { secret: password } : {}),
    ...(isCiphered || withTitle.has(auth) ? { systemTitle: flags.st ?? ownTitle(directory, random) } : {}),
    ...(isCiphered && ek
      ? { keys: keysOf(flags, ek), counter: openCounter(directory, ek, flags.counter ?? 0) }
      : {}),
    ...(isCiphered && ek && dk ? { dedicatedKey: dedicatedKeyOf({ dk, ek, directory, random }) } : {}),
    ...(auth === 'ecdsa' ? { signing: signingOf(flags) } : {}),
    ...(flags.general ? { envelope: 'general' } : {}),
    ...(flags.gbt === undefined ? {} : { generalBlockWindow: flags.gbt }),
    ...(flags.sn ? { referencing: 'sn' } : {}),
    ...(flags.pdu === undefined ? {} : { maxPduSize: flags.pdu }),
  };
}

function isMissing(flag: string, why: string) {
  return serverError('server/bad-usage', `${flag}: needed for ${why}`, { flag });
}

/** Keys of one suite, all of its length: 16 octets for 0 and 1, 32 for 2. */
function keysOf({ suite, ak }: ClientFlags, ek: Uint8Array): SecurityKeys {
  const asked = suite ?? (ek.length === 32 ? 2 : 0);
  const length = asked === 2 ? 32 : 16;
  for (const [flag, key] of [
    ['--ek', ek],
    ['--ak', ak],
  ] as const) {
    if (!key || key.length === length) continue;
    const what = `${flag}: expected ${length} octets for suite ${asked}, found ${key.length}`;
    throw serverError('server/bad-usage', what, { flag });
  }
  return { suite: asked, ek, ak: ak ?? new Uint8Array(0) };
}

function signingOf({ signingKey, meterKey }: ClientFlags): PeerKeys {
  if (signingKey === undefined) throw isMissing('--signing-key', '--auth ecdsa');
  if (meterKey === undefined) throw isMissing('--meter-key', '--auth ecdsa');
  return { own: readKeyPair(signingKey), peerPublicKey: readPublicKey(meterKey) };
}

/** A key of its own for each association is the use of a dedicated key; one that is given is for tests against other software. */
function dedicatedKeyOf({
  dk,
  ek,
  directory,
  random,
}: {
  readonly dk: Uint8Array | 'random';
  readonly ek: Uint8Array;
  readonly directory: string;
  readonly random: Random;
}): Uint8Array {
  if (dk === 'random') return random.bytes(ek.length);
  if (dk.length !== ek.length) {
    const what = `--dk: expected ${ek.length} octets as the EK, found ${dk.length}`;
    throw serverError('server/bad-usage', what, { flag: '--dk' });
  }
  bindDedicatedKey(directory, dk, ek);
  return dk;
}

/** Counters are kept by EK, so a dedicated key that came under two of them would see one number twice: it is bound to the first. */
function bindDedicatedKey(directory: string, dk: Uint8Array, ek: Uint8Array): void {
  const path = join(directory, 'dedicated', nameOfKey(dk));
  const owner = orNoDirectory(directory, () => {
    makeDirectories(join(directory, 'dedicated'), { isPrivate: true });
    try {
      writeFileSync(path, nameOfKey(ek), { flag: 'wx', mode: 0o600 });
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    return readFileSync(path, 'utf8');
  });
  if (owner === nameOfKey(ek)) return;
  throw serverError('server/bad-usage', '--dk was used under another EK before: take another or `random`', {
    flag: '--dk',
  });
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
function openCounter(directory: string, ek: Uint8Array, atLeast: number) {
  return orNoDirectory(directory, () =>
    openFileCounter(join(directory, 'counters', nameOfKey(ek)), { atLeast }),
  );
}

/** A name that tells nothing of the key. */
function nameOfKey(key: Uint8Array): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
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
