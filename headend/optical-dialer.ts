/**
 * Dialling through an optical port: the opening of mode E (IEC 62056-21) on any link, then HDLC at the agreed speed. A link that knows no
 * speed, as a converter behind TCP, is taken as it is.
 */
import { type Clock, CodedError } from '@wattline/base';
import type { Dialer, Link } from '@wattline/network';
import {
  type Baud,
  createOpeningClient,
  type LineSetting,
  type OpeningOutcome,
  type OpeningStep,
  openingLine,
  withEvenParity,
} from '@wattline/protocols/iec62056-21';

/** How to open. */
export interface OpticalOptions {
  readonly clock: Clock;
  /** Device address, up to 32 characters; any meter on the line without one. */
  readonly address?: string;
  /** The highest speed this side can be set to, Bd. Default 19200. */
  readonly maxBaud?: Baud;
}

/** Silence that means that the other side has nothing more to say (IEC 62056-21 clause 6.3.14), ms. */
const silenceMs = 1500;
/** Whoever answers waits this long, so that the line has turned (ibid.), ms. */
const reactionMs = 200;
/** Start bit, eight more and a stop bit. */
const bitsPerCharacter = 10;

/**
 * Dials, then opens. Besides what the inner dialer throws: `iec62056-21/no-answer`, `iec62056-21/no-mode-e`,
 * `iec62056-21/refused` and their kin, `network/lost`.
 */
export function opticalDialer(inner: Dialer, options: OpticalOptions): Dialer {
  return {
    async dial(address, timeoutMs) {
      const link = await inner.dial(address, timeoutMs);
      try {
        await open(link, options);
        return link;
      } catch (error) {
        link.close();
        throw error;
      }
    },
  };
}

/** A link whose speed can be set. */
type Settable = Link & { setBaudRate?(baudRate: number): Promise<void> };

async function open(link: Settable, { clock, ...options }: OpticalOptions): Promise<void> {
  // Who dials an optical port knows what it takes: some meters do HDLC and do not say so.
  const opening = createOpeningClient({ ...options, isOfferNeeded: false });
  const { promise, resolve, reject } = Promise.withResolvers<OpeningOutcome>();
  let disarm = () => {};
  /** Steps are followed one after another: a step waits for the line. */
  let turn = Promise.resolve();
  const follow = (step: OpeningStep) => {
    turn = turn.then(() => take(step)).catch(reject);
  };
  const setLine = (line: LineSetting) => link.setBaudRate?.(line.baud);
  const take = async ({ send, line, outcome }: OpeningStep) => {
    disarm();
    if (line === openingLine) await setLine(line);
    if (send) {
      await clock.sleep(reactionMs);
      link.send(link.setBaudRate ? withEvenParity(send) : send);
    }
    if (line && line !== openingLine) await setLine(line);
    if (outcome) return resolve(outcome);
    const sendingMs = ((send?.length ?? 0) * bitsPerCharacter * 1000) / openingLine.baud;
    disarm = clock.after(silenceMs + sendingMs, () => follow(opening.silence()));
  };
  link.receive((octets) => follow(opening.receive(octets)));
  void link.closed.then(({ code, message }) => reject(new CodedError(code, `${link.peer}: ${message}`)));
  follow(opening.start());
  const outcome = await promise.finally(() => disarm());
  if (outcome.kind === 'opened') return;
  const { code, message, where } = outcome.failure;
  throw new CodedError(code, `${link.peer}: ${message}`, where);
}
