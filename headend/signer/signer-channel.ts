/** The head-end's end of the channel: messages out, replies back in order; and sessions in which the head-end only carries octets. */
import type { Readable, Writable } from 'node:stream';
import { type Clock, messageOf } from '@wattline/base';
import type { Address, Dialer, Link } from '@wattline/network';
import { signerError } from './errors.ts';
import { createFrameCutter, encodeFrame } from './frames.ts';
import type { SignerMessage, SignerReply, WireEnd } from './messages.ts';

/** Asks the signer. @throws CodedError `signer/channel-closed` */
export type AskSigner = (message: SignerMessage) => Promise<SignerReply>;

/** A channel over the streams of a signer process. */
export function openSignerChannel(input: Readable, output: Writable): AskSigner {
  const waiting: { resolve: (reply: SignerReply) => void; reject: (error: unknown) => void }[] = [];
  const cutter = createFrameCutter();
  let closed: unknown;
  const close = (error: unknown) => {
    closed ??= error;
    for (const { reject } of waiting.splice(0)) reject(closed);
  };
  input.on('data', (chunk: Uint8Array) => {
    try {
      for (const reply of cutter.push(chunk)) waiting.shift()?.resolve(reply as SignerReply);
    } catch (error) {
      close(error);
    }
  });
  const onEnd = (error?: unknown) =>
    close(signerError('signer/channel-closed', error ? messageOf(error) : ''));
  input.on('end', () => onEnd());
  input.on('error', onEnd);
  output.on('error', onEnd);
  return (message) =>
    new Promise((resolve, reject) => {
      if (closed !== undefined) return reject(closed);
      waiting.push({ resolve, reject });
      output.write(encodeFrame(message));
    });
}

/** What carrying a session needs; deadlines in ms. */
export interface CarryOptions {
  readonly ask: AskSigner;
  readonly dialer: Dialer;
  readonly address: Address;
  readonly clock: Clock;
  readonly hash: string;
  readonly serial: string;
  readonly dialTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** The reader's new pair, sealed for the signer, when the batch changes it. */
  readonly reader?: string;
  /** Told how far a long session is. */
  readonly onProgress?: (progress: { readonly done: number; readonly of: number }) => void;
}

/** Opens a session at the signer and carries octets between it and the meter until it ends. Never throws for the meter's sake. */
export async function carrySession(options: CarryOptions): Promise<WireEnd> {
  const { ask, dialer, address, hash, serial, dialTimeoutMs, reader } = options;
  let link: Link | undefined;
  let session = '';
  try {
    // The link first: a session that cannot reach its meter is not begun.
    link = await dialer.dial(address, dialTimeoutMs);
    const opened = await ask({ kind: 'open', hash, serial, ...(reader ? { reader } : {}) });
    if (opened.kind !== 'session') return failed(opened);
    session = opened.session;
    return opened.end ?? (await pump(link, opened.send, session, options));
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    return {
      kind: 'failed',
      code: typeof code === 'string' ? code : 'unexpected',
      message: messageOf(error),
    };
  } finally {
    link?.close();
    if (session) await ask({ kind: 'close', session }).catch(() => undefined);
  }
}

function pump(
  link: Link,
  first: readonly string[],
  session: string,
  { ask, clock, requestTimeoutMs, onProgress }: CarryOptions,
): Promise<WireEnd> {
  const { promise, resolve, reject } = Promise.withResolvers<WireEnd>();
  let disarm = () => {};
  const silence = (): WireEnd => ({
    kind: 'failed',
    code: 'headend/timeout',
    message: 'the meter was silent',
  });
  const arm = () => {
    disarm();
    disarm = clock.after(requestTimeoutMs, () => resolve(silence()));
  };
  const send = (octets: readonly string[]) => {
    for (const text of octets) link.send(new Uint8Array(Buffer.from(text, 'base64')));
  };
  let turn: Promise<unknown> = Promise.resolve();
  link.receive((octets) => {
    arm();
    turn = turn
      .then(() => ask({ kind: 'octets', session, octets: Buffer.from(octets).toString('base64') }))
      .then((reply) => {
        if (reply.kind !== 'session') return resolve(failed(reply));
        if (reply.progress) onProgress?.(reply.progress);
        send(reply.send);
        if (reply.end) resolve(reply.end);
      })
      .catch(reject);
  });
  void link.closed.then(({ message }) => resolve({ kind: 'failed', code: 'headend/link-closed', message }));
  arm();
  send(first);
  return promise.finally(() => disarm());
}

function failed(reply: SignerReply): WireEnd {
  return reply.kind === 'refused'
    ? { kind: 'failed', code: reply.code, message: reply.message }
    : { kind: 'failed', code: 'signer/message-malformed', message: `an answer '${reply.kind}' to a session` };
}
