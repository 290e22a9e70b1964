/** Links over TCP. */
import { createConnection, createServer, type Socket } from 'node:net';
import { networkError } from './errors.ts';
import {
  type Address,
  type CloseReason,
  closedBecause,
  closedByPeer,
  type Dialer,
  type Link,
  type LinkEnd,
  type Listener,
} from './link.ts';

/** Dials over TCP; Nagle's delay is off, as DLMS is a dialogue of small frames. */
export const tcpDialer: Dialer = {
  dial(address, timeoutMs) {
    return new Promise((resolve, reject) => {
      const socket = createConnection({ ...address, noDelay: true, timeout: timeoutMs });
      const fail = (message: string, cause?: unknown) => {
        socket.destroy();
        const where = { host: address.host, port: address.port };
        reject(
          networkError('network/unreachable', `${address.host}:${address.port}: ${message}`, where, cause),
        );
      };
      socket.once('timeout', () => fail(`no answer within ${timeoutMs} ms`));
      socket.once('error', (error) => fail(error.message, error));
      socket.once('connect', () => {
        socket.removeAllListeners('timeout');
        socket.removeAllListeners('error');
        socket.setTimeout(0);
        resolve(linkOf(socket));
      });
    });
  },
};

/**
 * Listens on TCP; port 0 lets the system choose. At most `maxLinks` are open at once, the next is closed at once.
 * @throws CodedError `network/port-taken`, `network/cannot-listen`
 */
export function listenTcp(
  address: Address,
  onLink: (link: Link) => void,
  options: { readonly maxLinks?: number } = {},
): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const open = new Set<Socket>();
    const server = createServer({ noDelay: true }, (socket) => {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      onLink(linkOf(socket));
    });
    server.maxConnections = options.maxLinks ?? 10_000;
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(address, error)));
    server.listen(address.port, address.host, () => {
      const bound = server.address() as { port: number };
      const close = () =>
        new Promise<void>((done) => {
          server.close(() => done());
          for (const socket of open) socket.destroy();
        });
      resolve({ address: { host: address.host, port: bound.port }, close });
    });
  });
}

/** The coded error for a port that cannot be listened on, whatever the carrier. */
export function listenError(address: Address, error: NodeJS.ErrnoException): Error {
  const isTaken = error.code === 'EADDRINUSE';
  const message = isTaken ? `port ${address.port} is already in use` : error.message;
  return networkError(
    isTaken ? 'network/port-taken' : 'network/cannot-listen',
    message,
    { ...address },
    error,
  );
}

function linkOf(socket: Socket): Link {
  let handler: ((octets: Uint8Array) => void) | undefined;
  let early: Uint8Array[] = [];
  let closing: { readonly why: CloseReason | undefined } | undefined;
  let problem: string | undefined;
  socket.on('data', (octets: string | Uint8Array) => {
    if (typeof octets === 'string') return;
    if (handler) handler(octets);
    else early.push(octets);
  });
  socket.on('error', (error) => {
    problem = error.message;
  });
  const closed = new Promise<LinkEnd>((resolve) => {
    socket.once('close', () => {
      if (problem !== undefined) resolve({ reason: 'error', code: 'network/lost', message: problem });
      else resolve(closing ? closedBecause(closing.why) : closedByPeer);
    });
  });
  return {
    peer: `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? 0}`,
    closed,
    send: (octets) => {
      if (socket.writable) socket.write(octets);
    },
    pendingOctets: () => socket.writableLength,
    receive: (next) => {
      handler = next;
      const waiting = early;
      early = [];
      for (const octets of waiting) next(octets);
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close: (why) => {
      closing ??= { why };
      socket.end();
      socket.destroySoon();
    },
  };
}
