/** Serves a signer on a pair of streams: one reply for each message, in order; a stream that cannot be read is ended. */
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { codeOf, messageOf } from '@wattline/base';
import { createFrameCutter, encodeFrame } from './frames.ts';
import type { SignerReply } from './messages.ts';
import type { Signer } from './signer.ts';

/** Answers until the input ends. While an answer is worked out or waits to be read nothing more is read: the peer's flood waits. */
export async function serveSigner(signer: Signer, input: Readable, output: Writable): Promise<void> {
  const cutter = createFrameCutter();
  const send = async (reply: SignerReply) => {
    if (!output.write(encodeFrame(reply))) await once(output, 'drain');
  };
  try {
    for await (const chunk of input as AsyncIterable<Uint8Array>) {
      for (const message of cutter.push(chunk)) await send(await answer(signer, message));
    }
  } catch (error) {
    if (!output.destroyed && output.writable) {
      output.write(encodeFrame({ kind: 'refused', code: codeOf(error), message: messageOf(error) }));
    }
  } finally {
    output.end();
  }
}

async function answer(signer: Signer, message: unknown): Promise<SignerReply> {
  try {
    return await signer.handle(message);
  } catch (error) {
    return { kind: 'refused', code: codeOf(error), message: messageOf(error) };
  }
}
