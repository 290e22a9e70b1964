/** Links over UDP: one for each peer, a datagram for each `send` (IEC 62056-47: one wrapped APDU in a datagram). */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { networkError } from './errors.ts';
import {
  type Address,
  type CloseReason,
  closedBecause,
  type Dialer,
  type Link,
  type LinkEnd,
  type Listener,
} from './link.ts';
import { listenError } from './tcp.ts';

/** The most that a datagram carries over IPv4, octets. */
const mostOctets = 65_507;
/** Octets kept for a link that has no receiver yet. */
const mostEarlyOctets = 1 << 20;
const defaultMaxLinks = 1_000;

/**
 * Dials over UDP. Nothing is sent yet, so nobody can be missed yet: a link to a closed port ends with `network/unreachable`
 * after its first datagram, a link to a silent host does not end at all.
 */
export const udpDialer: Dialer = {
  dial(address, timeoutMs) {
    return new Promise((resolve, reject) => {
      const socket = socketFor(address.host);
      const fail = (error: Error) => {
        socket.close();
        const { host, port } = address;
        const what = `${host}:${port}: ${error.message}`;
        reject(networkError('network/unreachable', what, { host, port, timeoutMs }, error));
      };
      socket.once('error', fail);
      socket.connect(address.port, address.host, () => {
        socket.removeListener('error', fail);
        const { link, deliver, end } = peerLink(
          `${address.host}:${address.port}`,
          (octets, done) => socket.send(octets, done),
          () => socket.close(),
        );
        socket.on('message', deliver);
        socket.on('error', (error: NodeJS.ErrnoException) => end(lossOf(error)));
        resolve(link);
      });
    });
  },
};

/**
 * Listens on UDP; the first datagram of an address opens its link. At most `maxLinks` (default 1000) are open at once: datagrams of
 * further peers are dropped until one closes, as UDP itself would drop them, or with `replacesSilent` the peer that was silent for longest
 * gives its place. No peer says goodbye over UDP: who takes a link closes it after silence.
 * @throws CodedError `network/port-taken`, `network/cannot-listen`
 */
export function listenUdp(
  address: Address,
  onLink: (link: Link) => void,
  options: { readonly maxLinks?: number; readonly replacesSilent?: boolean } = {},
): Promise<Listener> {
  const { maxLinks = defaultMaxLinks, replacesSilent = false } = options;
  return new Promise((resolve, reject) => {
    const socket = socketFor(address.host);
    const peers = new Map<string, PeerLink>();
    const openPeer = (name: string, { address: host, port }: { address: string; port: number }) => {
      const peer = peerLink(
        name,
        (octets, done) => socket.send(octets, port, host, done),
        () => peers.delete(name),
      );
      peers.set(name, peer);
      onLink(peer.link);
      return peer;
    };
    const refuse = (error: NodeJS.ErrnoException) => reject(listenError(address, error));
    socket.once('error', refuse);
    socket.bind(address.port, address.host, () => {
      socket.removeListener('error', refuse);
      // What one peer's network reports is not the listener's end.
      socket.on('error', () => {});
      socket.on('message', (octets, from) => {
        const name = `${from.address}:${from.port}`;
        const known = peers.get(name);
        if (known && replacesSilent) {
          // The longest silent stands first.
          peers.delete(name);
          peers.set(name, known);
        }
        if (!known && replacesSilent && peers.size >= maxLinks) peers.values().next().value?.link.close();
        const peer = known ?? (peers.size < maxLinks ? openPeer(name, from) : undefined);
        peer?.deliver(octets);
      });
      const close = () =>
        new Promise<void>((done) => {
          for (const { link } of peers.values()) link.close();
          socket.close(() => done());
        });
      resolve({ address: { host: address.host, port: socket.address().port }, close });
    });
  });
}

interface PeerLink {
  readonly link: Link;
  deliver(octets: Uint8Array): void;
  end(end: LinkEnd): void;
}

function peerLink(
  peer: string,
  sendDatagram: (octets: Uint8Array, done: () => void) => void,
  onEnd: () => void,
): PeerLink {
  const { promise: closed, resolve } = Promise.withResolvers<LinkEnd>();
  let handler: ((octets: Uint8Array) => void) | undefined;
  let early: Uint8Array[] = [];
  let earlyOctets = 0;
  let pending = 0;
  let isOpen = true;
  /** Set once no more may be sent: the link ends when what was sent before has gone. */
  let closing: LinkEnd | undefined;
  const end = (how: LinkEnd) => {
    if (!isOpen) return;
    isOpen = false;
    onEnd();
    resolve(how);
  };
  const close = (why?: CloseReason) => {
    closing ??= closedBecause(why);
    if (pending === 0) end(closing);
  };
  const send = (octets: Uint8Array) => {
    if (!isOpen || closing) return;
    if (octets.length > mostOctets) {
      const message = `expected at most ${mostOctets} octets for a datagram, found ${octets.length}`;
      return close({ code: 'network/too-long', message });
    }
    pending += octets.length;
    sendDatagram(octets, () => {
      pending -= octets.length;
      if (closing && pending === 0) end(closing);
    });
  };
  const deliver = (octets: Uint8Array) => {
    if (!isOpen || closing) return;
    if (handler) return handler(octets);
    earlyOctets += octets.length;
    if (earlyOctets <= mostEarlyOctets) early.push(octets);
  };
  const receive = (next: (octets: Uint8Array) => void) => {
    handler = next;
    const waiting = early;
    early = [];
    for (const octets of waiting) next(octets);
  };
  return { link: { peer, closed, send, pendingOctets: () => pending, receive, close }, deliver, end };
}

/** Datagrams that come while the program is busy wait here; the system may grant less. */
const receiveOctets = 4 << 20;

function socketFor(host: string): Socket {
  return createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', recvBufferSize: receiveOctets });
}

/** A closed port answers a datagram with an ICMP message, which the system tells as a refused connection. */
function lossOf(error: NodeJS.ErrnoException): LinkEnd {
  const isNobody = error.code === 'ECONNREFUSED';
  const message = isNobody ? 'nobody listens on the UDP port' : error.message;
  return { reason: 'error', code: isNobody ? 'network/unreachable' : 'network/lost', message };
}
