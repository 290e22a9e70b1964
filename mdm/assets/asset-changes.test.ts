/** What the tables of `scenarios/` do not show of assets: late dials, the roll-out's words, places, packs and tariffs over time. */
import assert from 'node:assert/strict';
import test, { after, before, describe } from 'node:test';
import { removedMeters } from '@wattline/store/registry';
import { addUsagePoint, batchOf, intervals, openTrial, registerAt, type Trial } from '../fixture/trial.ts';

const dayMs = 86_400_000;
const start = Date.UTC(2026, 2, 2);
const day = { startMs: start, endMs: start + dayMs };
const said = { author: 'Asha', reason: 'work order' };
const noon = start + dayMs / 2;

let trial: Trial;
let next = 1;
/** Points of whose meters the head-end was told. */
const moved: string[] = [];
before(async () => {
  trial = await openTrial({
    onMeter: async (id) => void moved.push(id),
    usagePoints: 0,
    nowMs: start + 30 * dayMs,
    policy: { neighbours: 0 },
  });
});
after(() => trial.close());

/** A point of its own. */
async function point(): Promise<string> {
  const id = `AC-${next++}`;
  await addUsagePoint(trial.registry, id, { installedMs: start });
  return id;
}

/** Delivers a day of 10 Wh quarter-hours (holes where `hole` says so) between two register readings. */
async function deliver(
  id: string,
  [from, to]: readonly [number, number],
  hole: (slot: number) => boolean = () => false,
) {
  const values = Array.from({ length: 96 }, (_, slot) => (hole(slot) ? null : 10));
  const registers = [
    registerAt(`${id}/delivered-total`, start, from),
    registerAt(`${id}/delivered-total`, day.endMs, to),
  ];
  await trial.mdm.ingest(
    batchOf(`${id}/${from}/${to}`, intervals(`${id}/delivered`, start, values), ...registers),
  );
  await trial.mdm.settled();
}

/** What a rule last said of the day. */
async function verdict(id: string, rule: string): Promise<string | undefined> {
  const all = await trial.mdm.verdicts(`${id}/delivered`, start);
  return all.findLast((entry) => entry.rule === rule)?.outcome;
}

const total = (id: string) => `${id}/delivered-total`;
const exchange = (atMs: number, final: number, initial: number) => ({
  atMs,
  oldSerial: 'OLD',
  newSerial: 'NEW',
  reads: { 'delivered-total': { final, initial } },
});

describe('a register changes', () => {
  test('its dials are learnt late, or told wrong and taken back: the days since are judged anew', async () => {
    const id = await point();
    await deliver(id, [9_999_500, 460]);
    assert.equal(await verdict(id, 'register-backwards'), 'fail');
    const dials = { fromMs: start - dayMs, digits: 5, unit: 100 };
    const change = await trial.mdm.assets.setDials(total(id), dials, said);
    assert.deepEqual(
      [await verdict(id, 'register-backwards'), await verdict(id, 'sum-check')],
      ['pass', 'pass'],
    );
    await trial.mdm.assets.undo(change, { author: 'Ben', reason: 'another meter' });
    assert.equal(await verdict(id, 'register-backwards'), 'fail');
  });
});

describe('a roll-out', () => {
  test('tells the customer before the visit, joins final and first read, and says what the meter hangs on', async () => {
    const id = await point();
    const order = {
      id: `WO-${id}`,
      usage_point_id: id,
      kind: 'exchange' as const,
      old_serial: 'OLD',
      new_serial: 'NEW',
      planned_ms: noon,
    };
    await trial.mdm.rollout.plan(order);
    const [notice] = (await trial.mdm.rollout.dueNotices()).filter((one) => one.usage_point_id === id);
    assert.equal(notice?.due_ms, noon - 7 * dayMs);
    await trial.mdm.rollout.noticeSent(notice?.id ?? 0);
    const report = { doneMs: noon, finalRead: 7480, initialRead: 2, transformer: 'T-9' };
    await trial.mdm.rollout.done(order.id, report, said);
    await deliver(id, [7000, 482]);
    assert.equal(await verdict(id, 'sum-check'), 'pass');
    const nodes = await trial.mdm.aggregation.balance({ level: 'transformer', period: day });
    assert.equal(nodes.find(({ node }) => node === 'T-9')?.delivered, 480, 'from the visit on');
    assert.equal(await trial.mdm.assets.facts.valueAt(`usage-point/${id}`, 'meter', noon + 1), 'NEW');
    assert.equal(await trial.mdm.assets.facts.valueAt(`usage-point/${id}`, 'meter', noon - 1), 'OLD');
    await assert.rejects(trial.mdm.rollout.done(order.id, report, said), { code: 'mdm/already-decided' });
    assert.deepEqual(
      (await trial.mdm.rollout.orders('done')).map((one) => one.id),
      [order.id],
    );
  });
});

describe('the rule pack of a point', () => {
  const pack = (atMs: number, id: string) =>
    trial.mdm.assets.seen(id, { atMs }).then(({ rulePack }) => rulePack);
  const tolerant = (id: string, fromMs: number) =>
    trial.mdm.assets.setRulePack(id, { fromMs, rulePack: 'aemo' }, said);

  test('judges the days from its instant on, those before by the one before; taken back they are judged as they were', async () => {
    const id = await point();
    await deliver(id, [0, 1500]);
    assert.equal(await verdict(id, 'sum-check'), 'fail', '540 Wh are more than nothing');
    await tolerant(id, day.endMs);
    assert.equal(await verdict(id, 'sum-check'), 'fail', 'the day before the change');
    const change = await tolerant(id, start);
    assert.equal(await verdict(id, 'sum-check'), 'pass', 'within the 1 kWh of that pack');
    assert.deepEqual([await pack(start - 1, id), await pack(start, id)], ['generic', 'aemo']);
    await trial.mdm.assets.undo(change, said);
    assert.equal(await verdict(id, 'sum-check'), 'fail');
  });
  test('gives way to the limit of its own service, from its instant on', async () => {
    const id = await point();
    await deliver(id, [0, 960]);
    assert.equal(await verdict(id, 'high-demand'), 'pass');
    const limit = { fromMs: start, watts: 39 };
    const change = await trial.mdm.assets.setServiceLimit(id, limit, said);
    assert.equal(await verdict(id, 'high-demand'), 'fail', '10 Wh a quarter-hour are 40 W');
    await trial.mdm.assets.setServiceLimit(id, { ...limit, fromMs: start + 1, watts: 40 }, said);
    assert.equal(await verdict(id, 'high-demand'), 'fail', 'the day began under the first one');
    await trial.mdm.assets.undo(change, said);
    assert.equal(await verdict(id, 'high-demand'), 'pass');
  });
  test('is that of the utility where none was told of it', async () => {
    const [id, own] = [await point(), await point()];
    const change = await trial.mdm.assets.setRulePack(null, { fromMs: start, rulePack: 'aemo' }, said);
    await trial.mdm.assets.setRulePack(own, { fromMs: start, rulePack: 'generic' }, said);
    for (const one of [id, own]) await deliver(one, [0, 1500]);
    assert.deepEqual(
      [await verdict(id, 'sum-check'), await verdict(own, 'sum-check'), await pack(start, id)],
      ['pass', 'fail', 'aemo'],
    );
    await trial.mdm.assets.undo(change, said);
    const wrong = trial.mdm.assets.setRulePack(id, { fromMs: start, rulePack: 'atlantis' }, said);
    await assert.rejects(wrong, { code: 'mdm/unknown-rule-pack' });
  });
});

test('what has not happened yet is no exchange and no reset, and a meter is not crossed with itself', async () => {
  const id = await point();
  const { assets } = trial.mdm;
  const later = start + 31 * dayMs;
  await assert.rejects(assets.exchangeMeter(id, exchange(later, 1, 0), said), { code: 'mdm/not-yet' });
  const set = assets.resetRegister(total(id), { atMs: later, before: 1, after: 0 }, said);
  await assert.rejects(set, { code: 'mdm/not-yet' });
  await assert.rejects(assets.uncross([id, id], day, said), { code: 'mdm/bad-edit' });
});

test('an interval length is seen as it was at an instant', async () => {
  const id = await point();
  await trial.mdm.assets.setIntervalLength(id, { fromMs: noon, seconds: 1800 }, said);
  const seconds = async (atMs: number) =>
    (await trial.mdm.assets.seen(id, { atMs })).channels.find(({ id: one }) => one === `${id}/delivered`)
      ?.intervalSeconds;
  assert.deepEqual([await seconds(noon - 1), await seconds(noon)], [900, 1800]);
});

describe('the grid above a point', () => {
  const place = async (id: string, atMs: number, knownMs?: number) =>
    (await trial.mdm.assets.seen(id, { atMs, ...(knownMs === undefined ? {} : { knownMs }) })).transformer;

  test('is seen as it was at a date, and a move that was wrong is taken back', async () => {
    const id = await point();
    const change = await trial.mdm.assets.move(id, { fromMs: noon, transformer: 'T-2', feeder: 'F-2' }, said);
    assert.deepEqual([await place(id, noon - 1), await place(id, noon)], ['T', 'T-2']);
    assert.equal((await trial.mdm.assets.seen(id, { atMs: noon })).substation, 'S');
    await trial.mdm.assets.move(id, { fromMs: noon + dayMs, transformer: 'T-3' }, said);
    assert.equal(await place(id, noon + 2 * dayMs), 'T-3');
    await trial.mdm.assets.undo(change, { author: 'Ben', reason: 'another house' });
    assert.deepEqual([await place(id, noon), await place(id, noon + dayMs)], ['T', 'T-3']);
    await assert.rejects(trial.mdm.assets.undo(change, said), { code: 'mdm/already-decided' });
    const history = await trial.mdm.assets.history(id);
    assert.equal(history.filter(({ undoneBy }) => undoneBy !== null).length, 2);
    assert.deepEqual(
      history.filter(({ value }) => value === 'T-3').map(({ author, reason }) => [author, reason]),
      [['Asha', 'work order']],
    );
  });
  test('is what the registry shows at the present, also when the last move is taken back', async () => {
    const id = await point();
    const shown = async () =>
      (
        await trial.registry
          .selectFrom('usage_point')
          .select('transformer')
          .where('id', '=', id)
          .executeTakeFirstOrThrow()
      ).transformer;
    const change = await trial.mdm.assets.move(id, { fromMs: noon, transformer: 'T-2' }, said);
    assert.equal(await shown(), 'T-2');
    await trial.mdm.assets.move(id, { fromMs: start + 60 * dayMs, transformer: 'T-4' }, said);
    assert.equal(await shown(), 'T-2', 'a move of the future does not show yet');
    await trial.mdm.assets.undo(change, said);
    assert.equal(await shown(), 'T');
  });
  test('needs a name and a point that there is', async () => {
    const id = await point();
    for (const [name, place, code] of [
      [id, { transformer: ' ' }, 'mdm/bad-edit'],
      [id, {}, 'mdm/bad-edit'],
      ['nobody', { transformer: 'T-2' }, 'mdm/unknown-point'],
    ] as const) {
      await assert.rejects(trial.mdm.assets.move(name, { fromMs: noon, ...place }, said), { code });
    }
  });
});

test('the head-end is told which meters no longer stand: exchanged, taken away, and back when that is taken back', async () => {
  const id = await point();
  const removed = () => removedMeters(trial.registry, noon, id);
  const told = moved.length;
  const meter = `M-${id}`;
  const change = await trial.mdm.assets.exchangeMeter(
    id,
    { ...exchange(noon, 10, 0), oldSerial: meter },
    said,
  );
  assert.deepEqual([...(await removed())], [[meter, noon]]);
  assert.deepEqual([...(await removedMeters(trial.registry, noon - 1, id))], []);
  await trial.mdm.assets.undo(change, said);
  assert.deepEqual([...(await removed())], []);
  await trial.mdm.assets.exchangeMeter(
    id,
    { atMs: noon, oldSerial: meter, newSerial: null, reads: {} },
    said,
  );
  assert.deepEqual([...(await removed())], [[meter, noon]]);
  assert.deepEqual(moved.slice(told), [id, id, id]);
});

test('what was believed of an asset at an earlier time can still be asked, and nothing is recorded without a reason', async () => {
  const { facts } = trial.mdm.assets;
  const fact = { subject: 'meter/M-1', attribute: 'dials', fromMs: start, value: 5 };
  const [number] = await facts.record([fact], said);
  assert.equal(await facts.valueAt('meter/M-1', 'dials', start), 5);
  await facts.undo([number as number], said);
  assert.equal(await facts.valueAt('meter/M-1', 'dials', start), null);
  await assert.rejects(facts.record([fact], { author: '', reason: '' }), { code: 'mdm/bad-edit' });
});
