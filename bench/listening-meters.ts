/**
 * How much memory do 10,000 virtual meters take that listen in one process, each on a TCP port of its own?
 *
 * On paper, for each meter: a listening socket is a handle of libuv (0.3 kB), its wrapper and a net.Server with three listeners
 * (4 kB); the meter is some 150 objects and closures of 60 octets (9 kB), three guards and counters (2 kB), the columns of a day of
 * half-hours, of midnights and events (48 rows of 21 octets, held in typed arrays of 200 octets overhead each, 20 of them: 6 kB).
 * That is 21 kB, 210 MB for 10,000, beside 60 MB of Node with the program: 270 MB.
 *
 * The meters run in a process of their own, so that nothing else is counted. A client then asks every one of them for its logical
 * device name over its port: a meter that does not answer with its own name fails the bench.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { realClock, secureRandom } from '@wattline/base';
import {
  createMeter,
  keysFromSeed,
  logicalDeviceNameOf,
  serialOf,
  serveMeter,
  volatileMemory,
} from '@wattline/meter';
import { createClientConnection } from '@wattline/protocols/dlms';
import { dayNightTariff } from './day-night-tariff.ts';
import { isQuick, printFigure } from './figure.ts';

const meterCount = isQuick ? 1000 : 10_000;
const targetMegabytes = 1500;
const processMegabytes = 60;
const paperKilobytes = 21;
/** Sockets a process may open when nobody says otherwise, beside one for each meter. */
const spareSockets = 200;
const askedAtOnce = 50;
const intervalMs = 1_800_000;
const intervalsOfDay = 48;
const deviceName = { classId: 1, obis: '0.0.42.0.0.255', attribute: 2 } as const;

/** What the process of the meters tells. */
interface Listening {
  readonly ports: readonly number[];
  readonly residentMegabytes: number;
  readonly heapMegabytes: number;
}

/** Prints `listening-meters-memory`; says why when this machine lets a process have too few sockets. */
export async function benchListeningMeters(): Promise<void> {
  const limit = socketLimit();
  if (limit < meterCount + spareSockets) {
    console.error(
      `listening-meters-memory is left out: a process may open ${limit} files, ${meterCount + spareSockets} are needed (ulimit -n)`,
    );
    return;
  }
  const child = fork(import.meta.filename, ['--meters', String(meterCount)], { execArgv: ['--expose-gc'] });
  try {
    const [listening] = (await once(child, 'message')) as [Listening];
    await askAll(listening.ports);
    child.send('measure');
    const [after] = (await once(child, 'message')) as [Listening];
    const size = isQuick ? { size: `${meterCount} meters` } : {};
    printFigure({
      bench: 'dlms',
      figure: 'listening-meters-memory',
      value: after.residentMegabytes,
      unit: 'MB',
      higherIsBetter: false,
      target: isQuick
        ? processMegabytes + ((targetMegabytes - processMegabytes) * meterCount) / 10_000
        : targetMegabytes,
      paperLimit: processMegabytes + (paperKilobytes * meterCount) / 1000,
      ...size,
    });
    console.error(
      `heap ${after.heapMegabytes.toFixed(0)} MB; before the first question ${listening.residentMegabytes.toFixed(0)} MB resident`,
    );
  } finally {
    child.kill();
  }
}

/** The soft limit of open files; Node raises it to the hard one as it starts. */
function socketLimit(): number {
  const report = process.report.getReport() as { userLimits?: { open_files?: { soft?: number | string } } };
  const soft = Number(report.userLimits?.open_files?.soft);
  return Number.isFinite(soft) ? soft : Number.POSITIVE_INFINITY;
}

/** One GET to every meter, some at a time. */
async function askAll(ports: readonly number[]): Promise<void> {
  const indexes = ports.keys();
  const askSome = async () => {
    for (const index of indexes) await askOne(index, ports[index] as number);
  };
  await Promise.all(Array.from({ length: askedAtOnce }, askSome));
}

async function askOne(index: number, port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const name = await askName(socket);
  socket.destroy();
  const expected = Buffer.from(logicalDeviceNameOf(serialOf(index)));
  if (!Buffer.from(name.subarray(2)).equals(expected)) {
    throw new Error(`meter ${index} answered ${Buffer.from(name).toString('hex')}`);
  }
}

async function askName(socket: Socket): Promise<Uint8Array> {
  const client = createClientConnection({
    clientSap: 16,
    serverSap: 1,
    mechanism: 'none',
    protection: 'none',
    random: secureRandom(),
  });
  for (const request of [{ kind: 'associate' }, { kind: 'get', reference: deviceName }] as const) {
    const asked = client.request(request);
    if (!asked.ok) throw new Error(asked.error.message);
    socket.write(asked.value);
    const [octets] = (await once(socket, 'data')) as [Buffer];
    const { outcome } = client.receive(octets);
    if (outcome?.kind === 'get' && outcome.result.ok) return outcome.result.encoded;
    if (outcome?.kind !== 'associated')
      throw new Error(`a meter answered with ${outcome?.kind ?? 'too little'}`);
  }
  throw new Error('a meter gave no name');
}

/** The meters, each with a day of half-hours behind it. */
async function listen(count: number): Promise<void> {
  const clock = realClock();
  const random = secureRandom();
  const startMs = Math.floor(clock.now() / intervalMs) * intervalMs - intervalsOfDay * intervalMs;
  const ports: number[] = [];
  for (let index = 0; index < count; index++) {
    const serial = serialOf(index);
    const meter = createMeter(
      {
        serial,
        profile: 'demo',
        zone: 'Europe/London',
        intervalSeconds: intervalMs / 1000,
        phases: 1,
        startMs,
        tariff: dayNightTariff,
        keys: {
          reader: keysFromSeed('1', serial, 'reader'),
          management: keysFromSeed('1', serial, 'management'),
        },
      },
      { clock, memory: volatileMemory(), send: () => {} },
    );
    for (let n = 0; n < intervalsOfDay; n++) {
      meter.accumulate({
        startMs: meter.countedToMs,
        endMs: meter.countedToMs + intervalMs,
        deliveredMws: 1e9 + n,
        receivedMws: 0,
      });
    }
    const { address } = await serveMeter(meter.device, { host: '127.0.0.1', port: 0 }, { clock, random });
    ports.push(address.port);
  }
  const report = () => {
    global.gc?.();
    const { rss, heapUsed } = process.memoryUsage();
    process.send?.({
      ports,
      residentMegabytes: rss / 1e6,
      heapMegabytes: heapUsed / 1e6,
    } satisfies Listening);
  };
  process.on('message', report);
  report();
}

const asked = process.argv.indexOf('--meters');
if (process.send && asked >= 0) await listen(Number(process.argv[asked + 1]));
