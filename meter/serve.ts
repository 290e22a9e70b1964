/** The one place where a meter meets a network: it answers on links, over TCP, UDP or any other carrier. */
import {
  type Address,
  guardLink,
  type Link,
  type Listener,
  listenTcp,
  listenUdp,
  refusedBecause,
} from '@wattline/network';
import { isWrapped, type LogicalDevice } from '@wattline/protocols/dlms';
import {
  answer,
  connectionOf,
  idleMsOf,
  mostPendingOctets,
  pauseWatch,
  type ServeOptions,
} from './dialogue.ts';
import { noticing } from './link-notice.ts';
import { attachOpticalPort } from './optical-port.ts';

const defaultMaxLinks = 8;
/** Peers at a time over UDP, where those who vanish are missed late. */
const defaultMaxPeers = 256;

/** Answers on one link until it closes. */
export function attachMeter(device: LogicalDevice, link: Link, told: ServeOptions): void {
  const { options, gone } = noticing(device, link, told);
  const { optical } = options;
  if (optical) return void attachOpticalPort(device, link, { ...options, optical, onGone: gone });
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
