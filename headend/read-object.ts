/** Reading attributes of one meter by hand, with any client, mechanism and framing: what `wattline read` does. */
import type { Clock, Random } from '@wattline/base';
import type { Address, Dialer } from '@wattline/network';
import { type ClientOptions, parseObis } from '@wattline/protocols/dlms';
import type { AskedAttribute, MeterReader, ReadValue } from './meter-reader.ts';
import { defaultPolicy } from './policy.ts';
import { logicalNameReader } from './read-logical-names.ts';
import { shortNameReader } from './read-short-names.ts';
import { converse } from './session/session.ts';

/** How to get to a meter. */
export interface MeterAccess {
  readonly dialer: Dialer;
  readonly address: Address;
  /** Client, mechanism, keys, counter, framing and referencing of the association. */
  readonly client: Omit<ClientOptions, 'random'>;
  readonly clock: Clock;
  readonly random: Random;
  /** Longest silence of the meter, ms. */
  readonly timeoutMs?: number;
  /** Times that octets are sent again after silence, where the framing allows it. Default 0. */
  readonly retries?: number;
}

/** What a conversation gave, and what it took. */
export interface Reading<T> {
  readonly value: T;
  readonly serverSystemTitle: Uint8Array | undefined;
  readonly octetsSent: number;
  readonly octetsReceived: number;
  readonly durationMs: number;
}

/** One attribute with what it took. */
export type ReadResult = ReadValue & Omit<Reading<unknown>, 'value'>;

/**
 * Associates, lets `talk` read, releases.
 * @throws CodedError `network/unreachable`, `headend/timeout`, `headend/link-closed`, what `talk` throws, or a code of the dlms room:
 * `dlms/bad-obis`, `dlms/association-rejected`, `dlms/authentication-failed` and the like.
 */
export async function readMeter<T>(
  options: MeterAccess,
  talk: (reader: MeterReader) => Promise<T>,
): Promise<Reading<T>> {
  const { clock, timeoutMs = defaultPolicy.requestTimeoutMs } = options;
  const startedMs = clock.monotonic();
  let found: Pick<Reading<T>, 'value' | 'serverSystemTitle'> | undefined;
  const conversation = await converse(
    {
      ...defaultPolicy,
      ...options,
      deadlines: clock,
      dialTimeoutMs: timeoutMs,
      requestTimeoutMs: timeoutMs,
    },
    async (session) => {
      const reader =
        options.client.referencing === 'sn' ? shortNameReader(session) : logicalNameReader(session);
      found = { value: await talk(reader), serverSystemTitle: session.serverSystemTitle };
    },
  );
  if (!found) throw conversation.error;
  const { octetsSent, octetsReceived } = conversation;
  return { ...found, octetsSent, octetsReceived, durationMs: clock.monotonic() - startedMs };
}

/**
 * Associates, reads one attribute, releases.
 * @throws CodedError as {@link readMeter} and `MeterReader.read`
 */
export async function readObject(options: MeterAccess & AskedAttribute): Promise<ReadResult> {
  parseObis(options.obis);
  const { value, ...took } = await readMeter(options, (reader) => reader.read(options));
  return { ...value, ...took };
}
