/** The signer as the head-end runs it: a process of its own, started again when it ends; and the enrolling step before it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type Clock, CodedError, type Log, messageOf } from '@wattline/base';
import { signerError } from './errors.ts';
import { type AskSigner, openSignerChannel } from './signer-channel.ts';

/** A channel to a signer that may come and go. */
export interface SignerLink {
  /** Opens the channel, and keeps it open; before it the signer's directory may still be filled. */
  start(): void;
  /** Rejects with `signer/channel-closed` while no signer is there. */
  readonly ask: AskSigner;
  close(): Promise<void>;
}

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const enrolProgram = fileURLToPath(new URL('./enrol.ts', import.meta.url));
const firstPauseMs = 1_000;
const longestPauseMs = 60_000;

/** What a link is given. */
export interface SignerLinkOptions {
  readonly clock: Clock;
  readonly log: Log;
}

/** A signer process over `directory`, started again when it ends; it ends with its standard input. */
export function keepSigner(
  directory: string,
  options: SignerLinkOptions & { readonly onStart?: (pid: number) => void },
): SignerLink {
  return keepChannel(options, () => {
    const child = spawn(process.execPath, [main, directory], { stdio: ['pipe', 'pipe', 'inherit'] });
    if (child.pid !== undefined) options.onStart?.(child.pid);
    return {
      input: child.stdout,
      output: child.stdin,
      ended: new Promise((resolve) => {
        child.on('exit', (code, signal) => resolve(`exit ${code ?? signal}`));
        child.on('error', (error) => resolve(messageOf(error)));
      }),
      end: () => child.stdin.end(),
    };
  });
}

/** The signer of another user or another machine, by the local socket it listens on (or that is forwarded to it). */
export function connectSigner(path: string, options: SignerLinkOptions): SignerLink {
  return keepChannel(options, () => {
    const socket = connect(path);
    return {
      input: socket,
      output: socket,
      ended: new Promise((resolve) => {
        socket.on('error', (error) => resolve(messageOf(error)));
        socket.on('close', () => resolve('closed'));
      }),
      end: () => socket.destroy(),
    };
  });
}

/** A channel, and how it is seen to end. */
interface Channel {
  readonly input: Readable;
  readonly output: Writable;
  readonly ended: Promise<string>;
  end(): void;
}

function keepChannel({ clock, log }: SignerLinkOptions, open: () => Channel): SignerLink {
  let ask: AskSigner = closedChannel;
  let isClosed = false;
  let pauseMs = firstPauseMs;
  let cancel = () => {};
  let channel: Channel | undefined;

  const start = () => {
    channel = open();
    const startedMs = clock.monotonic();
    ask = openSignerChannel(channel.input, channel.output);
    void channel.ended.then((how) => {
      ask = closedChannel;
      if (isClosed) return;
      // One that stood for long is opened anew soon; one that cannot open is not tried in a loop.
      pauseMs = clock.monotonic() - startedMs > longestPauseMs ? firstPauseMs : pauseMs * 2;
      log.error({ how, pauseMs }, 'the channel to the signer ended');
      cancel = clock.after(Math.min(pauseMs, longestPauseMs), start);
    });
  };
  return {
    start,
    ask: (message) => ask(message),
    async close() {
      isClosed = true;
      cancel();
      channel?.end();
      await channel?.ended;
    },
  };
}

const closedChannel: AskSigner = () =>
  Promise.reject(signerError('signer/channel-closed', 'no signer runs at present'));

/** What enrolling a shipment told. */
export interface EnrolReport {
  readonly enrolled: number;
  readonly without: number;
  readonly refused: readonly { readonly row: number; readonly code: string }[];
  /** The signer's public key, for the head-end to know it by. */
  readonly recipient: string;
}

/**
 * Enrols a shipment file in a process of its own, so that this one never has its management keys in memory.
 * @throws CodedError with the code of the enrolling process
 */
export async function enrolShipmentFile(
  directory: string,
  path: string,
): Promise<{ readonly stripped: string; readonly report: EnrolReport }> {
  const child = spawn(process.execPath, [enrolProgram, directory, path], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  const [stripped, told] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await ended) as [number | null];
  const said = parseLine(told.trim().split('\n').at(-1) ?? '');
  if (code === 0 && 'enrolled' in said) return { stripped, report: said as unknown as EnrolReport };
  const { code: reason = 'signer/enrolment-invalid', message = 'the enrolling process failed' } = said;
  throw new CodedError(String(reason), String(message), { path });
}

function parseLine(line: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return { message: line.slice(0, 400) };
  }
}
