/** The one place where a meter meets a network: it answers on links, over TCP or any other carrier. */
import type { Clock, Random } from '@wattline/base';
import { type Address, type Link, type Listener, listenTcp } from '@wattline/network';
import {
  createServerConnection,
  type HdlcOptions,
  type LogicalDevice,
  type ServerEvent,
} from '@wattline/protocols/dlms';

/** How a meter answers. */
export interface ServeOptions {
  readonly random: Random;
  readonly clock: Clock;
  /** Largest APDU it takes and sends, octets; default 1024. */
  readonly maxPduSize?: number;
  /** Frames by HDLC (IEC 62056-46) in place of the TCP wrapper. */
  readonly hdlc?: HdlcOptions;
  /** HDLC: half a frame is forgotten after this long without an octet; default 500, as octets over IP may come late. */
  readonly interOctetMs?: number;
  /** A link silent for this long is closed; default five minutes. */
  readonly idleMs?: number;
  /** Links at a time; default 8. */
  readonly maxLinks?: number;
  /** While it says false, links are closed as soon as they open: a meter without power or out of reach. */
  readonly isReachable?: () => boolean;
  readonly onEvent?: (event: ServerEvent, peer: string) => void;
}

const defaultIdleMs = 300_000;
const defaultInterOctetMs = 500;
const defaultMaxLinks = 8;
/** A peer that asks and never takes the answers is cut off at this many octets waiting. */
const mostPendingOctets = 4 << 20;

/** Answers on one link until it closes. */
export function attachMeter(device: LogicalDevice, link: Link, options: ServeOptions): void {
  const { random, clock, maxPduSize, hdlc, idleMs = defaultIdleMs, onEvent } = options;
  const { interOctetMs = defaultInterOctetMs } = options;
  const connection = createServerConnection(device, {
    random,
    ...(maxPduSize === undefined ? {} : { maxPduSize }),
    ...(hdlc === undefined ? {} : { hdlc }),
  });
  let disarm = clock.after(idleMs, () => link.close());
  let disarmPause = () => {};
  link.receive((octets) => {
    disarm();
    disarm = clock.after(idleMs, () => link.close());
    disarmPause();
    if (connection.pause) disarmPause = clock.after(interOctetMs, () => connection.pause?.());
    const { send, events, close } = connection.receive(octets);
    for (const answer of send) link.send(answer);
    for (const event of events) onEvent?.(event, link.peer);
    if (close || link.pendingOctets() > mostPendingOctets) link.close();
  });
  void link.closed.then(() => {
    disarm();
    disarmPause();
  });
}

/** A meter that listens. */
export interface ServedMeter extends Listener {
  /** Closes all links, as a power cut does; the listener stays. */
  dropLinks(): void;
}

/**
 * Listens on TCP, with the wrapper (IEC 62056-47) unless `hdlc` is given; port 0 lets the system choose.
 * @throws CodedError `network/port-taken`, `network/cannot-listen`
 */
export async function serveMeter(
  device: LogicalDevice,
  address: Address,
  options: ServeOptions,
): Promise<ServedMeter> {
  const links = new Set<Link>();
  const listener = await listenTcp(
    address,
    (link) => {
      if (options.isReachable?.() === false) return link.close();
      links.add(link);
      void link.closed.then(() => links.delete(link));
      attachMeter(device, link, options);
    },
    { maxLinks: options.maxLinks ?? defaultMaxLinks },
  );
  const dropLinks = () => {
    for (const link of links) link.close();
  };
  return { ...listener, dropLinks };
}
