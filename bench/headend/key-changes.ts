/**
 * Key rotation of a fleet with a fault at one step in twenty: links that break before a request or after its answer, and writes of the
 * head-end that fail before or after they took effect. The real way: a batch that two people signed, the guard, the signer's sessions
 * and ledger, wrapped keys (Security setup, method 2), the head-end's proof by a session; reader, management and master keys; three passes.
 */

import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { seededRandom, silentLog, toHex, virtualClock } from '@wattline/base';
import {
  approve,
  type Batch,
  batchHash,
  createKeyChangeStore,
  createReaderKeys,
  createRegistryWriter,
  defaultGuardSettings,
  enrolMeter,
  openCommandDesk,
  openKeyVault,
  openSigner,
  readEnrolment,
} from '@wattline/headend';
import type { SecurityKeys } from '@wattline/protocols/dlms';
import { openRegistry, type Registry } from '@wattline/store/registry';
import { createKeyMeter, faultyDialer, type KeyMeter } from './key-meter.ts';

const faultShare = 0.05;
const passes = 3;
const batchMeters = 2_000;
const installation = 'bench';

/** What three passes left. */
export interface KeyChangeFigures {
  readonly meters: number;
  /** Meters of which all three were changed and proved. */
  readonly rotated: number;
  /** Meters that hold a key which is neither our current nor our next. */
  readonly unknown: number;
}

/** Rotates the keys of so many meters. */
export async function rotateKeys(meters: number, directory: string): Promise<KeyChangeFigures> {
  const random = seededRandom('key changes');
  const clock = virtualClock(Date.UTC(2026, 10, 21));
  const vault = openKeyVault(join(directory, 'rotation-keys.bin'));
  const registry = await openRegistry(':memory:');
  const signerRegistry = await openRegistry(':memory:');
  const serials = Array.from({ length: meters }, (_, i) => `K${String(i).padStart(6, '0')}`);
  const fleet = new Map(serials.map((serial, i) => [serial, createKeyMeter(i, random)]));
  await registry.transaction().execute((transaction) => addMeters(transaction, fleet, vault));
  const people = ['p', 'q'].map((id) => ({ id, ...generateKeyPairSync('ed25519') }));
  const enrolment = readEnrolment(
    JSON.stringify({
      installation,
      settings: { cancelWindowMs: 0, serviceLimits: defaultGuardSettings.serviceLimits.map(unbounded) },
      people: people.map(({ id, publicKey }) => ({
        ...{ id, name: id, roles: ['operator'], tenants: ['T'] },
        publicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
      })),
      meters: [...fleet].map(([serial, { systemTitle, first }]) =>
        enrolMeter(
          {
            ...{ serial, tenant: 'T', substation: 'S', feeder: 'F', transformer: 'X', loadW: 1 },
            ...{ isLifeSupport: false, systemTitle: toHex(systemTitle) },
          },
          { ...first.management, master: first.master },
          vault,
        ),
      ),
    }),
  );
  const signer = await openSigner({
    registry: signerRegistry,
    enrolment,
    vault,
    clock,
    random: random.fork('signer'),
  });
  /** Breaks before or after the step took effect. */
  const at = async <T>(work: () => Promise<T>): Promise<T> => {
    const fate = random.next();
    if (fate < faultShare / 2) throw new Error('lost before');
    const done = await work();
    if (fate < faultShare) throw new Error('lost after');
    return done;
  };
  const store = createKeyChangeStore({
    registry,
    writer: createRegistryWriter(registry),
    vault,
    nowMs: () => 0,
  });
  const readerKeys = createReaderKeys({
    ...{ registry, random: random.fork('reader') },
    store: {
      held: (serial) => at(() => store.held(serial)),
      begin: (serial, keys) => at(() => store.begin(serial, keys)),
      commit: (serial) => at(() => store.commit(serial)),
    },
    opens: (serial, keys) => at(async () => fleet.get(serial)?.opens(keys) ?? false),
  });
  const dialer = faultyDialer([...fleet.values()], random, faultShare);
  const desk = await openCommandDesk({
    ...{ registry, dialer, clock, log: silentLog, readerKeys, retryPauseMs: 0, concurrency: 1 },
    // Messages cross a wall of JSON, as on the real channel.
    ask: async (message) =>
      JSON.parse(JSON.stringify(await signer.handle(JSON.parse(JSON.stringify(message))))),
  });
  for (let from = 0; from < meters; from += batchMeters) {
    const batch: Batch = {
      ...{
        key: `rotation ${from}`,
        tenant: 'T',
        command: 'key-change',
        lane: 'ordinary',
        reason: '-',
        requestedBy: 'p',
      },
      parameters: { of: ['reader', 'management', 'master'] },
      meters: serials.slice(from, from + batchMeters),
      deadlineMs: clock.now() + 3_600_000,
    };
    const hash = batchHash(batch, installation);
    const signed = people.map(({ id, privateKey }) =>
      approve(hash, id, { atMs: clock.now(), key: privateKey }),
    );
    await desk.request(batch, signed);
  }
  // A job that died at a write of the head-end is taken up by the next pass as by the next process.
  for (let pass = 0; pass < passes; pass++) await desk.run();
  const jobs = await registry.selectFrom('command_job').select(['serial', 'state']).execute();
  const done = new Set(jobs.filter(({ state }) => state === 'done').map(({ serial }) => serial));
  const rows = await signerRegistry.selectFrom('signer_key').selectAll().execute();
  const signed = Map.groupBy(rows, ({ serial }) => serial);
  let rotated = 0;
  let unknown = 0;
  for (const [serial, meter] of fleet) {
    const { current, next } = await store.held(serial);
    const own = signed.get(serial) ?? [];
    const sealedOf = (name: string) => own.filter((row) => row.name === name).map(({ sealed }) => sealed);
    const owner = (client: 'management' | 'master') => ({ serial, client });
    const known = {
      reader: [current, ...(next ? [next] : [])].map(nameOf),
      management: [
        nameOf(meter.first.management),
        ...sealedOf('management').map((sealed) => nameOf(vault.open(owner('management'), sealed))),
      ],
      master: [
        toHex(meter.first.master),
        ...sealedOf('master').map((sealed) => toHex(vault.openKey(owner('master'), sealed))),
      ],
    };
    const held = namesOf(meter.holds());
    const first = namesOf(meter.first);
    const names = ['reader', 'management', 'master'] as const;
    if (names.some((name) => !known[name].includes(held[name]))) unknown++;
    if (done.has(serial) && names.every((name) => held[name] !== first[name])) rotated++;
  }
  await registry.destroy();
  await signerRegistry.destroy();
  return { meters, rotated, unknown };
}

function namesOf({ reader, management, master }: ReturnType<KeyMeter['holds']>) {
  return { reader: nameOf(reader), management: nameOf(management), master: toHex(master) };
}

function nameOf({ ek, ak }: SecurityKeys): string {
  return toHex(ek) + toHex(ak);
}

/** Limits that no rotation of the bench reaches: what is measured is the change of keys. */
function unbounded(limit: (typeof defaultGuardSettings.serviceLimits)[number]) {
  return { ...limit, meters: 1_000_000, watts: 1_000_000_000 };
}

async function addMeters(
  transaction: Registry,
  fleet: ReadonlyMap<string, KeyMeter>,
  vault: ReturnType<typeof openKeyVault>,
): Promise<void> {
  const place = { zone: 'UTC', substation: 'S', feeder: 'F', transformer: 'T', tariff_id: '-' };
  const point = {
    ...place,
    kind: 'home' as const,
    customer: '-',
    address: '-',
    solar_w: 0,
    latitude: 0,
    longitude: 0,
  };
  const rest = { make: 'WTL', profile: 'demo', host: 'memory', interval_seconds: 900, installed_ms: 0 };
  for (const [serial, { systemTitle, port, first }] of fleet) {
    const row = { serial, usage_point_id: serial, system_title: toHex(systemTitle), port, ...rest };
    const sealed = vault.seal({ serial, client: 'reader' }, first.reader);
    await transaction
      .insertInto('usage_point')
      .values({ ...point, id: serial })
      .execute();
    await transaction
      .insertInto('meter')
      .values({ ...row, state: 'ok', failures: 0 })
      .execute();
    await transaction.insertInto('meter_key').values({ serial, client: 'reader', sealed }).execute();
  }
}
