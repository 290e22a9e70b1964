/**
 * How fast does one core take DLMS/COSEM apart, and how many requests does one meter process answer?
 *
 * On paper, per core:
 * - profile-decode: a row of six columns (clock of 12 octets in an octet-string, status, four registers) is 37 octets, so 96
 *   rows are 3.6 kB. AES-GCM opens 1 to 2 GB/s: 3 us; touching every octet twice at 1 ns each: 7 us. 96 rows of 6 values in 10 us
 *   is 57 M values/s; with an allocation for each column and call overheads of node:crypto (5 us) about 30 M.
 * - profile-554: 24 rows of 23 octets. The heads of the rows, the tags and the values are each loaded once: 24 x (2 + 14 + 2 + 5)
 *   loads of which a core does two a cycle at 3 GHz, some 90 ns; ordering and storing take as much again, a clock 5 ns more for
 *   its fields: 300 ns, 3 M profiles/s into columns that are there already. Fresh columns are one buffer, seven views and three
 *   objects of about 60 ns each: 700 ns more, 1 M/s (profile-554-fresh).
 * - server-get: a request is 21 octets and its answer 17; decoding, dispatch and encoding are some 30 small allocations of
 *   about 30 ns: 1 us, 1 M/s without a link. Sealed, each side of node:crypto costs about 4 us in calls: 100,000/s.
 *   Over loopback TCP a request and its answer cost the server one read and one write of about 5 us each: 100,000/s in one
 *   thread, 50,000/s sealed. The load comes from another thread over 32 connections, one GET under way on each.
 * - fuzz: a mutant costs its making (one to four copies of some 200 octets with a random source that hashes: 4 us), two looks at the
 *   clock (0.1 us) and a refusal, which is an error object with its stack (5 us); doors that accept build values or a tree of some
 *   hundred nodes (20 us). Mean over the doors about 15 us: 65,000/s.
 * - fcs: 128 octets at one look-up each; eight are independent of each other and a core does two loads a cycle, so 16 groups of
 *   about 5 cycles at 3 GHz: 27 ns, 37 M frames/s.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { realClock, secureRandom, seededRandom } from '@wattline/base';
import {
  AxdrWriter,
  type ClientOptions,
  createClientConnection,
  createProfileDecoder,
  createServerConnection,
  decodeProfileColumns,
  encodeData,
  frameCheck,
  type GetResult,
  type LogicalDevice,
  openSealed,
  type SecurityKeys,
  sealPlain,
} from '@wattline/protocols/dlms';
import { dlmsTargets } from '../test/fuzz/dlms-targets.ts';
import { runFuzz } from '../test/fuzz/fuzz-run.ts';
import { isQuick, printFigure } from './figure.ts';
import { benchListeningMeters } from './listening-meters.ts';

const clock = realClock();
/** How long each figure is measured, ms. */
const spanMs = isQuick ? 1500 : 6000;
const size = isQuick ? { size: `${spanMs} ms each` } : {};

/** Runs `work` for the span after a tenth of it as warm-up; how often it ran in a second. */
function ratePerSecond(work: () => void): number {
  run(work, spanMs / 5);
  const { count, elapsedMs } = run(work, spanMs);
  return (count * 1000) / elapsedMs;
}

function run(work: () => void, forMs: number): { readonly count: number; readonly elapsedMs: number } {
  const startMs = clock.monotonic();
  let count = 0;
  for (;;) {
    for (let i = 0; i < 64; i++) work();
    count += 64;
    const elapsedMs = clock.monotonic() - startMs;
    if (elapsedMs >= forMs) return { count, elapsedMs };
  }
}

function insist(isRight: boolean, what: string): void {
  if (!isRight) throw new Error(`the bench measured something else: ${what}`);
}

const keys: SecurityKeys = {
  suite: 0,
  ek: new Uint8Array(16).map((_, i) => i),
  ak: new Uint8Array(16).map((_, i) => 0xd0 + i),
};
const meterTitle = Uint8Array.from(Buffer.from('WTL00001', 'latin1'));
const clientTitle = Uint8Array.from(Buffer.from('HES00001', 'latin1'));

/** A day of quarter-hours: clock, status and four registers. */
function dayProfile(): Uint8Array {
  const writer = new AxdrWriter(8192).array(96);
  const startMs = Date.UTC(2026, 5, 1);
  for (let i = 0; i < 96; i++) {
    writer
      .structure(6)
      .dateTime(startMs + (i + 1) * 900_000, 0)
      .unsigned(0)
      .doubleLongUnsigned(1_000_000 + i * 113)
      .doubleLongUnsigned(i * 7)
      .doubleLongUnsigned(50_000 + i)
      .doubleLongUnsigned(i * 3);
  }
  return writer.finish();
}

function benchProfileDecode(): void {
  const sealed = sealPlain(
    dayProfile(),
    { keys, systemTitle: meterTitle },
    { protection: 'ae', invocationCounter: 1 },
  );
  const decode = () => {
    const opened = openSealed(sealed, { keys, systemTitle: meterTitle });
    const columns = opened.ok ? decodeProfileColumns(opened.value.plain) : opened;
    insist(columns.ok && columns.value.rows === 96, 'a day of 96 rows');
  };
  printFigure({
    bench: 'dlms',
    figure: 'profile-decode',
    value: ratePerSecond(decode) * 96,
    unit: 'intervals/s per core',
    higherIsBetter: true,
    target: 3_000_000,
    paperLimit: 5_000_000,
    ...size,
  });
}

/** A day of hours, clock, status and one register: 554 octets in the clear, into columns kept and into fresh ones. */
function benchProfile554(): void {
  const writer = new AxdrWriter(1024).array(24);
  for (let i = 0; i < 24; i++) {
    writer
      .structure(3)
      .dateTime(Date.UTC(2026, 5, 1, i + 1), 0)
      .unsigned(0)
      .doubleLongUnsigned(1_000_000 + i * 113);
  }
  const encoded = writer.finish();
  insist(encoded.length === 554, '554 octets');
  const figures = [
    { figure: 'profile-554', decode: createProfileDecoder(), target: 1_000_000, paperLimit: 3_000_000 },
    { figure: 'profile-554-fresh', decode: decodeProfileColumns, paperLimit: 1_000_000 },
  ];
  for (const { decode, ...figure } of figures) {
    const decodeDay = () => {
      const columns = decode(encoded);
      insist(columns.ok && columns.value.rows === 24, '24 rows');
    };
    printFigure({
      bench: 'dlms',
      value: ratePerSecond(decodeDay),
      unit: 'profiles/s per core',
      higherIsBetter: true,
      ...figure,
      ...size,
    });
  }
}

function benchFcs(): void {
  const frame = seededRandom('fcs').bytes(128);
  const expected = frameCheck(frame);
  printFigure({
    bench: 'dlms',
    figure: 'fcs',
    value: ratePerSecond(() => insist(frameCheck(frame) === expected, 'the same check')),
    unit: 'frames/s per core',
    higherIsBetter: true,
    target: 10_000_000,
    paperLimit: 37_000_000,
    ...size,
  });
}

/** Mutants at every door, as many at each: executions over the time they took. */
function benchFuzz(): void {
  const execs = isQuick ? 2000 : 20_000;
  const reports = dlmsTargets().map((target) => runFuzz(target, { execs, seed: 'bench', clock }));
  for (const { target, crash, trouble } of reports) {
    insist(crash === null && trouble === null, `${target}: ${crash?.message ?? trouble}`);
  }
  const seconds = reports.reduce((sum, report) => sum + report.execs / report.execsPerSecond, 0);
  printFigure({
    bench: 'dlms',
    figure: 'fuzz',
    value: (execs * reports.length) / seconds,
    unit: 'execs/s per core',
    higherIsBetter: true,
    target: 20_000,
    paperLimit: 65_000,
    ...(isQuick ? { size: `${execs} at each of ${reports.length} doors` } : {}),
  });
}

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
      clientSap === 16
        ? { clientSap, name: 'public', mechanism: 'none', protection: 'none' }
        : { clientSap, name: 'reader', mechanism: 'none', protection: 'ae', keys },
    counter: () => ({ next: () => counter++ }),
    get: () => answer,
    set: () => 'read-write-denied',
    action: () => ({ result: 'object-undefined' }),
  };
}

/** What the load thread is told, and what it tells: the answers it had in a span. */
interface Load {
  readonly port: number;
  readonly clientSap: number;
  readonly forMs: number;
}

const connections = 32;

/** Serves a register on loopback in this thread while another thread asks for it over 32 connections, one GET each at a time. */
async function benchServer(figure: string, clientSap: number, target: number): Promise<void> {
  const device = registerDevice();
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    const connection = createServerConnection(device, { random: secureRandom() });
    socket.on('data', (octets: Buffer) => {
      const { send } = connection.receive(octets);
      for (const frame of send) socket.write(frame);
    });
    socket.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const load: Load = { port, clientSap, forMs: spanMs };
  const worker = new Worker(new URL(import.meta.url), { workerData: load, argv: process.argv.slice(2) });
  const [rate] = (await once(worker, 'message')) as [number];
  printFigure({
    bench: 'dlms',
    figure,
    value: rate,
    unit: 'GET/s per process',
    higherIsBetter: true,
    target,
    paperLimit: clientSap === 16 ? 100_000 : 50_000,
    ...size,
  });
  await worker.terminate();
  server.close();
}

/** The GET of the register in its wrapper; sealed under the next number when the client ciphers. */
function requestOf(clientSap: number, invocationCounter: number): Uint8Array {
  const plain = Uint8Array.from([0xc0, 1, 0xc1, 0, 3, 1, 0, 1, 8, 0, 255, 2, 0]);
  const sealed =
    clientSap === 16
      ? plain
      : sealPlain(plain, { keys, systemTitle: clientTitle }, { protection: 'ae', invocationCounter });
  const head = clientSap === 16 ? [] : [0xc8, sealed.length];
  const length = head.length + sealed.length;
  return Uint8Array.from([0, 1, 0, clientSap, 0, 1, 0, length, ...head, ...sealed]);
}

/** The load: answers a second over all connections, each with its association of its own. */
async function runLoad({ port, clientSap, forMs }: Load): Promise<number> {
  let counter = 0;
  const options: ClientOptions = {
    clientSap,
    serverSap: 1,
    mechanism: 'none',
    protection: clientSap === 16 ? 'none' : 'ae',
    keys,
    systemTitle: clientTitle,
    counter: { next: () => counter++ },
    random: secureRandom(),
  };
  const sockets = await Promise.all(
    Array.from({ length: connections }, () => openAssociation(port, options)),
  );
  // Sealed beforehand, so that the load leaves its core to the link; numbers rise on each connection all the same.
  const pool = Array.from({ length: Math.ceil(forMs * 40) }, () => requestOf(clientSap, counter++));
  let taken = 0;
  const nextRequest = () => pool[taken++] ?? requestOf(clientSap, counter++);
  const startMs = clock.monotonic();
  let answers = 0;
  return await new Promise<number>((resolve, reject) => {
    for (const socket of sockets) {
      socket.on('error', reject);
      socket.on('data', (octets: Buffer) => {
        // Answers are short and come alone: one piece is one answer, and it must be a get-response, not an exception.
        if (octets[8] !== 0xc4 && octets[8] !== 0xcc) reject(new Error(`tag ${octets[8]} answers no GET`));
        answers += 1;
        const elapsedMs = clock.monotonic() - startMs;
        if (elapsedMs >= forMs) resolve((answers * 1000) / elapsedMs);
        else socket.write(nextRequest());
      });
      socket.write(nextRequest());
    }
  });
}

async function openAssociation(port: number, options: ClientOptions): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  await once(socket, 'connect');
  const client = createClientConnection(options);
  const aarq = client.request({ kind: 'associate' });
  insist(aarq.ok, 'an AARQ');
  if (aarq.ok) socket.write(aarq.value);
  const [aare] = (await once(socket, 'data')) as [Buffer];
  insist(client.receive(aare).outcome?.kind === 'associated', 'an association');
  return socket;
}

if (isMainThread) {
  benchProfileDecode();
  benchProfile554();
  benchFcs();
  await benchServer('server-get-plain', 16, 40_000);
  await benchServer('server-get-encrypted', 2, 20_000);
  // After the servers: hostile shapes of every kind make the compiler give up what it learnt, which no meter process meets.
  benchFuzz();
  await benchListeningMeters();
} else {
  parentPort?.postMessage(await runLoad(workerData as Load));
}
