/**
 * A firmware campaign as its sentence says it, in virtual time over the real way (image, guard, signer, sessions): a canary of 227 meters drawn from
 * every model, soaked for 72 h before a tenth follows; transfers that break go on where the meter stands; verified long before it is activated.
 */
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { seededRandom, silentLog, toHex, virtualClock } from '@wattline/base';
import {
  approve,
  type CampaignStart,
  createImageStore,
  enrolMeter,
  openCampaignDesk,
  openCommandDesk,
  openHeadend,
  openKeyVault,
  openSigner,
  readEnrolment,
  signManifest,
} from '@wattline/headend';
import { firmwareKeysFromSeed, type Meter, signFirmware } from '@wattline/meter';
import { type Dialer, memoryLinkPair } from '@wattline/network';
import { createServerConnection } from '@wattline/protocols/dlms';
import { openRegistry } from '@wattline/store/registry';
import { createBenchMeter, shipmentOf } from '../../bench/headend/bench-meter.ts';

const hourMs = 3_600_000;
const startMs = Date.UTC(2026, 10, 2);
/** As few as leave a tenth and a rest behind the canary. */
const fleetSize = 262;
/** Six of a rare model among two common ones. */
const modelOf = (i: number) => (i < 6 ? 'R' : i % 3 === 0 ? 'B' : 'A');
const maker = firmwareKeysFromSeed('soak', 'application');
const image = signFirmware(
  {
    ...{ part: 'application', model: 'WTL', version: '2.0.0', rollbackNumber: 2 },
    payload: seededRandom('soak image').bytes(1_000),
  },
  maker.privateKey,
);
const blocks = Math.ceil(image.length / 512);
const breaksAfterBlock = 2;

/** Links to meters that count the blocks each takes; of some the first link with an image breaks, and an answer is lost with it. */
function linksTo(meters: readonly Meter[], breaking: ReadonlySet<number>) {
  const taken = meters.map(() => 0);
  const broken = new Set<number>();
  const dialer: Dialer = {
    async dial({ port }) {
      const i = port - 1;
      const meter = meters[i] as Meter;
      const [ours, theirs] = memoryLinkPair(['meter', 'head-end']);
      const device: Meter['device'] = {
        ...meter.device,
        action(reference, ...rest) {
          if (reference.classId === 18 && reference.method === 2) taken[i] = (taken[i] ?? 0) + 1;
          return meter.device.action(reference, ...rest);
        },
      };
      const connection = createServerConnection(device, { random: seededRandom(`meter ${i}`) });
      theirs.receive((octets) => {
        const replies = connection.receive(octets).send;
        if (breaking.has(i) && !broken.has(i) && taken[i] === breaksAfterBlock) {
          broken.add(i);
          return theirs.close();
        }
        for (const reply of replies) theirs.send(reply);
      });
      return ours;
    },
  };
  return { dialer, taken, broken };
}

async function openCity(t: TestContext) {
  const clock = virtualClock(startMs);
  const directory = mkdtempSync(join(tmpdir(), 'wattline-soak-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const firmware = { keys: { application: [maker.publicKey], legal: [] }, mostOctets: 4_096 };
  const meters = Array.from({ length: fleetSize }, (_, i) =>
    createBenchMeter(i, startMs, clock, { firmware }),
  );
  const links = linksTo(meters, new Set(Array.from({ length: 40 }, (_, i) => i * 5)));
  const vault = openKeyVault(join(directory, 'signer.bin'));
  const people = ['asha', 'ben', 'acme'].map((id) => ({ id, ...generateKeyPairSync('ed25519') }));
  const enrolment = readEnrolment(
    JSON.stringify({
      installation: 'soak',
      settings: { cancelWindowMs: 0 },
      people: people.map(({ id, publicKey }) => ({
        ...{ id, name: id, roles: [id === 'acme' ? 'maker' : 'operator'], tenants: ['utility'] },
        publicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
      })),
      meters: meters.map(({ spec, systemTitle }, i) =>
        enrolMeter(
          {
            ...{ serial: spec.serial, tenant: 'utility', substation: 'S', feeder: 'F', loadW: 1_000 },
            ...{ transformer: `T${i % 6}`, isLifeSupport: false, systemTitle: toHex(systemTitle) },
          },
          spec.keys.management,
          vault,
        ),
      ),
    }),
  );
  const [registry, signerRegistry] = await Promise.all([openRegistry(':memory:'), openRegistry(':memory:')]);
  t.after(async () => void (await Promise.all([registry.destroy(), signerRegistry.destroy()])));
  const signer = await openSigner({
    ...{ registry: signerRegistry, enrolment, vault, clock, random: seededRandom('signer') },
  });
  const { dialer } = links;
  const headend = await openHeadend({
    ...{ registry, dialer, clock, random: seededRandom('head-end'), log: silentLog },
    push: { host: '127.0.0.1', port: 0 },
    events: { report: async () => {} },
    sink: { ingest: async () => ({ accepted: 0, duplicates: 0, rejected: [] }) },
    progress: { knownUntil: async (_, sinceMs) => sinceMs, gaps: async () => [] },
    // Sweeps take no time here: links are not spread over seconds.
    policy: { dialsPerSecond: 1_000_000 },
    keyFile: join(directory, 'keys.bin'),
  });
  t.after(() => headend.close());
  const rows = meters.map((meter, i) => {
    const row = shipmentOf(meter, i, { host: 'memory', port: i + 1 });
    return { ...row, meter: { ...row.meter, model: modelOf(i) } };
  });
  await headend.provision(JSON.stringify(rows), 'json');
  const images = createImageStore(registry);
  const desk = await openCommandDesk({
    ...{ registry, ask: signer.handle, dialer, clock, log: silentLog, imageOf: images.of, retryPauseMs: 0 },
  });
  const campaigns = openCampaignDesk({ registry, images, desk, clock, deadlines: clock, log: silentLog });
  const keyOf = (id: string) => people.find((one) => one.id === id)?.privateKey;
  /** Passes until nothing is under way; with `signs` two people sign what waits for them. */
  const work = async ({ signs }: { readonly signs: boolean }) => {
    for (let pass = 0; pass < 5; pass++) {
      await campaigns.step();
      const { waiting = [] } = (await campaigns.detail('soak')) ?? {};
      for (const key of signs ? waiting : []) {
        const stored = await desk.batch(key);
        if (!stored) continue;
        const signatures = ['asha', 'ben'].map((id) => {
          const key = keyOf(id);
          assert.ok(key);
          return approve(stored.hash, id, { atMs: clock.now(), key });
        });
        await desk.request(stored.batch, signatures);
      }
      await desk.run();
    }
  };
  const makerKey = keyOf('acme');
  assert.ok(makerKey);
  return { clock, meters, links, headend, campaigns, work, makerKey };
}

test('a canary of 227 from every model has the image verified, then activated, and soaks for 72 h before a tenth follows; a broken transfer costs no block twice', async (t) => {
  const { clock, meters, links, headend, campaigns, work, makerKey } = await openCity(t);
  const manifest = {
    ...{ image: 'WTL-2.0.0', version: '2.0.0', hardware: ['Wattline virtual meter'], octets: image.length },
    digest: createHash('sha256').update(image).digest('hex'),
  };
  const start: CampaignStart = {
    ...{ id: 'soak', image, tenant: 'utility', requestedBy: 'asha', reason: 'fixes the clock' },
    firmware: { ...signManifest(manifest, makerKey), maker: 'acme' },
    // Every harmed meter shows it, and none falls silent by itself: the question that 227 meters answer with 99.9 %.
    question: { faultShare: 0.03, visibleShare: 1, baselineShare: 0, detection: 0.999 },
  };
  const { rules } = (await campaigns.start(start)).terms;
  assert.deepEqual([rules.soakMs, rules.silentMs], [72 * hourMs, 24 * hourMs]);
  const stages = Map.groupBy((await campaigns.detail('soak'))?.meters ?? [], ({ stage }) => stage);
  const [canary = [], tenth = [], rest = []] = [0, 1, 2].map((stage) =>
    (stages.get(stage) ?? []).map(({ serial }) => meters.findIndex(({ spec }) => spec.serial === serial)),
  );
  const modelsOf = (stage: readonly number[]) =>
    ['A', 'B', 'R'].map((model) => stage.filter((i) => modelOf(i) === model).length);
  // By their shares of the fleet (170, 86 and 6 of 262), rounded up.
  assert.deepEqual(modelsOf(canary), [148, 75, 6]);
  assert.ok(canary.length >= 227 && canary.length <= 229);
  assert.deepEqual([tenth.length, rest.length], [27, 6]);

  const updated = () =>
    meters.flatMap(({ firmware }, i) => (firmware.running('application').version === '2.0.0' ? [i] : []));
  await work({ signs: false });
  // Verified in the whole canary, active in none; what broke went on with the first block that was missing.
  assert.deepEqual(updated(), []);
  const cut = canary.filter((i) => links.broken.has(i));
  assert.ok(cut.length >= 20);
  for (const i of canary) assert.equal(links.taken[i], blocks, `blocks that meter ${i} took`);
  for (const i of [...tenth, ...rest]) assert.equal(links.taken[i], 0);
  await work({ signs: true });
  assert.deepEqual(
    updated(),
    canary.toSorted((a, b) => a - b),
  );

  const goOn = async (untilMs: number) => {
    await clock.advance(untilMs - clock.now());
    await work({ signs: true });
    return (await campaigns.detail('soak'))?.campaign;
  };
  const soakedMs = clock.now() + 72 * hourMs;
  await clock.advance(71 * hourMs);
  await headend.collectAll({ concurrency: 16 });
  const early = await goOn(soakedMs - 1);
  assert.deepEqual([early?.state, early?.stage], ['running', 0]);
  for (const i of [...tenth, ...rest])
    assert.equal(links.taken[i], 0, 'nothing goes on before the soak is over');
  const second = await goOn(soakedMs);
  assert.deepEqual([second?.state, second?.stage], ['running', 1]);
  assert.deepEqual(
    updated(),
    [...canary, ...tenth].toSorted((a, b) => a - b),
  );
  for (const i of tenth) assert.equal(links.taken[i], blocks);
  const report = Map.groupBy((await campaigns.detail('soak'))?.meters ?? [], ({ state }) => state);
  assert.deepEqual(
    [report.get('activated')?.length, report.get('waiting')?.length, report.size],
    [canary.length + tenth.length, rest.length, 2],
  );
});
