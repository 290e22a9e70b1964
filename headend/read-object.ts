/** Reading one attribute of one meter by hand, with any client and mechanism: what `wattline read` does. */
import { type Clock, codeOf, type Random } from '@wattline/base';
import type { Address, Dialer } from '@wattline/network';
import {
  type ClientOptions,
  type Data,
  decodeData,
  formatObis,
  parseObis,
  type SelectiveAccess,
} from '@wattline/protocols/dlms';
import { headendError } from './errors.ts';
import { defaultPolicy } from './policy.ts';
import { converse, type Session } from './session/session.ts';

/** What to read and how to get there. */
export interface ReadOptions {
  readonly dialer: Dialer;
  readonly address: Address;
  /** Client, mechanism, keys and counter of the association. */
  readonly client: Omit<ClientOptions, 'random'>;
  /** OBIS code in any form that `parseObis` takes. */
  readonly obis: string;
  /** Default 2: the value of most classes. */
  readonly attribute?: number;
  /** Interface class; looked up by {@link likelyClasses} when not given. */
  readonly classId?: number;
  readonly access?: SelectiveAccess;
  readonly clock: Clock;
  readonly random: Random;
  /** Longest silence of the meter, ms. */
  readonly timeoutMs?: number;
}

/** What came. */
export interface ReadResult {
  readonly classId: number;
  /** OBIS code as six numbers. */
  readonly obis: string;
  readonly attribute: number;
  readonly data: Data;
  /** The A-XDR octets of `data`. */
  readonly encoded: Uint8Array;
  readonly serverSystemTitle: Uint8Array | undefined;
  readonly octetsSent: number;
  readonly octetsReceived: number;
  readonly durationMs: number;
}

/** Interface classes of the objects that have one place (Blue Book 6.2); `pattern` matches the six numbers. */
const classOfObis: readonly { readonly pattern: RegExp; readonly classId: number }[] = [
  { pattern: /^0\.\d+\.1\.0\.0\.255$/, classId: 8 },
  { pattern: /^0\.\d+\.13\.0\.0\.255$/, classId: 20 },
  { pattern: /^0\.\d+\.11\.0\.0\.255$/, classId: 11 },
  { pattern: /^0\.\d+\.10\.\d+\.\d+\.255$/, classId: 9 },
  { pattern: /^0\.\d+\.15\.\d+\.\d+\.255$/, classId: 22 },
  { pattern: /^0\.\d+\.25\.0\.\d+\.255$/, classId: 41 },
  { pattern: /^0\.\d+\.25\.9\.\d+\.255$/, classId: 40 },
  { pattern: /^0\.0\.40\.0\.\d+\.255$/, classId: 15 },
  { pattern: /^0\.0\.41\.0\.0\.255$/, classId: 17 },
  { pattern: /^0\.0\.42\.0\.0\.255$/, classId: 1 },
  { pattern: /^0\.0\.43\.0\.\d+\.255$/, classId: 64 },
  { pattern: /^0\.0\.43\.1\.\d+\.255$/, classId: 1 },
  { pattern: /^0\.\d+\.44\.0\.0\.255$/, classId: 18 },
  { pattern: /^0\.\d+\.96\.3\.10\.255$/, classId: 70 },
  { pattern: /^0\.\d+\.96\.\d+\.\d+\.255$/, classId: 1 },
  { pattern: /^0\.\d+\.17\.0\.\d+\.255$/, classId: 71 },
  { pattern: /^\d+\.\d+\.(98|99)\.\d+\.\d+\.255$/, classId: 7 },
  { pattern: /^0\.\d+\.21\.0\.\d+\.255$/, classId: 7 },
  { pattern: /^1\.\d+\.\d+\.6\.\d+\.255$/, classId: 4 },
  { pattern: /^1\.\d+\.\d+\.[45]\.\d+\.255$/, classId: 5 },
  { pattern: /^1\.\d+\.0\.\d+\.\d+\.255$/, classId: 1 },
  { pattern: /^1\.\d+\.\d+\.\d+\.\d+\.255$/, classId: 3 },
];

/** What is tried when the table's class is not there. */
const fallbackClasses = [3, 1, 7, 8, 4, 5];

/** Classes an object is likely to have, the likeliest first; all but the first are guesses. */
export function likelyClasses(obis: string): readonly number[] {
  const first = classOfObis.find(({ pattern }) => pattern.test(obis))?.classId;
  return first === undefined ? fallbackClasses : [first, ...fallbackClasses.filter((id) => id !== first)];
}

/** Answers that say that the object is there under another class, or not at all. */
const isOtherClass = new Set(['object-undefined', 'object-class-inconsistent', 'object-unavailable']);

/**
 * Associates, reads the attribute, releases.
 * @throws CodedError `network/unreachable`, `headend/timeout`, `headend/attribute-refused` (Data-Access-Result in `where.result`),
 * `headend/object-not-found` (no likely class has it), `headend/value-undecodable`, `headend/link-closed`, or a code of the dlms
 * room: `dlms/bad-obis`, `dlms/association-rejected`, `dlms/authentication-failed` and the like.
 */
export async function readObject(options: ReadOptions): Promise<ReadResult> {
  const { clock, timeoutMs = defaultPolicy.requestTimeoutMs } = options;
  const obis = formatObis(parseObis(options.obis));
  const startedMs = clock.monotonic();
  let found: Pick<ReadResult, 'classId' | 'encoded' | 'serverSystemTitle'> | undefined;
  const conversation = await converse(
    {
      ...defaultPolicy,
      ...options,
      deadlines: clock,
      dialTimeoutMs: timeoutMs,
      requestTimeoutMs: timeoutMs,
    },
    async (session) => {
      found = { ...(await readAny(session, obis, options)), serverSystemTitle: session.serverSystemTitle };
    },
  );
  if (!found) throw conversation.error;
  const decoded = decodeData(found.encoded);
  if (!decoded.ok) {
    const what = `${obis} does not hold Data: ${decoded.error.message}`;
    throw headendError('headend/value-undecodable', what, { obis, code: decoded.error.code });
  }
  const { octetsSent, octetsReceived } = conversation;
  return {
    ...found,
    obis,
    attribute: options.attribute ?? 2,
    data: decoded.value.value,
    octetsSent,
    octetsReceived,
    durationMs: clock.monotonic() - startedMs,
  };
}

async function readAny(
  session: Session,
  obis: string,
  { classId, attribute = 2, access }: ReadOptions,
): Promise<{ readonly classId: number; readonly encoded: Uint8Array }> {
  const classes = classId === undefined ? likelyClasses(obis) : [classId];
  for (const candidate of classes) {
    try {
      const reference = { classId: candidate, obis, attribute, ...(access ? { access } : {}) };
      return { classId: candidate, encoded: await session.get(reference) };
    } catch (error) {
      const result = codeOf(error) === 'headend/attribute-refused' ? whereResult(error) : undefined;
      if (classId !== undefined || result === undefined || !isOtherClass.has(result)) throw error;
    }
  }
  const what = `expected ${obis} in one of the classes ${classes.join(', ')}, the meter has it in none`;
  throw headendError('headend/object-not-found', what, { obis });
}

function whereResult(error: unknown): string | undefined {
  const result = (error as { where?: { result?: unknown } }).where?.result;
  return typeof result === 'string' ? result : undefined;
}
