/** `POST frames/decode`: octets of any metering capture as trees. Nothing is kept or logged, keys least of all. */
import { codeOf, fromHex, messageOf, toHex } from '@wattline/base';
import type { DecodedFrames, FrameField } from '@wattline/model';
import { describeCapture, type FrameNode } from '@wattline/protocols/dlms';
import type { FastifyInstance } from 'fastify';
import { serverError } from '../errors.ts';
import { octetsOfText } from '../frame-text.ts';
import { describeRoute } from './route.ts';
import { named, type Schema, text } from './schema/index.ts';

/** Characters and octets taken: a tree is some hundred times as long as its octets. */
const mostCharacters = 100_000;
const mostOctets = 16_384;

/** What is sent: octets, and keys as hexadecimal digits. */
export interface FramesToDecode {
  readonly text: string;
  readonly ek?: string;
  readonly ak?: string;
  readonly dk?: string;
  readonly systemTitle?: string;
}

const digits = (description: string, lengths: readonly number[]): Schema =>
  text(description, { pattern: `^(${lengths.map((length) => `[0-9A-Fa-f]{${length * 2}}`).join('|')})?$` });

const body: Schema = {
  type: 'object',
  additionalProperties: false,
  required: ['text'],
  properties: {
    text: text('Hexadecimal digits with whatever stands between them, or a P1 telegram.', {
      maxLength: mostCharacters,
    }),
    ek: digits('Encryption key; empty for none.', [16, 32]),
    ak: digits('Authentication key; empty for none.', [16, 32]),
    dk: digits('Dedicated key; empty for none.', [16, 32]),
    systemTitle: digits('System title of the sender; empty for none.', [8]),
  },
};

export function frameRoutes(app: FastifyInstance): void {
  app.post<{ Body: FramesToDecode }>(
    '/frames/decode',
    describeRoute({
      id: 'decodeFrames',
      tag: 'server',
      access: 'read',
      summary: 'Decodes captured octets into trees of fields',
      description:
        'DLMS/COSEM over TCP wrapper, HDLC, M-Bus or bare, ciphered or not, and P1 telegrams; several frames in a row. It only computes: ' +
        `nothing of the request is kept or logged. At most ${mostOctets} octets.`,
      body,
      response: named('DecodedFrames'),
      problems: [400, 413, 415],
    }),
    async ({ body: given }) => decodeFrames(given),
  );
}

/** The answer to a request. @throws CodedError `server/bad-body` for a text that is no octets. */
export function decodeFrames(given: FramesToDecode): DecodedFrames {
  const octets = octetsGiven(given.text);
  const { frames, problem } = describeCapture(octets, {
    ...(given.ek ? { ek: fromHex(given.ek) } : {}),
    ...(given.ak ? { ak: fromHex(given.ak) } : {}),
    ...(given.dk ? { dk: fromHex(given.dk) } : {}),
    ...(given.systemTitle ? { systemTitle: fromHex(given.systemTitle) } : {}),
  });
  const offset = problem?.where.offset;
  return {
    octets: toHex(octets),
    frames: frames.map(fieldOf),
    problem: problem
      ? { code: problem.code, message: problem.message, offset: typeof offset === 'number' ? offset : null }
      : null,
  };
}

function octetsGiven(given: string): Uint8Array {
  let octets: Uint8Array;
  try {
    octets = octetsOfText(given);
  } catch (error) {
    // What was pasted is not repeated but for the character that was wrong.
    if (codeOf(error) === 'base/bad-hex')
      throw serverError('server/bad-body', `text: ${messageOf(error)}`, { field: 'text' });
    throw error;
  }
  if (octets.length <= mostOctets) return octets;
  const what = `text: expected at most ${mostOctets} octets, found ${octets.length}`;
  throw serverError('server/bad-body', what, { field: 'text' });
}

function fieldOf({ name, offset, length, value, octets, children }: FrameNode): FrameField {
  return {
    name,
    offset,
    length,
    value: value ?? null,
    octets: octets ?? null,
    children: children.map(fieldOf),
  };
}
