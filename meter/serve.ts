/** The one place where a meter meets a network: it answers on links, over TCP, UDP or any other carrier. */
import type { Clock, Random } from '@wattline/base';
import {
  type Address,
  guardLink,
  type Link,
  type Listener,
  listenTcp,
  listenUdp,
  refusedBecause,
} from '@wattline/network';
import {
  createServerConnection,
  type HdlcOptions,
  isWrapped,
  type LogicalDevice,
  type ServerConnection,
  type ServerEvent,
} from '@wattline/protocols/dlms';

/** How a meter answers. */
export interface ServeOptions {
  readonly random: Random;
  readonly clock: Clock;
  /** Largest APDU it takes and sends, octets; default 1024. */
  readonly maxPduSize?: number;
  /** Frames by HDLC (IEC 62056-46) in place of the wrapper. */
  readonly hdlc?: HdlcOptions;
  /** HDLC: half a frame is forgotten after this long without an octet; default 500, as octets over IP may come late. */
  readonly interOctetMs?: number;
  /** A link silent for this long is closed; default five minutes, with HDLC its inactivity_time_out of two. */
  readonly idleMs?: number;
  /** Links at a time; default 8, peers over UDP 256. */
  readonly maxLinks?: number;
  /** While it says false, links are closed as soon as they open: a meter without power or out of reach. */
  readonly isReachable?: () => boolean;
  readonly onEvent?: (event: ServerEvent, peer: string) => void;
}

const defaultIdleMs = 300_000;
/** Default of inactivity_time_out, class 23 IEC HDLC setup (Blue Book 4.7.2). */
const defaultHdlcIdleMs = 120_000;
const defaultInterOctetMs = 500;
const defaultMaxLinks = 8;
/** Peers at a time over UDP, where those who vanish are missed late. */
const defaultMaxPeers = 256;
/** A peer that asks and never takes the answers is cut off at this many octets waiting. */
const mostPendingOctets = 4 << 20;

/** Answers on one link until it closes. */
export function attachMeter(device: LogicalDevice, link: Link, options: ServeOptions): void {
  const connection = connectionOf(device, options);
  const pause = pauseWatch(link, options, () => connection.pause?.());
  const guard = guardLink(link, {
    clock: options.clock,
    idleMs: idleMsOf(options),
    mostPendingOctets,
  });
  link.receive((octets) => {
    guard.heard();
    pause();
    if (answer(connection, octets, link, options))
      link.close(refusedBecause('the octets cannot be followed'));
    guard.sent();
  });
}

/** Tells the server when octets stopped in the middle of a frame; to be called whenever some come. */
export function pauseWatch(
  link: Link,
  { clock, hdlc, interOctetMs = defaultInterOctetMs }: ServeOptions,
  onPause: () => void,
): () => void {
  if (!hdlc) return () => {};
  let disarm = () => {};
  void link.closed.then(() => disarm());
  return () => {
    disarm();
    disarm = clock.after(interOctetMs, onPause);
  };
}

/** Silence after which a link counts as given up, ms. */
export function idleMsOf({ idleMs, hdlc }: ServeOptions): number {
  return idleMs ?? (hdlc ? defaultHdlcIdleMs : defaultIdleMs);
}

/** A fresh server for one link. */
export function connectionOf(device: LogicalDevice, options: ServeOptions): ServerConnection {
  const { random, maxPduSize, hdlc } = options;
  return createServerConnection(device, {
    random,
    ...(maxPduSize === undefined ? {} : { maxPduSize }),
    ...(hdlc === undefined ? {} : { hdlc }),
  });
}

/** Gives octets to the server and its answers to the link; true when the link is to be closed. */
export function answer(
  connection: ServerConnection,
  octets: Uint8Array,
  link: Link,
  { onEvent }: ServeOptions,
): boolean {
  const { send, events, close } = connection.receive(octets);
  for (const reply of send) link.send(reply);
  for (const event of events) onEvent?.(event, link.peer);
  return close;
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
export function serveMeter(
  device: LogicalDevice,
  address: Address,
  options: ServeOptions,
): Promise<ServedMeter> {
  return serveBy(listenTcp, attachMeter, { device, address, options });
}

/**
 * Listens on UDP with the wrapper (IEC 62056-47 clause 4): one APDU in a datagram. A datagram that is not one whole wrapped APDU is
 * dropped and told to `onEvent`, so that a stray one cannot spoil the dialogue of its address.
 * @throws CodedError `network/port-taken`, `network/cannot-listen`
 */
export function serveMeterOnUdp(
  device: LogicalDevice,
  address: Address,
  options: Omit<ServeOptions, 'hdlc'>,
): Promise<ServedMeter> {
  const attach = (device: LogicalDevice, link: Link, options: ServeOptions) => {
    const onEvent: ServeOptions['onEvent'] = (event, peer) => {
      options.onEvent?.(event, peer);
      // The release is the only goodbye that UDP knows: the place is free for the next peer.
      if (event.kind === 'released') link.close();
    };
    attachMeter(device, wholeDatagrams(link, options), { ...options, onEvent });
  };
  const bounded = { maxLinks: defaultMaxPeers, ...options };
  return serveBy(listenUdp, attach, { device, address, options: bounded });
}

/** The link with datagrams that are no wrapped APDU left out. */
function wholeDatagrams(link: Link, { onEvent }: ServeOptions): Link {
  return {
    ...link,
    receive(handler) {
      link.receive((octets) => {
        if (isWrapped(octets)) return handler(octets);
        const message = `expected one wrapped APDU in a datagram, found ${octets.length} octets`;
        onEvent?.({ kind: 'refused', code: 'dlms/bad-wrapper', message }, link.peer);
      });
    },
  };
}

async function serveBy(
  listen: typeof listenTcp,
  attach: typeof attachMeter,
  {
    device,
    address,
    options,
  }: { readonly device: LogicalDevice; readonly address: Address; readonly options: ServeOptions },
): Promise<ServedMeter> {
  const links = new Set<Link>();
  const onLink = (link: Link) => {
    if (options.isReachable?.() === false) return link.close();
    links.add(link);
    void link.closed.then(() => links.delete(link));
    attach(device, link, options);
  };
  const listener = await listen(address, onLink, { maxLinks: options.maxLinks ?? defaultMaxLinks });
  const dropLinks = () => {
    for (const link of links) link.close();
  };
  return { ...listener, dropLinks };
}
