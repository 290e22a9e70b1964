/**
 * The client side of the GET figures: a thread of its own that does as little as a client can, so that what is measured is the
 * server. Each connection has an association and one GET under way; requests are made and sealed before the clock starts, and
 * octets come in through one buffer.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { realClock, secureRandom } from '@wattline/base';
import {
  type ClientOptions,
  createClientConnection,
  type SecurityKeys,
  sealPlain,
} from '@wattline/protocols/dlms';

/** What the load thread is told. */
export interface Load {
  readonly port: number;
  /** 16: the public client, in the clear; 2: everything under authenticated encryption. */
  readonly clientSap: number;
  /** How long answers are counted, after a warm-up of `warmUpMs`. */
  readonly forMs: number;
  readonly warmUpMs: number;
  /** GETs under way, each on a connection of its own. */
  readonly connections: number;
}

/** What it tells: answers a second while they were counted. */
export interface LoadReport {
  readonly answersPerSecond: number;
  /** All answers, those of the warm-up too. */
  readonly answered: number;
}

/** Keys of the association that is sealed. */
export const loadKeys: SecurityKeys = {
  suite: 0,
  ek: new Uint8Array(16).map((_, i) => i),
  ak: new Uint8Array(16).map((_, i) => 0xd0 + i),
};
const clientTitle = Uint8Array.from(Buffer.from('HES00001', 'latin1'));
/** Sealed requests kept for each connection; a server that is faster makes them go round, with new numbers. */
const requestsPerSecond = 40_000;
const clock = realClock();

/** A socket whose octets go to whoever listens at the time, without a stream's buffers. */
interface LightSocket {
  readonly socket: Socket;
  listen(take: (octets: Uint8Array) => void): void;
}

function openSocket(port: number, buffer: Uint8Array): LightSocket {
  let taker = (_octets: Uint8Array) => {};
  const callback = (length: number) => {
    taker(buffer.subarray(0, length));
    return true;
  };
  const socket = connect({ port, host: '127.0.0.1', onread: { buffer, callback } });
  socket.setNoDelay(true);
  return { socket, listen: (take) => (taker = take) };
}

/** The GET of the register in its wrapper; sealed under the next number when the client ciphers. */
function requestOf(clientSap: number, invocationCounter: number): Uint8Array {
  const plain = Uint8Array.from([0xc0, 1, 0xc1, 0, 3, 1, 0, 1, 8, 0, 255, 2, 0]);
  const sealer = { keys: loadKeys, systemTitle: clientTitle };
  const sealed = clientSap === 16 ? plain : sealPlain(plain, sealer, { protection: 'ae', invocationCounter });
  const head = clientSap === 16 ? [] : [0xc8, sealed.length];
  return Uint8Array.from([0, 1, 0, clientSap, 0, 1, 0, head.length + sealed.length, ...head, ...sealed]);
}

async function openAssociation(light: LightSocket, options: ClientOptions): Promise<void> {
  await once(light.socket, 'connect');
  const client = createClientConnection(options);
  const aarq = client.request({ kind: 'associate' });
  if (!aarq.ok) throw new Error(`no AARQ: ${aarq.error.message}`);
  const answer = new Promise<Uint8Array>((resolve) => light.listen((octets) => resolve(octets.slice())));
  light.socket.write(aarq.value);
  const { outcome } = client.receive(await answer);
  if (outcome?.kind !== 'associated') throw new Error(`no association: ${outcome?.kind}`);
}

async function runLoad(load: Load): Promise<LoadReport> {
  const { clientSap, port } = load;
  let counter = 0;
  const options: ClientOptions = {
    clientSap,
    serverSap: 1,
    mechanism: 'none',
    protection: clientSap === 16 ? 'none' : 'ae',
    keys: loadKeys,
    systemTitle: clientTitle,
    counter: { next: () => counter++ },
    random: secureRandom(),
  };
  const buffer = new Uint8Array(1024);
  const sockets = Array.from({ length: load.connections }, () => openSocket(port, buffer));
  await Promise.all(sockets.map((socket) => openAssociation(socket, options)));
  const poolSize = Math.ceil(((load.warmUpMs + load.forMs) * requestsPerSecond) / 1000);
  const pool = Array.from({ length: poolSize }, () => requestOf(clientSap, counter++));
  let taken = 0;
  const nextRequest = () => pool[taken++] ?? requestOf(clientSap, counter++);
  return await countAnswers(sockets, nextRequest, load);
}

/** Answers each answer with the next request until the time is over. */
function countAnswers(
  sockets: readonly LightSocket[],
  nextRequest: () => Uint8Array,
  { warmUpMs, forMs }: Load,
): Promise<LoadReport> {
  const beginMs = clock.monotonic() + warmUpMs;
  let answered = 0;
  let counted = 0;
  return new Promise((resolve, reject) => {
    for (const { socket, listen } of sockets) {
      socket.on('error', reject);
      listen((octets) => {
        // Answers are short and come alone: one piece is one answer, and it must be a get-response, not an exception.
        if (octets[8] !== 0xc4 && octets[8] !== 0xcc) reject(new Error(`tag ${octets[8]} answers no GET`));
        const elapsedMs = clock.monotonic() - beginMs;
        answered += 1;
        if (elapsedMs >= 0) counted += 1;
        if (elapsedMs >= forMs) resolve({ answersPerSecond: (counted * 1000) / elapsedMs, answered });
        else socket.write(nextRequest());
      });
      socket.write(nextRequest());
    }
  });
}

if (!isMainThread) parentPort?.postMessage(await runLoad(workerData as Load));
