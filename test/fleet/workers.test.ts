/** Two worker processes on a real PostgreSQL share a fleet: every meter once, a killed one's meters go to the other, pushes are taken once. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fromHex, realClock, secureRandom, silentLog } from '@wattline/base';
import { openHeadend } from '@wattline/headend';
import { serveMeter } from '@wattline/meter';
import type { MeterShipment } from '@wattline/model';
import { tcpDialer } from '@wattline/network';
import { encodeDateTime, encodePush } from '@wattline/protocols/dlms';
import { openRegistry, type Registry } from '@wattline/store/registry';
import { createBenchMeter, shipmentOf, supply } from '../../bench/headend/bench-meter.ts';
import { memorySink } from '../../bench/headend/memory-sink.ts';
import { wattline } from '../../server/cli/fixture/command-line.ts';
import { postgresAbsence, startTrialPostgres } from '../../store/registry/fixture/trial-postgres.ts';

const clock = realClock();
const random = secureRandom();
const dayMs = 86_400_000;
const todayMs = Math.floor(clock.now() / dayMs) * dayMs;
const place = { host: '127.0.0.1', port: 0 };
const count = 24;
/** Without the launcher of the bin in between: a signal must reach the worker itself. */
const program = join(import.meta.dirname, '..', '..', 'server', 'cli', 'main.ts');
/** Batches that come before the first worker is killed. */
const beforeKill = 6;

/** What was opened, closed in the reverse order: the database last. */
type Closers = (() => unknown)[];

async function serveMeters(closers: Closers): Promise<MeterShipment[]> {
  const rows: MeterShipment[] = [];
  for (let i = 0; i < count; i++) {
    const meter = createBenchMeter(i, todayMs - dayMs, clock);
    supply(meter, i, todayMs);
    const served = await serveMeter(meter.device, place, { clock, random });
    closers.push(() => served.close());
    rows.push(shipmentOf(meter, i, { host: place.host, port: served.address.port }));
  }
  return rows;
}

/** The routes that a server has for workers, over a sink in memory; from `beforeKill` on answers wait until they may go. */
async function serveReadings(closers: Closers) {
  const sink = memorySink(clock);
  const kept: string[] = [];
  const may = Promise.withResolvers<void>();
  const full = Promise.withResolvers<void>();
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '', 'http://worker');
    const answer = (body: object) => response.end(JSON.stringify(body));
    assert.equal(request.headers.authorization, 'Bearer secret');
    if (url.pathname.endsWith('/gaps')) {
      const [from, to] = ['from', 'to'].map((name) => Date.parse(url.searchParams.get(name) ?? ''));
      return answer({ items: await sink.gaps(url.searchParams.get('channel') ?? '', from ?? 0, to ?? 0) });
    }
    if (url.pathname.endsWith('/known')) {
      const sinceMs = Date.parse(url.searchParams.get('from') ?? '');
      return answer({ untilMs: await sink.knownUntil(url.searchParams.get('channel') ?? '', sinceMs) });
    }
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const batch = JSON.parse(Buffer.concat(parts).toString());
    if (kept.length >= beforeKill) {
      full.resolve();
      await may.promise;
    }
    if (response.destroyed) return;
    await sink.ingest(batch);
    kept.push(batch.blocks[0].channel.split('/')[0]);
    answer({ accepted: 1, duplicates: 0, rejected: [] });
  };
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, place.host, resolve));
  closers.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, kept, full: full.promise, goOn: may.resolve };
}

async function startWorker(closers: Closers, name: string, flags: readonly string[]) {
  const child: ChildProcess = spawn(
    process.execPath,
    [program, 'headend', 'worker', '--name', name, ...flags],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  closers.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  let text = '';
  for await (const part of child.stdout ?? []) {
    text += part;
    const [, port] = /pushes to 127\.0\.0\.1:(\d+)/.exec(text) ?? [];
    if (port) return { child, port: Number(port) };
  }
  throw new Error(`worker ${name} ended: ${text}`);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let look = 0; look < 2_400; look++) {
    if (await isSo()) return;
    await clock.sleep(50);
  }
  assert.fail('it did not come about within two minutes');
}

function gaspOf({ meter, keys }: MeterShipment): Uint8Array {
  return encodePush({
    systemTitle: fromHex(meter.systemTitle),
    keys: { suite: 0, ek: fromHex(keys.reader.ek), ak: fromHex(keys.reader.ak) },
    counter: { next: () => 7 },
    ...{ protection: 'ae', clientSap: 2, serverSap: 1, instantMs: clock.now(), offsetMinutes: 0 },
    body: {
      type: 'structure',
      value: [
        { type: 'octet-string', value: Buffer.from(meter.serial) },
        { type: 'octet-string', value: Uint8Array.of(0, 0, 25, 9, 0, 255) },
        { type: 'octet-string', value: encodeDateTime(clock.now(), 0) },
        { type: 'unsigned', value: 1 },
        { type: 'double-long-unsigned', value: 0 },
      ],
    },
  });
}

async function push(port: number, octets: Uint8Array): Promise<void> {
  const socket = connect({ host: place.host, port });
  await once(socket, 'connect');
  socket.end(octets);
  await once(socket.resume(), 'close');
}

/** Sessions of a worker at a time. */
const inHand = 4;

const kindsIn = async (registry: Registry) =>
  (await registry.selectFrom('event').select('kind').orderBy('id').execute()).map(({ kind }) => kind);

test('workers share a sweep, take over from one that was killed, use no counter twice and take a push once', {
  skip: await postgresAbsence(),
}, async (context) => {
  const closers: Closers = [];
  context.after(async () => {
    for (const close of closers.reverse()) await close();
  });
  const postgres = await startTrialPostgres();
  closers.push(() => postgres.stop());
  const directory = mkdtempSync(join(tmpdir(), 'wattline-workers-'));
  closers.push(() => rmSync(directory, { recursive: true }));
  const registry = await openRegistry(postgres.url);
  closers.push(() => registry.destroy());
  const rows = await serveMeters(closers);
  const readings = await serveReadings(closers);
  const keyFile = join(directory, 'keys.bin');
  const tokenFile = join(directory, 'token');
  writeFileSync(tokenFile, 'secret\n');
  const idle = memorySink(clock);
  const server = await openHeadend({
    ...{ registry, clock, random, keyFile, log: silentLog, dialer: tcpDialer, push: place },
    ...{ sink: idle, progress: idle, events: { report: async () => {} }, worker: 'server' },
  });
  closers.push(() => server.close());
  await server.provision(JSON.stringify(rows), 'json');
  const flags = ['--registry', postgres.url, '--key-file', keyFile, '--token-file', tokenFile];
  flags.push(
    '--url',
    readings.url,
    '--concurrency',
    String(inHand),
    '--lease-seconds',
    '2',
    '--data',
    directory,
  );
  const [first, second] = await Promise.all(
    ['first', 'second'].map((name) => startWorker(closers, name, flags)),
  );
  assert.ok(first && second);

  const sweep = async () => {
    const sinceMs = await server.tellSweep();
    return async () => {
      const answered = await registry
        .selectFrom('meter')
        .select('serial')
        .where('last_contact_ms', '>=', sinceMs)
        .where('last_outcome', '=', 'answer')
        .execute();
      return answered.length === count;
    };
  };
  const isSwept = await sweep();
  await readings.full;
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  readings.goOn();
  await until(isSwept);
  const points = rows.map(({ meter }) => meter.usagePointId).sort();
  assert.deepEqual([...new Set(readings.kept)].sort(), points, 'every meter was taken');
  // What the killed one had handed over and not yet written down is read once more, and is a duplicate to meter data management.
  const again = readings.kept.length - points.length;
  assert.ok(again <= inHand, `${again} meters were taken twice`);

  const third = await startWorker(closers, 'third', flags);
  await until(await sweep());
  await until(await sweep());
  const purposes = await registry.selectFrom('exchange').select(['purpose', 'outcome']).execute();
  assert.ok(
    purposes.every(({ outcome }) => outcome === 'answer'),
    'no counter was too low or used before',
  );

  const [meter] = rows;
  assert.ok(meter);
  const gasp = gaspOf(meter);
  await push(second.port, gasp);
  await until(async () => (await kindsIn(registry)).includes('power-fail'));
  await push(third.port, gasp);
  await until(async () => (await kindsIn(registry)).includes('frame-replayed'));
  const kinds = await kindsIn(registry);
  assert.equal(kinds.filter((kind) => kind === 'power-fail').length, 1);
});

test('a worker on a registry in SQLite is refused, and told what to do', async () => {
  const { code, err } = await wattline('headend', 'worker', '--registry', 'data/registry.sqlite');
  assert.equal(code, 2);
  assert.match(err, /PostgreSQL.*wattline\.yaml.*server\/worker-needs-postgres/);
});
