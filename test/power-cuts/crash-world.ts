/** For tests: two virtual meters, a head-end and a signer over databases that outlive them, in lives that each end with the power. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTariffs } from '@wattline/apps/billing';
import { type Clock, seededRandom, toHex, virtualClock } from '@wattline/base';
import {
  approve,
  type Batch,
  batchHash,
  carryJob,
  createKeyChangeStore,
  createReaderKeys,
  createRegistryWriter,
  defaultGuardSettings,
  defaultPolicy,
  enrolMeter,
  holdReaderSession,
  type KeyVault,
  openInvocationCounters,
  openKeyVault,
  openSigner,
  readEnrolment,
} from '@wattline/headend';
import { createMeter, keysFromSeed, type Meter, serialOf, volatileMemory } from '@wattline/meter';
import { type Dialer, memoryLinkPair } from '@wattline/network';
import { createServerConnection, type SecurityKeys } from '@wattline/protocols/dlms';
import { openRegistry, type Registry } from '@wattline/store/registry';
import { shipmentOf, supply } from '../../bench/headend/bench-meter.ts';
import { createPower, type Power } from './power-cut.ts';

const installation = 'crash';
const startMs = Date.UTC(2026, 10, 21);
const nowMs = startMs + 6 * 3_600_000;
const meterCount = 2;
/** Steps of a life at most: what opening takes, and some sessions. */
const longestLife = 70;
const [tariff] = loadTariffs('UTC');

/** The world, life after life. */
export interface CrashWorld {
  /** Opens everything, works until the power fails at a drawn step, and is over. */
  live(): Promise<void>;
  /** One life whose power holds: what is open comes to its end, and every meter is read with the keys we know. */
  recover(): Promise<{ readonly isRead: readonly boolean[]; readonly isChanged: boolean }>;
  /** Readings that were answered, and meters whose three keys were changed and proved. */
  readonly figures: { readonly collected: number; readonly changes: number };
}

/** A new world; head-end and signer may share a database server. With `forgetsReservations` its disks lose, with the power, the rows of counters that a life was told are kept. */
export async function crashWorld(
  t: { after(end: () => void | Promise<void>): void },
  seed: string,
  { forgetsReservations = false, url = ':memory:' } = {},
): Promise<CrashWorld> {
  const directory = mkdtempSync(join(tmpdir(), 'wattline-crash-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const clock = virtualClock(nowMs);
  const random = seededRandom(seed);
  const meters = Array.from({ length: meterCount }, (_, i) => crashMeter(i, { seed, clock }));
  const [registry, signerRegistry] = await Promise.all([openRegistry(url), openRegistry(url)]);
  t.after(async () => void (await Promise.all([registry.destroy(), signerRegistry.destroy()])));
  const vault = openKeyVault(join(directory, 'keys.bin'));
  const { people, ...signerOptions } = signerOver(meters, directory);
  const serials = meters.map(({ spec }) => spec.serial);
  await keepMeters(registry, meters, vault);
  const figures = { collected: 0, changes: 0 };
  /** Meters at which the present batch is over. */
  const done = new Set<string>();
  let batches = 0;
  let boots = 0;

  const requestOf = (): Batch => ({
    ...{
      key: `k${++batches}`,
      tenant: 'T',
      command: 'key-change',
      lane: 'ordinary',
      reason: '-',
      requestedBy: 'p',
    },
    parameters: { of: ['reader', 'management', 'master'] },
    meters: serials,
    deadlineMs: nowMs + 3_600_000,
  });
  let batch = requestOf();

  /** Everything that a machine runs, on one power supply: a head-end's reader, and a signer over its own database. */
  const boot = async (power: Power) => {
    const signer = await openSigner({
      ...signerOptions.signer,
      registry: power.over(signerRegistry),
      ...{ clock, random: random.fork(`signer ${++boots}`) },
    });
    const ask: typeof signer.handle = async (message) =>
      JSON.parse(JSON.stringify(await signer.handle(JSON.parse(JSON.stringify(message)))));
    const own = power.over(registry);
    const writer = createRegistryWriter(own);
    const dialer = power.line(dialerOf(meters));
    const counters = await openInvocationCounters({ registry: own, writer });
    const store = createKeyChangeStore({ ...{ registry: own, writer, vault }, nowMs: () => nowMs });
    /** As collection does: the counter of the reader is reserved, its last answer kept. */
    const readWith = async (serial: string, keys: SecurityKeys) => {
      const i = meters.findIndex(({ spec }) => spec.serial === serial);
      const { meter } = shipmentOf(meters[i] as Meter, i, { host: 'memory', port: i + 1 });
      const status = {
        state: 'ok',
        failures: 0,
        lastContactMs: null,
        lastIntervalMs: null,
        lastOutcome: null,
      } as const;
      const entry = { meter, zone: 'UTC', transformer: 'T', sealed: '', status };
      const options = { dialer, clock, deadlines: clock, random, vault, counters, policy: defaultPolicy };
      const read = await holdReaderSession(
        { ...options, keysOf: () => keys, signal: new AbortController().signal },
        entry,
        async (session) => {
          for (const attribute of [2, 3]) await session.get({ classId: 8, obis: '0.0.1.0.0.255', attribute });
        },
      );
      await counters.acceptedOnDisk(`${serial}/reader`);
      if (read.outcome === 'timeout' || read.outcome === 'unreachable') throw read.error;
      return read.outcome === 'answer';
    };
    const readerKeys = createReaderKeys({ registry: own, store, random, opens: readWith });
    // What a change that was cut off left open is asked first, as the system does.
    await readerKeys.settle();
    const collect = async (serial: string) => {
      if (await readWith(serial, await readerKeys.current(serial))) return true;
      const next = await readerKeys.pending(serial);
      if (!next || !(await readWith(serial, next))) return false;
      await readerKeys.prove(serial, next);
      return true;
    };
    /** One pass of the command desk at one meter. */
    const change = async (serial: string) => {
      const hash = batchHash(batch, installation);
      const signed = people.map(({ id, privateKey }) => approve(hash, id, { atMs: nowMs, key: privateKey }));
      await ask({ kind: 'file', batch, approvals: signed });
      const address = { host: 'memory', port: meters.findIndex(({ spec }) => spec.serial === serial) + 1 };
      const waits = { dialTimeoutMs: 1_000, requestTimeoutMs: 1_000 };
      return carryJob(batch, { ...{ ask, dialer, address, clock, hash, serial, readerKeys }, ...waits });
    };
    /** Both meters read and changed at once; true when the change is over at both. */
    const work = async () => {
      const ends = await Promise.all(
        serials.map(async (serial) => (done.has(serial) ? undefined : change(serial))),
      );
      for (const [i, end] of ends.entries())
        if (end?.kind === 'ended' && end.isDone) done.add(serials[i] ?? '');
      const read = await Promise.all(serials.map(collect));
      figures.collected += read.filter(Boolean).length;
      if (done.size < serials.length) return;
      figures.changes += done.size;
      done.clear();
      batch = requestOf();
    };
    return { work, collect };
  };

  return {
    figures,
    async live() {
      const power = createPower(1 + random.below(longestLife));
      const kept = forgetsReservations ? await reservationsIn(registry, signerRegistry) : undefined;
      const life = async () => {
        const { work } = await boot(power);
        while (power.isOn()) await work();
      };
      await life().catch(() => undefined);
      await kept?.putBack();
    },
    async recover() {
      const { work, collect } = await boot(createPower(Number.POSITIVE_INFINITY));
      const before = figures.changes;
      for (let pass = 0; pass < 5 && figures.changes === before; pass++) await work();
      return { isRead: await Promise.all(serials.map(collect)), isChanged: figures.changes > before };
    },
  };
}

function crashMeter(i: number, { seed, clock }: { readonly seed: string; readonly clock: Clock }): Meter {
  if (!tariff) throw new Error('expected a tariff');
  const serial = serialOf(40_000_001 + i);
  const keyOf = (client: string) => keysFromSeed(seed, serial, client);
  const meter = createMeter(
    {
      ...{
        serial,
        profile: 'demo',
        zone: 'UTC',
        intervalSeconds: 900,
        phases: 1,
        profileDays: 60,
        tariff,
        startMs,
      },
      keys: { reader: keyOf('reader'), management: keyOf('management') },
      masterKey: keyOf('master').ek,
    },
    { clock, memory: volatileMemory() },
  );
  supply(meter, i, nowMs);
  return meter;
}

function dialerOf(meters: readonly Meter[]): Dialer {
  return {
    async dial({ port }) {
      const [ours, theirs] = memoryLinkPair(['meter', 'head-end']);
      const meter = meters[port - 1] as Meter;
      const connection = createServerConnection(meter.device, { random: seededRandom(`meter ${port}`) });
      theirs.receive((octets) => {
        for (const reply of connection.receive(octets).send) theirs.send(reply);
      });
      return ours;
    },
  };
}

/** The signer's enrolment of the meters, and the two who sign. */
function signerOver(meters: readonly Meter[], directory: string) {
  const vault = openKeyVault(join(directory, 'signer-keys.bin'));
  const people = ['p', 'q'].map((id) => ({ id, ...generateKeyPairSync('ed25519') }));
  const unbounded = (limit: object) => ({ ...limit, meters: 1_000_000, watts: 1_000_000_000 });
  const enrolment = readEnrolment(
    JSON.stringify({
      installation,
      settings: { cancelWindowMs: 0, serviceLimits: defaultGuardSettings.serviceLimits.map(unbounded) },
      people: people.map(({ id, publicKey }) => ({
        ...{ id, name: id, roles: ['operator'], tenants: ['T'] },
        publicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
      })),
      meters: meters.map(({ spec, systemTitle }) =>
        enrolMeter(
          {
            ...{ serial: spec.serial, tenant: 'T', substation: 'S', feeder: 'F', transformer: 'X', loadW: 1 },
            ...{ isLifeSupport: false, systemTitle: toHex(systemTitle) },
          },
          { ...spec.keys.management, ...(spec.masterKey ? { master: spec.masterKey } : {}) },
          vault,
        ),
      ),
    }),
  );
  return { people, signer: { enrolment, vault } };
}

/** What provisioning leaves of meters in the head-end's registry. */
async function keepMeters(registry: Registry, meters: readonly Meter[], vault: KeyVault): Promise<void> {
  const place = { zone: 'UTC', substation: 'S', feeder: 'F', transformer: 'T', tariff_id: '-' };
  const point = {
    ...place,
    kind: 'home',
    customer: '-',
    address: '-',
    solar_w: 0,
    latitude: 0,
    longitude: 0,
  } as const;
  const rest = { make: 'WTL', profile: 'demo', host: 'memory', interval_seconds: 900, installed_ms: 0 };
  for (const [i, { spec, systemTitle }] of meters.entries()) {
    const { serial, keys } = spec;
    await registry
      .insertInto('usage_point')
      .values({ ...point, id: serial })
      .execute();
    const row = { serial, usage_point_id: serial, system_title: toHex(systemTitle), port: i + 1, ...rest };
    await registry
      .insertInto('meter')
      .values({ ...row, state: 'ok', failures: 0 })
      .execute();
    const sealed = vault.seal({ serial, client: 'reader' }, keys.reader);
    await registry.insertInto('meter_key').values({ serial, client: 'reader', sealed }).execute();
  }
}

/** The rows of counters as they stand now, to be put back as a disk does that lied. */
async function reservationsIn(...registries: readonly Registry[]) {
  const held = await Promise.all(
    registries.map((registry) => registry.selectFrom('invocation_counter').selectAll().execute()),
  );
  return {
    async putBack() {
      for (const [i, registry] of registries.entries()) {
        await registry.deleteFrom('invocation_counter').execute();
        const rows = held[i] ?? [];
        if (rows.length > 0) await registry.insertInto('invocation_counter').values(rows).execute();
      }
    },
  };
}
