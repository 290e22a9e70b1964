/** What keys, counters, ledger, jobs and campaigns write, on SQLite and on a real PostgreSQL: the same on both. */
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CodedError, seededRandom, silentLog, virtualClock } from '@wattline/base';
import {
  approve,
  type Batch,
  batchHash,
  createImageStore,
  enrolMeter,
  openCampaignDesk,
  openCommandDesk,
  openKeyVault,
  openSigner,
  readEnrolment,
  signManifest,
} from '@wattline/headend';
import type { Dialer } from '@wattline/network';
import { openRegistry, type Registry } from '@wattline/store/registry';
import {
  postgresAbsence,
  startTrialPostgres,
  type TrialPostgres,
} from '../../store/registry/fixture/trial-postgres.ts';
import { crashWorld } from './crash-world.ts';

const nowMs = Date.UTC(2026, 10, 21, 10);
const installation = 'databases';
const serials = ['D1', 'D2'];
const nobody: Dialer = {
  dial: async () => {
    throw new CodedError('network/unreachable', 'nobody is there');
  },
};

/** A signer and a desk over one database, with two meters that nobody can reach. */
async function openDesk(registry: Registry, directory: string) {
  const clock = virtualClock(nowMs);
  const vault = openKeyVault(join(directory, 'keys.bin'));
  const operator = generateKeyPairSync('ed25519');
  const maker = generateKeyPairSync('ed25519');
  const person = (id: string, role: string, key: typeof operator) => ({
    ...{ id, name: id, roles: [role], tenants: ['T'] },
    publicKey: key.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
  });
  const enrolment = readEnrolment(
    JSON.stringify({
      installation,
      settings: { cancelWindowMs: 0 },
      people: [person('p', 'operator', operator), person('m', 'maker', maker)],
      meters: serials.map((serial, i) =>
        enrolMeter(
          {
            ...{ serial, tenant: 'T', substation: 'S', feeder: 'F', transformer: 'X', loadW: 1 },
            ...{ isLifeSupport: false, systemTitle: `57544C000000000${i}` },
          },
          { ek: seededRandom(`ek ${i}`).bytes(16), ak: seededRandom(`ak ${i}`).bytes(16) },
          vault,
        ),
      ),
    }),
  );
  const open = () => openSigner({ registry, enrolment, vault, clock, random: seededRandom('signer') });
  let signer = await open();
  const desk = await openCommandDesk({
    ...{ registry, dialer: nobody, clock, log: silentLog, retryPauseMs: 0, attempts: 3 },
    ask: async (message) => JSON.parse(JSON.stringify(await signer.handle(message))),
  });
  const restart = async () => {
    signer = await open();
    return signer;
  };
  return { clock, desk, operator, maker, restart, signer: () => signer };
}

async function keepMeters(registry: Registry): Promise<void> {
  const place = { zone: 'UTC', substation: 'S', feeder: 'F', transformer: 'X', tariff_id: '-' };
  const point = {
    ...place,
    kind: 'home',
    customer: '-',
    address: '-',
    solar_w: 0,
    latitude: 0,
    longitude: 0,
  } as const;
  for (const [i, serial] of serials.entries()) {
    await registry
      .insertInto('usage_point')
      .values({ ...point, id: serial })
      .execute();
    const row = {
      serial,
      usage_point_id: serial,
      system_title: `57544C000000000${i}`,
      make: 'WTL',
      profile: 'demo',
    };
    const reach = { host: 'memory', port: i + 1, interval_seconds: 900, installed_ms: 0, failures: 0 };
    await registry
      .insertInto('meter')
      .values({ ...row, ...reach, state: 'ok', last_contact_ms: nowMs })
      .execute();
  }
}

function contract(urlOf: () => string): void {
  let directory = '';
  let registry: Registry;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'wattline-databases-'));
    registry = await openRegistry(urlOf());
    await keepMeters(registry);
  });
  after(async () => {
    await registry.destroy();
    rmSync(directory, { recursive: true, force: true });
  });

  test('keys change in two phases and counters are reserved, through lives that end in the middle of it', async (t) => {
    const world = await crashWorld(t, 'databases', { url: urlOf() });
    for (let life = 0; life < 12; life++) await world.live();
    assert.deepEqual(await world.recover(), { isRead: [true, true], isChanged: true });
  });

  test('jobs: a batch once, its approvals, attempts, steps and cancel', async () => {
    const { clock, desk, operator } = await openDesk(registry, directory);
    const batch: Batch = {
      ...{ key: 'b1', tenant: 'T', command: 'reconnect', lane: 'ordinary', reason: 'test', requestedBy: 'p' },
      ...{ meters: serials, deadlineMs: nowMs + 3_600_000 },
    };
    const asked = await desk.request(batch);
    assert.deepEqual(
      asked.map(({ id, state, code }) => [id, state, code]),
      serials.map((serial) => [`b1/${serial}`, 'held', 'guard/people-missing']),
    );
    const single = { ...batch, key: 'b2', meters: ['D1'] };
    const signed = [approve(batchHash(single, installation), 'p', { atMs: nowMs, key: operator.privateKey })];
    await desk.request(single, signed);
    await desk.request(single, signed);
    await clock.advance(1);
    await desk.run();
    const [job] = await desk.jobs({ key: 'b2' });
    assert.deepEqual([job?.state, job?.code, job?.attempts], ['approved', 'network/unreachable', 1]);
    assert.deepEqual(
      (await desk.steps('b2/D1')).map(({ state }) => state),
      ['requested', 'approved', 'executing', 'approved'],
    );
    assert.deepEqual((await desk.batch('b2'))?.approvals, signed);
    await assert.rejects(desk.request({ ...single, meters: ['D2'] }), { code: 'command/key-reused' });
    assert.deepEqual(
      (await desk.cancel('b1', 'p')).map(({ state }) => state),
      ['cancelled', 'cancelled'],
    );
    assert.deepEqual(await desk.metersOf({ scope: 'transformer', place: 'X' }), serials);
  });

  test('a campaign begins with jobs for its canary, and stands so for the desk of another process', async () => {
    const { clock, desk, maker } = await openDesk(registry, directory);
    const image = seededRandom('image').bytes(70_000);
    const digest = createHash('sha256').update(image).digest('hex');
    const manifest = { image: 'W', version: '2', hardware: ['WTL'], octets: image.length, digest };
    const images = createImageStore(registry);
    const open = () => openCampaignDesk({ registry, images, desk, clock, deadlines: clock, log: silentLog });
    const start = {
      ...{
        id: 'c1',
        firmware: { ...signManifest(manifest, maker.privateKey), maker: 'm' },
        image,
        tenant: 'T',
      },
      ...{ requestedBy: 'p', reason: 'test', canaryMeters: 1 },
    };
    await open().start(start);
    await open().step();
    const detail = await open().detail('c1');
    assert.equal(detail?.campaign.state, 'running');
    assert.deepEqual(detail?.campaign.stages, ['canary', '10 %', '100 %']);
    assert.deepEqual(Buffer.from((await images.of(digest)) ?? ''), Buffer.from(image));
    const jobs = (await desk.jobs({})).filter(({ command }) => command === 'firmware-transfer');
    assert.ok(jobs.length >= 1, 'a job for each meter of the canary');
  });

  test('the ledger goes on where it stood, and none of its lines can be altered or taken out', async () => {
    const { restart, signer } = await openDesk(registry, directory);
    const status = async () => {
      const reply = await signer().handle({ kind: 'status' });
      return reply.kind === 'status' ? [reply.ledgerHead, reply.isRedSwitchPulled] : [];
    };
    await signer().handle({ kind: 'red-switch', by: 'p' });
    const [head, isPulled] = await status();
    assert.equal(isPulled, true);
    await restart();
    const [next, stillPulled] = await status();
    assert.equal(stillPulled, true);
    assert.notEqual(next, head, 'the start is a line of its own');
    const { count } = await registry
      .selectFrom('guard_ledger')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    await assert.rejects(registry.updateTable('guard_ledger').set({ body: '{}' }).execute(), /append-only/);
    await assert.rejects(registry.deleteFrom('guard_ledger').execute(), /append-only/);
    const after = await registry.selectFrom('guard_ledger').selectAll().execute();
    assert.equal(after.length, Number(count));
  });
}

describe('on SQLite', () => {
  const directory = mkdtempSync(join(tmpdir(), 'wattline-sqlite-'));
  after(() => rmSync(directory, { recursive: true, force: true }));
  contract(() => join(directory, 'registry.sqlite'));
});

const absence = await postgresAbsence();
describe('on PostgreSQL', { skip: absence }, () => {
  let server: TrialPostgres;
  before(async () => {
    server = await startTrialPostgres();
  });
  after(() => server.stop());
  contract(() => server.url);
});
