/**
 * How many GETs a meter process answers on loopback, and how many a process that only sends the same octets back could.
 *
 * On paper: a request is 21 octets and its answer 17; decoding, dispatch and encoding are some 30 small allocations of about 30 ns:
 * 1 us, 1 M/s without a link. Sealed, each side of node:crypto costs about 4 us in calls: 100,000/s. Over loopback TCP a request
 * and its answer cost the server one read and one write of about 5 us each: 100,000/s in one thread, 50,000/s sealed. What the
 * kernel really takes for them on a machine is the bare figure: the same load against a server that has its answer ready. It
 * bounds the plain figure from above; nothing in this repository can make a read and a write cheaper. Sealed, node:crypto comes on
 * top: cipher-pair is the time its calls alone take to open a request and to seal an answer, in this thread and this run.
 */
import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { realClock, secureRandom } from '@wattline/base';
import {
  createServerConnection,
  encodeData,
  type GetResult,
  type LogicalDevice,
} from '@wattline/protocols/dlms';
import { isQuick, printFigure } from '../figure.ts';
import { type Load, type LoadReport, loadKeys } from './get-load.ts';

const publicSap = 16;
const readerSap = 2;
const connections = 32;
const meterTitle = Uint8Array.from(Buffer.from('WTL00001', 'latin1'));

/** A meter with one register, for a client without security (SAP 16) and one under full protection (SAP 2). */
function registerDevice(): LogicalDevice {
  let counter = 0;
  const answer: GetResult = {
    ok: true,
    encoded: encodeData({ type: 'double-long-unsigned', value: 123_456_789 }),
  };
  return {
    systemTitle: meterTitle,
    serverSap: 1,
    policy: (clientSap) =>
      clientSap === publicSap
        ? { clientSap, name: 'public', mechanism: 'none', protection: 'none' }
        : { clientSap, name: 'reader', mechanism: 'none', protection: 'ae', keys: loadKeys },
    counter: () => ({ next: () => counter++ }),
    get: () => answer,
    set: () => 'read-write-denied',
    action: () => ({ result: 'object-undefined' }),
  };
}

/** What a server makes of the octets of one connection: frames to send. */
type Answerer = () => (octets: Uint8Array) => readonly Uint8Array[];

function meterAnswerer(): Answerer {
  const device = registerDevice();
  return () => {
    const connection = createServerConnection(device, { random: secureRandom() });
    return (octets) => connection.receive(octets).send;
  };
}

/** Lets the meter answer the first request of each kind and repeats its octets from then on. */
function repeatingAnswerer(): Answerer {
  const meter = meterAnswerer();
  return () => {
    const answer = meter();
    const known: (readonly Uint8Array[])[] = [];
    let asked = 0;
    // An AARQ first, then GETs.
    return (octets) => (known[Math.min(asked++, 1)] ??= answer(octets));
  };
}

function serve(answerer: Answerer): Server {
  return createServer((socket: Socket) => {
    socket.setNoDelay(true);
    const answer = answerer();
    socket.on('data', (octets: Buffer) => {
      for (const frame of answer(octets)) socket.write(frame);
    });
    socket.on('error', () => socket.destroy());
  });
}

/** What a server did: answers a second after the warm-up, and processor time of its thread for each answer. */
interface Served {
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
}

async function measure(answerer: Answerer, clientSap: number, spanMs: number): Promise<Served> {
  const server = serve(answerer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const load: Load = { port, clientSap, forMs: spanMs, warmUpMs: spanMs / 3, connections };
  const worker = new Worker(new URL('./get-load.ts', import.meta.url), { workerData: load });
  const before = process.threadCpuUsage();
  const [report] = (await once(worker, 'message')) as [LoadReport];
  const { user, system } = process.threadCpuUsage(before);
  await worker.terminate();
  server.close();
  return { perSecond: report.answersPerSecond, cpuMicroseconds: (user + system) / report.answered };
}

/** Opens 17 octets and seals 17 octets with AES-128-GCM, 17 octets besides under the tag, as often as fits: us for the pair. */
function cipherPair(spanMs: number): number {
  const [key, nonce, octets] = [createSecretKey(Buffer.alloc(16, 7)), Buffer.alloc(12), Buffer.alloc(17)];
  const sealing = () => createCipheriv('aes-128-gcm', key, nonce, { authTagLength: 12 }).setAAD(octets);
  const first = sealing();
  const [sealed, , tag] = [first.update(octets), first.final(), first.getAuthTag()];
  const clock = realClock();
  const startMs = clock.monotonic();
  let pairs = 0;
  for (; clock.monotonic() - startMs < spanMs; pairs++) {
    const decipher = createDecipheriv('aes-128-gcm', key, nonce, { authTagLength: 12 });
    decipher.setAAD(octets).setAuthTag(tag);
    const opened = decipher.update(sealed);
    decipher.final();
    const cipher = sealing();
    cipher.update(opened);
    cipher.final();
    cipher.getAuthTag();
  }
  return ((clock.monotonic() - startMs) * 1000) / pairs;
}

const figures = [
  { name: 'plain', clientSap: publicSap, target: 40_000, paperLimit: 100_000 },
  { name: 'encrypted', clientSap: readerSap, target: 20_000, paperLimit: 50_000 },
] as const;

/**
 * Prints `server-get-plain` and `server-get-encrypted`, each beside the bare server in the same run, and the processor time a GET
 * takes, which tells more than the rate where others use the machine too.
 */
export async function benchGetServer(spanMs: number): Promise<void> {
  const size = isQuick ? { size: `${spanMs} ms each` } : {};
  for (const { name, clientSap, target, paperLimit } of figures) {
    const bare = await measure(repeatingAnswerer(), clientSap, spanMs);
    const meter = await measure(meterAnswerer(), clientSap, spanMs);
    const against = (value: number) => ({ name: 'a server that repeats one answer', value });
    printFigure({
      bench: 'dlms',
      figure: `server-get-${name}`,
      value: meter.perSecond,
      unit: 'GET/s per process',
      higherIsBetter: true,
      target,
      paperLimit,
      against: against(Math.round(bare.perSecond)),
      ...size,
    });
    printFigure({
      bench: 'dlms',
      figure: `server-get-${name}-cpu`,
      value: meter.cpuMicroseconds,
      unit: 'us of the server thread per GET',
      higherIsBetter: false,
      paperLimit: 1e6 / paperLimit,
      against: against(Number(bare.cpuMicroseconds.toPrecision(3))),
      ...size,
    });
  }
  printFigure({
    bench: 'dlms',
    figure: 'cipher-pair',
    value: cipherPair(spanMs / 3),
    unit: 'us of node:crypto per sealed GET',
    higherIsBetter: false,
    ...size,
  });
}
