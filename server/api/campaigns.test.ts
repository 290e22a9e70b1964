/** Firmware campaigns over HTTP: started with an image and its maker's signature, shown, halted; nonsense refused. */
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { seededRandom } from '@wattline/base';
import { signManifest } from '@wattline/headend';
import type { CampaignItem, CampaignReport, Page } from '@wattline/model';
import { type ApiDocument, answerChecker } from './fixture/openapi-check.ts';
import { type ServedSystem, serveSystem } from './fixture/served-system.ts';

describe('campaigns', () => {
  let served: ServedSystem;
  let check: ReturnType<typeof answerChecker>;
  before(async () => {
    served = await serveSystem();
    check = answerChecker(await served.get<ApiDocument>('/api/openapi.json'));
  });
  after(() => served.close());

  const image = seededRandom('image').bytes(1_000_000);
  const manifest = {
    ...{ image: 'WTL-2', version: '2', hardware: ['Wattline'], octets: image.length },
    digest: createHash('sha256').update(image).digest('hex'),
  };
  const firmware = { ...signManifest(manifest, generateKeyPairSync('ed25519').privateKey), maker: 'acme' };
  const start = {
    ...{
      id: 'fix-1',
      firmware,
      image: Buffer.from(image).toString('base64'),
      tenant: 'utility',
      requestedBy: 'asha',
    },
    ...{ reason: 'fixes the clock', soakHours: 1, silentHours: null, canaryMeters: 1 },
  };
  async function ask<T>(operation: string, path: string, body?: unknown, status = 200): Promise<T> {
    const headers = { 'content-type': 'application/json' };
    const init =
      body === undefined ? {} : { method: 'POST', isSignedIn: true, body: JSON.stringify(body), headers };
    const response = await served.ask(`/api/v1/campaigns${path}`, init);
    assert.equal(response.status, status, `${path}: ${response.status}`);
    return (await check(operation, response)) as T;
  }
  const codeOf = async (body: unknown, status: number) =>
    (await ask<{ code: string }>('startCampaign', '', body, status)).code;

  test('a campaign is started with an image of a megabyte, planned, and listed with its stages', async () => {
    const report = await ask<CampaignReport>('startCampaign', '', start);
    assert.deepEqual([report.state, report.version, report.stage, report.waiting], ['running', '2', 0, []]);
    // Three meters of one kind: as many of it as there are go first, whatever the canary's size.
    assert.deepEqual(
      report.stages.map(({ name, meters, waiting }) => [name, meters, waiting]),
      [
        ['canary', 3, 3],
        ['10 %', 0, 0],
        ['100 %', 0, 0],
      ],
    );
    assert.deepEqual(
      report.meters.map(({ serial, state }) => [serial, state]),
      ['WTL0001', 'WTL0002', 'WTL0003'].map((serial) => [serial, 'waiting']),
    );
    const { items } = await ask<Page<CampaignItem>>('listCampaigns', '');
    assert.deepEqual(
      items.map(({ id, maker }) => [id, maker]),
      [['fix-1', 'acme']],
    );
  });

  test('the same id, an image that is another, a manifest that is none, hardware that nobody has are refused by code', async () => {
    assert.equal(await codeOf(start, 409), 'headend/campaign-exists');
    const other = Buffer.from(image.map((octet, i) => (i === 7 ? octet ^ 1 : octet))).toString('base64');
    assert.equal(await codeOf({ ...start, id: 'fix-2', image: other }, 400), 'headend/image-refused');
    const unsigned = { ...firmware, signature: undefined };
    assert.equal(await codeOf({ ...start, id: 'fix-2', firmware: unsigned }, 400), 'server/bad-body');
    const foreign = { ...firmware, manifest: { ...manifest, hardware: ['Others'] } };
    assert.equal(await codeOf({ ...start, id: 'fix-2', firmware: foreign }, 409), 'headend/no-candidates');
    assert.equal(await codeOf({ ...start, id: '../x' }, 400), 'server/bad-body');
  });

  test('whoever halts it needs no signature but a login, and it stays halted', async () => {
    const body = JSON.stringify({ by: 'ben', reason: 'stop' });
    const headers = { 'content-type': 'application/json' };
    const stranger = await served.ask('/api/v1/campaigns/fix-1/halt', { method: 'POST', body, headers });
    assert.equal(stranger.status, 401);
    const halted = await ask<CampaignReport>('haltCampaign', '/fix-1/halt', { by: 'ben', reason: 'stop' });
    assert.deepEqual([halted.state, halted.reason], ['halted', 'ben: stop']);
    assert.equal((await ask<CampaignReport>('getCampaign', '/fix-1')).state, 'halted');
    await ask('getCampaign', '/fix-9', undefined, 404);
    await ask('haltCampaign', '/fix-9/halt', { by: 'ben', reason: 'stop' }, 404);
  });
});
