/** People set values with a reason, take edits back, and close what the rules put before them. */
import assert from 'node:assert/strict';
import test, { after, before, describe } from 'node:test';
import { quality } from '@wattline/model';
import { batchOf, intervals, openTrial, registerAt, type Trial } from '../fixture/trial.ts';

const dayMs = 86_400_000;
const start = Date.UTC(2026, 2, 2);
const channel = 'UP-1/delivered';
const by = { author: 'Asha', reason: 'read from the photo of the display' };
const day = { startMs: start, endMs: start + dayMs };

let trial: Trial;
before(async () => {
  trial = await openTrial({ nowMs: start + 5 * dayMs, installedMs: start, policy: { neighbours: 0 } });
  const values = Array.from({ length: 96 }, (_, slot) => (slot === 40 || slot === 41 ? null : 10));
  const registers = [
    registerAt('UP-1/delivered-total', start, 0),
    registerAt('UP-1/delivered-total', start + dayMs, 960),
  ];
  await trial.mdm.ingest(batchOf('day', intervals(channel, start, values), ...registers));
  await trial.mdm.settled();
});
after(() => trial.close());

async function slot(index: number) {
  const { value, quality: flags } = await trial.mdm.series(channel, day);
  return [value[index], flags[index]];
}

describe('an edit', () => {
  test('stands over an estimate, keeps what stood before, and the rest of the day sums to the register', async () => {
    assert.deepEqual(await slot(40), [10, quality.estimated]);
    const edit = await trial.mdm.editor.edit({ channel, startMs: start + 40 * 900_000, values: [15], ...by });
    await trial.mdm.settled();
    assert.deepEqual([edit.before.value, edit.after.value], [[10], [15]]);
    assert.deepEqual(await slot(40), [15, quality.edited]);
    assert.deepEqual(await slot(41), [5, quality.estimated], 'what the register leaves');
  });
  test('over a measured value is not taken back by a review, and leaves the measured version where it was', async () => {
    await trial.mdm.editor.edit({ channel, startMs: start + 50 * 900_000, values: [12], ...by });
    await trial.mdm.review('UP-1', day);
    await trial.mdm.settled();
    assert.deepEqual(await slot(50), [12, quality.edited]);
    const versions = await trial.mdm.versions(channel, start + 50 * 900_000);
    assert.deepEqual(
      versions.map(({ value, method, origin }) => [value, method, origin.source]),
      [
        [10, '', 'dlms'],
        [12, 'edit', 'manual'],
      ],
    );
    assert.match(versions[1]?.origin.reference ?? '', /Asha: read from the photo/);
  });
  test('survives a restart', async () => {
    await trial.reopen();
    assert.deepEqual(await slot(50), [12, quality.edited]);
  });
  test('is taken back once, and its undo can be taken back too', async () => {
    const [last] = await trial.mdm.editor.edits(channel, 1);
    const undo = await trial.mdm.editor.undo(last?.number ?? 0, { author: 'Ben', reason: 'wrong house' });
    await trial.mdm.settled();
    assert.deepEqual(await slot(50), [10, quality.measured]);
    await assert.rejects(trial.mdm.editor.undo(last?.number ?? 0, by), { code: 'mdm/already-decided' });
    await trial.mdm.editor.undo(undo.number, by);
    await trial.mdm.settled();
    assert.deepEqual(await slot(50), [12, quality.edited]);
  });
  test('of a gap that is taken back leaves it to be estimated again', async () => {
    const edits = await trial.mdm.editor.edits(channel, 10);
    const ofGap = edits.find(({ startMs }) => startMs === start + 40 * 900_000);
    assert(ofGap);
    await trial.mdm.editor.undo(ofGap.number, by);
    await trial.mdm.review('UP-1', day);
    await trial.mdm.settled();
    assert.equal((await slot(40))[1], quality.estimated);
  });
  test('without reason, off the grid or of no whole amount is refused', async () => {
    const edit = (change: object) =>
      trial.mdm.editor.edit({ channel, startMs: start, values: [1], ...by, ...change });
    await assert.rejects(edit({ reason: ' ' }), { code: 'mdm/bad-edit' });
    await assert.rejects(edit({ startMs: start + 1000 }), { code: 'mdm/off-grid' });
    await assert.rejects(edit({ values: [1.5] }), { code: 'mdm/bad-edit' });
    await assert.rejects(edit({ values: [-1] }), { code: 'mdm/bad-edit' });
    await assert.rejects(edit({ channel: 'UP-9/delivered' }), { code: 'mdm/unknown-channel' });
    await assert.rejects(edit({ channel: 'UP-1/delivered-total' }), { code: 'mdm/not-an-interval-channel' });
  });
});

describe('the worklist', () => {
  const next = { startMs: start + dayMs, endMs: start + 2 * dayMs };
  test('holds what rules for people found, counted by rule', async () => {
    // Twelve hours and more at one value above zero.
    await trial.mdm.ingest(
      batchOf('frozen', intervals(channel, next.startMs, new Array<number>(96).fill(77))),
    );
    await trial.mdm.review('UP-1', next);
    await trial.mdm.settled();
    const open = await trial.mdm.worklist.open({ after: 0, limit: 10, rule: 'frozen' });
    assert.equal(open.at(-1)?.start_ms, next.startMs);
    assert((await trial.mdm.worklist.counts()).some(({ rule, count }) => rule === 'frozen' && count > 0));
  });
  test('is cleared many at once, with a reason, and a second review opens nothing again', async () => {
    const ids = (await trial.mdm.worklist.open({ after: 0, limit: 100 })).map(({ id }) => id);
    await assert.rejects(trial.mdm.worklist.close(ids, 'accept', { author: 'Asha', reason: '' }), {
      code: 'mdm/bad-edit',
    });
    assert.equal(await trial.mdm.worklist.close(ids, 'accept', by), ids.length);
    assert.equal(
      await trial.mdm.worklist.close(ids, 'dismiss', by),
      0,
      'what is closed stays as it was closed',
    );
    await trial.mdm.review('UP-1', next);
    await trial.mdm.settled();
    assert.deepEqual(await trial.mdm.worklist.open({ after: 0, limit: 10 }), []);
  });
});
