/**
 * How many readings a second go from decoded blocks through log, all rules and store until they can be asked for, and how
 * quickly are a thousand million of them answered from?
 *
 * On paper, for one day of N meters x 96 quarter-hours on two cores:
 * - log: 10 octets a reading (value and quality), written once and synced in groups: 100 MB/s to the disk is 10 M readings/s;
 * - rules: a dozen passes over columns of 96 values, about 1 ns a value and pass: 80 M readings/s on one core;
 * - store: a plain insert of the same rows by the engine, printed beside the figure, has to be paid too;
 * - glue: each meter-day costs about 5 us of objects, promises and index on one core: 200,000 meters/s or 19 M readings/s.
 * The log binds: 10 M readings/s is the paper limit used below.
 *
 * Questions: a customer's 395 days are 395 rows of 1 KB, spread over marks of 512 rows: 395 marks or less of about 10 us, 4 ms.
 * A feeder balance is kept at ingest: 500 feeders x 96 sums are added up, 0.01 s; from the store it reads 8 octets of a
 * value for a million meters x 96, 768 MB at 2 GB/s: 0.4 s, and as much again for each day that lies between. Determinants of 100,000
 * meters x 2,976 read 2.4 GB: 1.2 s. A restart reads the index, some 50 octets a channel at 500 MB/s with its digest: 0.1 s.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom, silentLog } from '@wattline/base';
import { type Mdm, openMdm } from '@wattline/mdm';
import { quality, type ReadingBatch, type TouSwitch } from '@wattline/model';
import { openRegistry, type Registry } from '@wattline/store/registry';
import { isQuick, printFigure } from './figure.ts';
import { clock, dayMs, dayStartMs, ingestDay, sevenChannels, slots } from './readings/fleet.ts';
import { octetsPerReading } from './readings/london.ts';
import { plainChdb, postgresCopy } from './readings/peers.ts';
import { watchMachine } from './shared-machine.ts';

/** The full size, and one that takes under a minute. */
const size = isQuick
  ? {
      meters: 50_000,
      determinants: 5000,
      customers: 1000,
      days: 5,
      seven: 7000,
      peers: 1_000_000,
      homes: 12,
      asked: 300,
    }
  : {
      meters: 1_000_000,
      determinants: 100_000,
      customers: 10_000,
      days: 5,
      seven: 150_000,
      peers: 5_000_000,
      homes: 67,
      asked: 500,
    };
const { meters } = size;

function figure(
  name: string,
  value: number,
  rest: Omit<Parameters<typeof printFigure>[0], 'bench' | 'figure' | 'value'>,
): void {
  printFigure({ bench: 'readings', figure: name, value, ...rest });
}

const sized = (text: string) => (isQuick ? { size: text } : {});

async function withFleet(
  count: number,
  types: readonly string[],
  act: (place: { directory: string; registry: Registry; open: () => Promise<Mdm> }) => Promise<void>,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'wattline-bench-'));
  const file = join(directory, 'registry.sqlite');
  runScript('enrolment.ts', file, { meters: count, types });
  const registry = await openRegistry(file);
  const rest = { clock, log: silentLog, events: { report: async () => {} } };
  try {
    await act({
      directory,
      registry,
      open: () => openMdm({ directory: join(directory, 'readings'), registry, ...rest }),
    });
  } finally {
    await registry.destroy();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Runs a script of the folder `readings` in a process of its own; what it printed. */
function runScript(name: string, path: string, plan: unknown): string {
  const script = join(import.meta.dirname, 'readings', name);
  const { status, stdout } = spawnSync(process.execPath, [script, path, JSON.stringify(plan)], {
    stdio: ['inherit', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${name} ended with ${status}`);
  return stdout;
}

async function secondsOf(act: () => Promise<unknown>): Promise<number> {
  const from = clock.monotonic();
  await act();
  return (clock.monotonic() - from) / 1000;
}

/** Puts more days under the fleet: 31 for those of the determinants, 13 months for the customers asked for. */
function storeMoreDays(directory: string): number {
  const plan = [
    { channels: meters, days: size.days },
    { channels: size.determinants, days: 31 },
    { channels: size.customers, days: 395 },
  ];
  const stdout = runScript('more-days.ts', join(directory, 'readings', 'store'), plan);
  // Until merges rest, or for two minutes: a store that was loaded in bulk a moment ago answers more slowly.
  figure('merges-waited', Number(stdout), { unit: 's', higherIsBetter: false, ...sized(`${meters} meters`) });
  return (
    slots * (meters * (1 + size.days) + size.determinants * (31 - size.days) + size.customers * (395 - 31))
  );
}

async function killInTheMiddle(directory: string): Promise<void> {
  const child: ChildProcess = spawn(
    process.execPath,
    [join(import.meta.dirname, 'readings/killed-run.ts'), directory],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

async function askCustomers(mdm: Mdm): Promise<void> {
  const random = seededRandom('customers');
  const period = { startMs: dayStartMs - 394 * dayMs, endMs: dayStartMs + dayMs };
  const ask = async (name: string, asOfMs?: number) => {
    const times: number[] = [];
    const machine = await watchMachine();
    for (let turn = 0; turn < size.asked; turn++) {
      const channel = `UP-${random.below(size.customers)}/delivered`;
      const from = clock.monotonic();
      const { quality: flags } = await mdm.series(channel, period, asOfMs);
      times.push(clock.monotonic() - from);
      if (flags.some((bits) => (bits & quality.missing) !== 0)) throw new Error(`${channel} has gaps`);
    }
    times.sort((a, b) => a - b);
    const about = {
      unit: 'ms',
      higherIsBetter: false,
      ...(await machine()),
      ...sized(`${size.customers} meters x 395 days`),
    };
    figure(`${name}-p50`, times[times.length >> 1] as number, about);
    figure(`${name}-p99`, times[Math.floor(times.length * 0.99)] as number, {
      ...about,
      target: 20,
      paperLimit: 4,
    });
  };
  await ask('customer-13-months');
  await ask('customer-13-months-as-known', clock.now());
}

const fleetDay = { startMs: dayStartMs, endMs: dayStartMs + dayMs };

const calendar: readonly TouSwitch[] = [
  { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '00:00', rate: 1 },
  { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '07:00', rate: 2 },
  { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '17:00', rate: 3 },
  { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '21:00', rate: 1 },
];

/** Asks for the balance of the fleet's day and gives the seconds it took and the energy delivered. */
async function askBalance(mdm: Mdm): Promise<{ seconds: number; delivered: number }> {
  let delivered = 0;
  const seconds = await secondsOf(async () => {
    for (const node of await mdm.aggregation.balance({ level: 'feeder', period: fleetDay }))
      delivered += node.delivered;
  });
  return { seconds, delivered };
}

/** The balance right after the day came, and after one late value; asked before it came, as a running system is. */
async function askKeptBalance(mdm: Mdm): Promise<void> {
  const before = await askBalance(mdm);
  figure('feeder-balance', before.seconds, {
    unit: 's',
    higherIsBetter: false,
    target: 1,
    paperLimit: 0.01,
    ...sized(`${meters} meters`),
  });
  let moved = 0;
  const late = await secondsOf(async () => {
    await mdm.ingest(lateValue());
    await mdm.settled();
    const [total] = await mdm.aggregation.totals('UP-7/delivered', fleetDay, 'day');
    moved = (await askBalance(mdm)).delivered - before.delivered;
    if (!total || total.held !== slots) throw new Error('the day of the late value is not whole');
  });
  if (moved === 0) throw new Error('the late value did not move the balance');
  figure('late-read', late, { unit: 's', higherIsBetter: false, target: 1, ...sized(`${meters} meters`) });
}

function lateValue(): ReadingBatch {
  const block = {
    channel: 'UP-7/delivered',
    startMs: dayStartMs + 900_000 * 40,
    intervalSeconds: 900,
    value: Float64Array.of(999),
    quality: Uint16Array.of(quality.measured),
  };
  return {
    id: 'bench/late',
    origin: { source: 'dlms', reference: 'late' },
    receivedMs: clock.now(),
    blocks: [block],
  };
}

async function askForMany(mdm: Mdm): Promise<void> {
  const asked = await askBalance(mdm);
  figure('feeder-balance-from-store', asked.seconds, {
    unit: 's',
    higherIsBetter: false,
    ...sized(`${meters} meters`),
  });
  const channels = Array.from({ length: size.determinants }, (_, index) => `UP-${index}/delivered`);
  const month = { startMs: dayStartMs - 30 * dayMs, endMs: dayStartMs + dayMs };
  const machine = await watchMachine();
  const seconds = await secondsOf(async () => {
    const found = await mdm.aggregation.determinants({ channels, calendar, period: month });
    if (found.size !== size.determinants) throw new Error(`${found.size} channels have determinants`);
  });
  figure('determinants', seconds, {
    unit: 's',
    higherIsBetter: false,
    target: 4,
    paperLimit: 1.2,
    ...(await machine()),
    ...sized(`${size.determinants} meters x 2,976 intervals`),
  });
}

let dayRate = 0;
await withFleet(meters, ['delivered'], async ({ directory, open }) => {
  const mdm = await open();
  await askBalance(mdm);
  const cpuBefore = process.cpuUsage();
  const machine = await watchMachine();
  const seconds = await ingestDay(mdm, meters, ['delivered']);
  const cpu = process.cpuUsage(cpuBefore);
  dayRate = (meters * slots) / seconds;
  figure('ingest-day', dayRate, {
    unit: 'readings/s',
    higherIsBetter: true,
    target: 1_600_000,
    paperLimit: 10_000_000,
    ...(await machine()),
    ...sized(`${meters} meters x ${slots} quarter-hours`),
  });
  // What a machine that does something else beside still shows: twice of it is the most that two cores can do.
  figure('ingest-day-per-cpu-second', (meters * slots) / ((cpu.user + cpu.system) / 1e6), {
    unit: 'readings',
    higherIsBetter: true,
    ...sized(`${meters} meters x ${slots} quarter-hours`),
  });
  figure('ingest-memory', process.memoryUsage().rss / 2 ** 20, {
    unit: 'MB',
    higherIsBetter: false,
    target: 4096,
    ...sized(`${meters} meters`),
  });
  await askKeptBalance(mdm);
  await mdm.close();
  const readings = storeMoreDays(directory);
  const stored = { size: `${Math.round(readings / 1e6)} million readings` };
  let opened: Mdm | undefined;
  const fromRows = await secondsOf(async () => {
    opened = await open();
  });
  figure('restart-from-rows', fromRows, { unit: 's', higherIsBetter: false, ...stored });
  await opened?.close();
  await killInTheMiddle(directory);
  const restart = await secondsOf(async () => {
    opened = await open();
  });
  figure('restart', restart, { unit: 's', higherIsBetter: false, target: 5, paperLimit: 0.1, ...stored });
  await askCustomers(opened as Mdm);
  await askForMany(opened as Mdm);
  await opened?.close();
});

await withFleet(size.seven, sevenChannels, async ({ open }) => {
  const mdm = await open();
  const readings = size.seven * slots * sevenChannels.length;
  const machine = await watchMachine();
  const rate = readings / (await ingestDay(mdm, size.seven, sevenChannels));
  figure('seven-channels-ratio', rate / dayRate, {
    unit: '',
    higherIsBetter: true,
    target: 0.8,
    ...(await machine()),
    against: { name: 'readings/s of one channel', value: Math.round(dayRate) },
    ...sized(`${size.seven} meters x 7 channels`),
  });
  await mdm.close();
});

const real = await octetsPerReading(size.homes);
if (real) {
  figure('bytes-per-reading', real.octets / real.readings, {
    unit: 'octets',
    higherIsBetter: false,
    target: 1.3,
    ...sized(`${size.homes} London households, ${real.readings} half-hours`),
  });
}

const plain = await plainChdb(size.peers);
figure('chdb-plain-ratio', dayRate / plain, {
  unit: '',
  higherIsBetter: true,
  against: { name: 'chdb, plain insert, rows/s', value: Math.round(plain) },
  ...sized(`${size.peers} rows`),
});
const copy = await postgresCopy(size.peers);
figure('postgres-copy-ratio', dayRate / copy, {
  unit: '',
  higherIsBetter: true,
  target: 1,
  against: { name: 'PostgreSQL COPY, unique key, no rule, rows/s', value: Math.round(copy) },
  ...sized(`${size.peers} rows`),
});
