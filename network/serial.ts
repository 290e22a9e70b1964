/**
 * Links over a serial port of Linux or macOS: the device file as a terminal in raw mode, eight data bits, no parity (the characters of
 * HDLC, IEC 62056-46 clause 5), with a speed that may change while the link is open. `stty` sets the line, so no native package is needed.
 */
import { execFile } from 'node:child_process';
import { constants, openSync, readdirSync } from 'node:fs';
import { ReadStream, WriteStream } from 'node:tty';
import { messageOf } from '@wattline/base';
import { networkError } from './errors.ts';
import { type CloseReason, closedBecause, type Link, type LinkEnd } from './link.ts';

/** A link whose speed can change, as the opening of an optical port asks for. */
export interface SerialLink extends Link {
  /**
   * Sets the speed of both directions once what was sent before has left.
   * @throws CodedError `network/bad-serial-setting`
   */
  setBaudRate(baudRate: number): Promise<void>;
}

/** Which port, and how fast to begin. */
export interface SerialOptions {
  /** The device file: `/dev/ttyUSB0`. */
  readonly path: string;
  /** Bits a second, default 9600. */
  readonly baudRate?: number;
}

const defaultBaudRate = 9600;
/** Octets kept for a link that has no receiver yet. */
const mostEarlyOctets = 1 << 20;
const sttyTimeoutMs = 5_000;

/**
 * Opens a port. The other end of a line cannot close it: the link ends when it is closed here or the port goes away.
 * @throws CodedError `network/unreachable`, `network/bad-serial-setting`
 */
export async function openSerial({ path, baudRate = defaultBaudRate }: SerialOptions): Promise<SerialLink> {
  const unreachable = (error: unknown) =>
    networkError('network/unreachable', `${path}: ${messageOf(error)}`, { path }, error);
  let input: ReadStream;
  let output: WriteStream;
  try {
    // Without O_NONBLOCK the opening waits for a modem to lift its carrier.
    const flags = constants.O_NOCTTY | constants.O_NONBLOCK;
    input = new ReadStream(openSync(path, constants.O_RDONLY | flags));
    output = new WriteStream(openSync(path, constants.O_WRONLY | flags));
  } catch (error) {
    throw unreachable(error);
  }
  try {
    await setLine(path, ['raw', '-echo', 'cs8', '-parenb', '-cstopb', 'clocal', 'cread', String(baudRate)]);
  } catch (error) {
    input.destroy();
    output.destroy();
    throw error;
  }
  return serialLink(path, input, output);
}

/** Device files that look like serial ports; empty where none can be listed. */
export function listSerialPorts(directory = '/dev'): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => /^(tty(S|USB|ACM|AMA|mxc|O)\d+|cu\..+)$/.test(name))
      .map((name) => `${directory}/${name}`)
      .sort();
  } catch {
    return [];
  }
}

function serialLink(path: string, input: ReadStream, output: WriteStream): SerialLink {
  const { promise: closed, resolve } = Promise.withResolvers<LinkEnd>();
  let handler: ((octets: Uint8Array) => void) | undefined;
  let early: Uint8Array[] = [];
  let earlyOctets = 0;
  let isOpen = true;
  const end = (how: LinkEnd) => {
    if (!isOpen) return;
    isOpen = false;
    input.destroy();
    output.destroy();
    resolve(how);
  };
  const lose = (error?: Error) =>
    end({ reason: 'error', code: 'network/lost', message: error?.message ?? 'the port went away' });
  for (const stream of [input, output]) stream.on('error', lose).once('close', () => lose());
  input.once('end', () => lose());
  input.on('data', (octets: Uint8Array) => {
    if (handler) return handler(octets);
    earlyOctets += octets.length;
    if (earlyOctets <= mostEarlyOctets) early.push(octets);
  });
  /** Resolves once what was sent has been given to the port. */
  const flushed = () =>
    new Promise<void>((done) => {
      if (!isOpen || output.writableLength === 0) return done();
      output.write(new Uint8Array(0), () => done());
    });
  return {
    peer: path,
    closed,
    send(octets) {
      if (isOpen) output.write(octets);
    },
    pendingOctets: () => output.writableLength,
    receive(next) {
      handler = next;
      const waiting = early;
      early = [];
      for (const octets of waiting) next(octets);
    },
    close(why?: CloseReason) {
      void flushed().then(() => end(closedBecause(why)));
    },
    async setBaudRate(baudRate) {
      await flushed();
      await setLine(path, [String(baudRate)]);
    },
  };
}

/** `stty` waits for what is on its way before it changes the line. */
function setLine(path: string, settings: readonly string[]): Promise<void> {
  const flag = process.platform === 'linux' ? '-F' : '-f';
  return new Promise((resolve, reject) => {
    execFile('stty', [flag, path, ...settings], { timeout: sttyTimeoutMs }, (error, _out, problem) => {
      if (!error) return resolve();
      const what = problem.trim().split('\n')[0] || error.message;
      reject(networkError('network/bad-serial-setting', `${path}: ${what}`, { path }, error));
    });
  });
}
