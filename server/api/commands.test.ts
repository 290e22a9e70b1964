/** Commands over HTTP: previewed, requested, signed by people, cancelled; the signer decides and the API only carries. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { approve, type Batch, batchHash } from '@wattline/headend';
import type {
  CommandBatchDetail,
  CommandBoard,
  CommandJobItem,
  CommandPreview,
  GuardStatus,
  Page,
} from '@wattline/model';
import { readPersonKey } from '../person-key.ts';
import { type ApiDocument, answerChecker } from './fixture/openapi-check.ts';
import { nowMs, type ServedSystem, serveSystem } from './fixture/served-system.ts';

const hourMs = 3_600_000;

describe('commands', () => {
  let served: ServedSystem;
  let check: ReturnType<typeof answerChecker>;
  before(async () => {
    served = await serveSystem();
    check = answerChecker(await served.get<ApiDocument>('/api/openapi.json'));
  });
  after(() => served.close());

  async function ask<T>(operation: string, path: string, body?: unknown, status = 200): Promise<T> {
    const init = body === undefined ? {} : postOf(body);
    const response = await served.ask(`/api/v1/${path.startsWith('keys') ? '' : 'commands'}${path}`, init);
    assert.equal(response.status, status, `${path}: ${response.status}`);
    return (await check(operation, response)) as T;
  }
  const postOf = (body: unknown) => ({
    method: 'POST',
    isSignedIn: true,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
  const batch = (key: string, more: Partial<Batch> = {}): Batch => ({
    key,
    tenant: 'utility',
    command: 'disconnect',
    lane: 'ordinary',
    meters: ['WTL0001'],
    reason: 'moved out',
    requestedBy: 'asha',
    deadlineMs: nowMs + 4 * hourMs,
    ...more,
  });
  /** A person signs on a device that computes the hash from what it shows. */
  async function sign(asked: Batch, person: string) {
    const { installation } = await ask<GuardStatus>('guardStatus', '/status');
    const key = readPersonKey(join(served.directory, 'people', `${person}.pem`));
    return approve(batchHash(asked, installation), person, { atMs: nowMs, key });
  }
  const statesOf = ({ jobs }: CommandBatchDetail) => jobs.map(({ state, code }) => [state, code]);

  test('the meters of a transformer are previewed against the limits before anybody signs', async () => {
    const { meters } = await ask<{ meters: string[] }>('metersOfPlace', '/meters?scope=transformer&place=T1');
    assert.deepEqual(meters, ['WTL0001', 'WTL0002']);
    const preview = await ask<CommandPreview>('previewCommand', '/preview', batch('p', { meters }));
    const place = preview.places.find(({ scope }) => scope === 'transformer');
    assert.deepEqual([place?.meters, place?.watts, place?.metersLeft], [2, 10_000, 10]);
    assert.ok(preview.reasons.some(({ code }) => code === 'guard/people-missing'));
    assert.deepEqual((await ask<Page<CommandJobItem>>('listCommandJobs', '')).items, []);
  });

  test('a disconnection waits for its signature and then for the window in which it can be cancelled', async () => {
    const asked = batch('a');
    assert.deepEqual(statesOf(await ask('requestCommand', '', asked)), [['held', 'guard/people-missing']]);
    const signed = await ask<CommandBatchDetail>('approveCommand', '/a/approvals', await sign(asked, 'asha'));
    assert.deepEqual(statesOf(signed), [['held', 'guard/cancel-window']]);
    assert.deepEqual(signed.approvals, [{ person: 'asha', at: '2026-11-21T12:00:00Z' }]);
    const board = await ask<CommandBoard>('commandBoard', '/board');
    assert.equal(board.guard?.isRedSwitchPulled, false);
    const [shown] = board.batches;
    assert.deepEqual(
      [shown?.key, shown?.state, shown?.meters, shown?.approvals.map(({ person }) => person)],
      ['a', 'held', 1, ['asha']],
    );
    assert.deepEqual(
      shown?.reasons.map(({ code }) => code),
      ['guard/cancel-window'],
    );
    assert.equal(shown?.cancelUntil, '2026-11-21T12:15:00Z');
    assert.deepEqual(
      shown?.places.map(({ scope, place, meters, watts }) => [scope, place, meters, watts]),
      [
        ['transformer', 'T1', 1, 5_000],
        ['feeder', 'F1', 1, 5_000],
        ['substation', 'S1', 1, 5_000],
      ],
    );
    const { items } = await ask<Page<CommandJobItem>>('listCommandJobs', '?state=held');
    assert.deepEqual(
      items.map(({ id }) => id),
      ['a/WTL0001'],
    );
    const ended = await ask<CommandBatchDetail>('cancelCommand', '/a/cancel', { by: 'ben' });
    assert.deepEqual(statesOf(ended), [['cancelled', 'guard/cancelled']]);
    assert.deepEqual((await ask<CommandBoard>('commandBoard', '/board')).batches, []);
    const detail = await ask<CommandBatchDetail>('getCommandBatch', '/a');
    assert.deepEqual(
      detail.steps.map(({ state }) => state),
      ['requested', 'held', 'cancelled'],
    );
    assert.deepEqual(detail.batch, asked);
  });

  test('a signature over another batch is nobody’s, and the key of a batch is never another’s', async () => {
    const asked = batch('b');
    await ask('requestCommand', '', asked);
    const other = await sign(batch('b', { reason: 'another reason' }), 'asha');
    const answer = await ask<CommandBatchDetail>('approveCommand', '/b/approvals', other);
    assert.deepEqual(statesOf(answer), [['held', 'guard/people-missing']]);
    const problem = await ask<{ code: string }>(
      'requestCommand',
      '',
      batch('b', { meters: ['WTL0002'] }),
      409,
    );
    assert.equal(problem.code, 'command/key-reused');
  });

  test('what is no batch, no signature or no key is refused with its code', async () => {
    const code = async (path: string, body: unknown, status: number) =>
      ((await (await served.ask(`/api/v1/commands${path}`, postOf(body))).json()) as { code: string }).code +
      status;
    assert.equal(await code('', { ...batch('c'), colour: 'red' }, 400), 'server/bad-body400');
    assert.equal(await code('', { ...batch('c'), command: 'explode' }, 400), 'server/bad-body400');
    assert.equal(await code('/b/approvals', { person: 'asha' }, 400), 'server/bad-body400');
    await ask('getCommandBatch', '/nothing', undefined, 404);
    await ask('cancelCommand', '/nothing/cancel', { by: 'ben' }, 404);
  });

  test('keys are counted on both sides, a rotation is a batch like any other, and none is shown', async () => {
    assert.deepEqual(await ask('keyStatus', 'keys'), {
      reader: { meters: 3, changed: 0, pending: 0 },
      signer: {
        meters: 3,
        withoutMaster: 3,
        changed: { management: 0, master: 0 },
        pending: { management: 0, master: 0 },
      },
    });
    assert.deepEqual(await ask('settleKeys', 'keys/settle', {}), { decided: 0 });
    const asked = batch('k', { command: 'key-change', parameters: { of: ['management', 'master'] } });
    assert.deepEqual(statesOf(await ask('requestCommand', '', asked)), [['held', 'guard/people-missing']]);
    for (const parameters of [undefined, { of: [] }, { of: ['master', 'management'] }, { of: ['all'] }]) {
      const response = await served.ask('/api/v1/commands', postOf({ ...asked, key: 'l', parameters }));
      assert.equal(response.status, 400, JSON.stringify(parameters));
    }
  });

  test('the red switch stops what was signed, without anybody’s signature', async () => {
    await ask('pullRedSwitch', '/red-switch', { by: 'ben' });
    assert.equal((await ask<GuardStatus>('guardStatus', '/status')).isRedSwitchPulled, true);
    const asked = batch('d', { command: 'reconnect' });
    assert.deepEqual(statesOf(await ask('requestCommand', '', asked)), [['failed', 'guard/red-switch']]);
    const signed = await ask<CommandBatchDetail>('approveCommand', '/d/approvals', await sign(asked, 'asha'));
    assert.deepEqual(statesOf(signed), [['failed', 'guard/red-switch']]);
  });
});
