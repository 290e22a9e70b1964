/**
 * A meter's optical port: it listens for the opening of mode E (IEC 62056-21) at 300 Bd, then answers HDLC at the agreed speed until
 * the client disconnects or falls silent, then listens again.
 */
import { guardLink, type Link } from '@wattline/network';
import type { LogicalDevice, ServerConnection } from '@wattline/protocols/dlms';
import {
  createOpeningServer,
  type OpeningMeter,
  openingLine,
  type ServerOpeningStep,
  withEvenParity,
} from '@wattline/protocols/iec62056-21';
import {
  answer,
  connectionOf,
  idleMsOf,
  mostPendingOctets,
  pauseWatch,
  type ServeOptions,
} from './dialogue.ts';

/** A port in service. */
export interface OpticalPort {
  /** Forgets opening and dialogue: the next request is answered as the first. */
  startOver(): void;
}

/** A link whose speed can be set; a converter behind TCP has none to set. */
type Settable = Link & { setBaudRate?(baudRate: number): Promise<void> };

/** Answers openings and what follows them on an open link. */
export function attachOpticalPort(
  device: LogicalDevice,
  link: Settable,
  options: ServeOptions & { readonly optical: OpeningMeter; readonly onGone?: () => void },
): OpticalPort {
  const opening = createOpeningServer(options.optical);
  /** Set between an opening and its end. */
  let connection: ServerConnection | undefined;
  /** Octets are taken one lot after another: a change of speed waits for what was sent. */
  let turn = Promise.resolve();

  const follow = async ({ send, line, event }: ServerOpeningStep) => {
    if (line === openingLine) await link.setBaudRate?.(line.baud);
    if (send) link.send(link.setBaudRate ? withEvenParity(send) : send);
    if (line && line !== openingLine) await link.setBaudRate?.(line.baud);
    if (event?.kind !== 'opened') return;
    connection = connectionOf(device, { ...options, hdlc: options.hdlc ?? {}, onEvent });
    if (event.rest.length > 0) serve(connection, event.rest);
  };
  const startOver = () => {
    options.onGone?.();
    connection = undefined;
    enqueue(() => follow(opening.reset()));
  };
  const onEvent: NonNullable<ServeOptions['onEvent']> = (event, peer) => {
    options.onEvent?.(event, peer);
    if (event.kind === 'disconnected') startOver();
  };
  const serve = (current: ServerConnection, octets: Uint8Array) => {
    if (answer(current, octets, link, { ...options, onEvent })) startOver();
    guard.sent();
  };
  const take = async (octets: Uint8Array) => {
    if (connection) serve(connection, octets);
    else await follow(opening.receive(octets));
  };
  const enqueue = (act: () => Promise<void>) => {
    // A port that cannot be set is at its end: the link tells why.
    turn = turn
      .then(act)
      .catch(() => link.close({ code: 'network/lost', message: 'the speed cannot be set' }));
  };

  const pause = pauseWatch(link, { ...options, hdlc: options.hdlc ?? {} }, () => connection?.pause?.());
  const guard = guardLink(link, {
    clock: options.clock,
    idleMs: idleMsOf({ ...options, hdlc: options.hdlc ?? {} }),
    mostPendingOctets,
    onIdle: startOver,
  });
  link.receive((octets) => {
    guard.heard();
    pause();
    if (options.isReachable?.() === false) return;
    enqueue(() => take(octets));
  });
  return { startOver };
}
