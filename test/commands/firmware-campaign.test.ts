/** Firmware campaigns over TCP: an image from its maker to the last meter, stage after stage, and what stops it. */
import assert from 'node:assert/strict';
import { createHash, type KeyObject } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { seededRandom } from '@wattline/base';
import { type CampaignDesk, type CampaignStart, type Manifest, signManifest } from '@wattline/headend';
import { firmwareKeysFromSeed, signFirmware } from '@wattline/meter';
import { type Office, type OfficeOptions, openOffice } from './office.ts';

const make = 'Wattline virtual meter';
const makerOf = firmwareKeysFromSeed('campaign', 'application');
const image = signFirmware(
  {
    part: 'application',
    model: 'WTL',
    version: '2.0.0',
    rollbackNumber: 2,
    payload: seededRandom('fw').bytes(6_000),
  },
  makerOf.privateKey,
);
const firmware = { keys: { application: [makerOf.publicKey], legal: [] } };

async function openWorks(t: TestContext, options: OfficeOptions = {}) {
  const office = await openOffice(t, { count: 12, spec: { firmware }, ...options });
  return { office, campaigns: office.openCampaigns() };
}

function manifestOf(change: Partial<Manifest> = {}): Manifest {
  const digest = createHash('sha256').update(image).digest('hex');
  return { image: 'WTL-2.0.0', version: '2.0.0', hardware: [make], octets: image.length, digest, ...change };
}

function startOf(office: Office, change: Partial<CampaignStart> = {}, maker = 'acme'): CampaignStart {
  const signed = signManifest(manifestOf(), office.keys.get(maker) as KeyObject);
  return {
    ...{ id: 'c1', firmware: { ...signed, maker: 'acme' }, image, tenant: 'utility', requestedBy: 'asha' },
    ...{ reason: 'fixes the clock', canaryMeters: 3, rules: { soakMs: 0 } },
    ...change,
  };
}

/** Passes until the campaign ends or waits for people who do not come; two people sign what `signs` says. */
async function live(
  office: Office,
  campaigns: CampaignDesk,
  of: { readonly passes?: number; readonly signs?: (key: string) => boolean } = {},
): Promise<void> {
  const { passes = 40, signs = () => true } = of;
  for (let pass = 0; pass < passes; pass++) {
    await office.desk.run();
    await campaigns.step();
    const detail = await campaigns.detail('c1');
    for (const key of detail?.waiting ?? []) {
      const stored = signs(key) ? await office.desk.batch(key) : undefined;
      if (stored) await office.desk.request(stored.batch, office.signatures(stored.batch, 'asha', 'ben'));
    }
    if (detail?.campaign.state !== 'running') return;
  }
}

const versionsOf = ({ meters }: Office) =>
  meters.map((meter) => meter.firmware.running('application').version);
const count = (versions: readonly string[], version: string) =>
  versions.filter((one) => one === version).length;

test('an image goes to the canary, a tenth and the rest: transferred, verified, activated when two have signed, proved', async (t) => {
  const { office, campaigns } = await openWorks(t);
  await campaigns.start(startOf(office));
  // Nobody signs: the canary has the image verified, none runs it, the others have nothing.
  await live(office, campaigns, { passes: 4, signs: () => false });
  const waiting = await campaigns.detail('c1');
  assert.deepEqual(waiting?.waiting, ['campaign/c1/0/activation/1']);
  assert.deepEqual([...new Set(versionsOf(office))], ['1.0.0']);
  const states = Map.groupBy(waiting?.meters ?? [], ({ stage }) => stage);
  assert.deepEqual([...states].map(([stage, meters]) => [stage, meters.length]).sort(), [
    [0, 5],
    [1, 2],
    [2, 5],
  ]);
  assert.ok(states.get(0)?.every(({ state }) => state === 'transferred'));
  assert.ok(states.get(1)?.every(({ state }) => state === 'waiting'));
  await live(office, campaigns);
  const done = await campaigns.detail('c1');
  assert.equal(done?.campaign.state, 'done');
  assert.deepEqual([...new Set(versionsOf(office))], ['2.0.0']);
  assert.ok(done?.meters.every(({ state, activated_ms }) => state === 'activated' && activated_ms !== null));
  const rows = await office.registry.selectFrom('meter').select('firmware').execute();
  assert.deepEqual([...new Set(rows.map((row) => row.firmware))], ['2.0.0']);
});

test('a transfer that breaks goes on where the meter stands, and a campaign where the process before it stopped', async (t) => {
  const { office, campaigns } = await openWorks(t, { count: 1 });
  await campaigns.start(startOf(office));
  await campaigns.step();
  const blocks = Math.ceil(image.length / 512);
  let links = 0;
  // On the first link the signer finds that it lacks the image.
  office.line.breakAfter = () => (links++ === 1 ? 12 : undefined);
  await office.desk.run();
  const [job] = await office.desk.jobs({ key: 'campaign/c1/0/transfer/1' });
  assert.deepEqual([job?.state, job?.code], ['approved', 'headend/link-closed']);
  const before = office.line.answers;
  await office.desk.run();
  // What is left of the blocks, and the requests around them; not the whole image again.
  assert.ok(
    office.line.answers - before < blocks + 4,
    `${office.line.answers - before} answers for ${blocks} blocks`,
  );
  const next = office.openCampaigns();
  await live(office, next);
  assert.deepEqual(versionsOf(office), ['2.0.0']);
  // The other stages of a fleet of one are empty and hold nothing up.
  assert.equal((await next.detail('c1'))?.campaign.state, 'done');
});

test('a meter that sleeps is asked again in another batch, and is no failure of the image', async (t) => {
  const { office, campaigns } = await openWorks(t, { count: 2 });
  const asleep = office.serials.at(-1);
  office.line.breakAfter = (serial) => (serial === asleep ? 0 : undefined);
  await campaigns.start(startOf(office));
  await live(office, campaigns, { passes: 25 });
  const before = await campaigns.detail('c1');
  const sleeper = before?.meters.find(({ serial }) => serial === asleep);
  assert.deepEqual([before?.campaign.state, sleeper?.state, sleeper?.attempts], ['running', 'waiting', 0]);
  assert.equal((await office.desk.jobs({ key: 'campaign/c1/0/transfer/1' })).at(-1)?.state, 'failed');
  office.line.breakAfter = () => undefined;
  await live(office, campaigns);
  assert.deepEqual(versionsOf(office), ['2.0.0', '2.0.0']);
});

test('meters that are not heard any more after the activation stop the campaign inside the canary', async (t) => {
  const { office, campaigns } = await openWorks(t);
  await campaigns.start(startOf(office, { rules: { soakMs: 3_600_000, silentMs: 1 } }));
  await live(office, campaigns);
  const detail = await campaigns.detail('c1');
  assert.equal(detail?.campaign.state, 'halted');
  assert.match(detail?.campaign.reason ?? '', /silent/);
  assert.ok(count(versionsOf(office), '2.0.0') <= 5);
  // Nothing goes on by itself.
  await live(office, campaigns, { passes: 3 });
  assert.ok(count(versionsOf(office), '2.0.0') <= 5);
});

test('a home that goes dark with the image stops the campaign, one that people switched off does not', async (t) => {
  const { office, campaigns } = await openWorks(t, { count: 3 });
  await campaigns.start(startOf(office, { rules: { soakMs: 3_600_000 } }));
  await live(office, campaigns, { passes: 8 });
  assert.equal(count(versionsOf(office), '2.0.0'), 3);
  const [one = '', two = ''] = office.serials;
  const dark = (serial: string) =>
    office.registry
      .insertInto('event')
      .values({
        ...{ kind: 'supply-disconnected', occurred_ms: office.clock.now(), received_ms: office.clock.now() },
        ...{ usage_point_id: null, serial, code: null, message: 'by the meter' },
      })
      .execute();
  await office.carryOut(office.batch({ command: 'disconnect', meters: [one] }));
  await dark(one);
  await campaigns.step();
  assert.equal((await campaigns.detail('c1'))?.campaign.state, 'running');
  await dark(two);
  await campaigns.step();
  const { campaign } = (await campaigns.detail('c1')) ?? {};
  assert.equal(campaign?.state, 'halted');
  assert.match(campaign?.reason ?? '', /disconnects/);
});

test('a person halts a campaign: what waits is cancelled, and signatures that come later activate nothing', async (t) => {
  const { office, campaigns } = await openWorks(t, { count: 3 });
  await campaigns.start(startOf(office));
  await live(office, campaigns, { passes: 4, signs: () => false });
  const [key = ''] = (await campaigns.detail('c1'))?.waiting ?? [];
  const stored = await office.desk.batch(key);
  assert.ok(stored);
  const halted = await campaigns.halt('c1', 'ben', 'the maker called');
  assert.deepEqual([halted.state, halted.reason], ['halted', 'ben: the maker called']);
  const jobs = await office.desk.request(stored.batch, office.signatures(stored.batch, 'asha', 'ben'));
  assert.deepEqual([...new Set(jobs.map(({ state }) => state))], ['cancelled']);
  await office.desk.run();
  assert.equal(count(versionsOf(office), '1.0.0'), 3);
});

test('an image that no enrolled maker signed, or another than the manifest says, reaches no meter', async (t) => {
  const { office, campaigns } = await openWorks(t, { count: 1 });
  // Signed by an operator under the maker's name.
  await campaigns.start(startOf(office, {}, 'asha'));
  await live(office, campaigns, { passes: 10 });
  const detail = await campaigns.detail('c1');
  assert.deepEqual([detail?.campaign.state, detail?.meters[0]?.state], ['halted', 'failed']);
  const [job] = await office.desk.jobs({ key: 'campaign/c1/0/transfer/1' });
  assert.equal(job?.code, 'signer/manifest-refused');
  const altered = image.map((octet, i) => (i === 3_000 ? octet ^ 1 : octet));
  await assert.rejects(campaigns.start(startOf(office, { id: 'c2', image: altered })), {
    code: 'headend/image-refused',
  });
  await assert.rejects(campaigns.start(startOf(office)), { code: 'headend/campaign-exists' });
  assert.deepEqual(versionsOf(office), ['1.0.0']);
});

test('meters that refuse the image stop the campaign: it can never be judged', async (t) => {
  // These meters trust another maker of firmware than the utility does.
  const other = firmwareKeysFromSeed('other', 'application');
  const { office, campaigns } = await openWorks(t, {
    count: 2,
    spec: { firmware: { keys: { application: [other.publicKey], legal: [] } } },
  });
  await campaigns.start(startOf(office));
  await live(office, campaigns);
  const detail = await campaigns.detail('c1');
  assert.equal(detail?.campaign.state, 'halted');
  assert.match(detail?.campaign.reason ?? '', /refusals/);
  assert.deepEqual([...new Set(versionsOf(office))], ['1.0.0']);
});
