/** Frames of the channel: four octets of length, most significant first, then so many octets of JSON in UTF-8. */
import { concatBytes } from '@wattline/base';
import { signerError } from './errors.ts';

/** Octets one message may have: a batch of 200 meters with evidence fits four times. */
export const messageMax = 262_144;

/** A message as a frame. @throws CodedError `signer/message-too-long` */
export function encodeFrame(message: unknown): Uint8Array {
  const body = Buffer.from(JSON.stringify(message));
  if (body.length > messageMax) {
    throw signerError('signer/message-too-long', `${body.length} octets`, { octets: body.length });
  }
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint32(0, body.length);
  return concatBytes(head, body);
}

/** Cuts a stream into messages; what is held back is never more than one message. */
export interface FrameCutter {
  /** @throws CodedError `signer/message-too-long`, `signer/message-malformed`; the stream cannot be read on after either. */
  push(octets: Uint8Array): unknown[];
}

export function createFrameCutter(): FrameCutter {
  let rest: Uint8Array = new Uint8Array(0);
  return {
    push(octets) {
      rest = concatBytes(rest, octets);
      const messages: unknown[] = [];
      while (rest.length >= 4) {
        const length = new DataView(rest.buffer, rest.byteOffset).getUint32(0);
        if (length > messageMax) {
          throw signerError('signer/message-too-long', `${length} octets`, { octets: length });
        }
        if (rest.length < 4 + length) break;
        messages.push(parse(rest.subarray(4, 4 + length)));
        rest = rest.slice(4 + length);
      }
      return messages;
    },
  };
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw signerError('signer/message-malformed', 'a frame holds no JSON');
  }
}
