/** Eighteen ways in which a meter changes under its readings, each played at a usage point of its own. */
import assert from 'node:assert/strict';
import test, { after, before, describe } from 'node:test';
import { quality } from '@wattline/model';
import { removedMeters } from '@wattline/store/registry';
import { addUsagePoint, batchOf, intervals, openTrial, registerAt, type Trial } from '../fixture/trial.ts';
import { countedBetween } from './register-course.ts';

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

async function sumOf(id: string): Promise<number> {
  const { value } = await trial.mdm.series(`${id}/delivered`, day);
  return value.reduce((sum, one) => sum + one, 0);
}

describe('a meter is exchanged', () => {
  test('1 in the middle of a day: the day sums over both registers', async () => {
    const id = await point();
    await trial.mdm.assets.exchangeMeter(id, exchange(noon, 100_480, 0), said);
    await deliver(id, [100_000, 480]);
    assert.equal(await verdict(id, 'sum-check'), 'pass');
  });
  test('2 at seven past ten, with the new register at a number of its own', async () => {
    const id = await point();
    await trial.mdm.assets.exchangeMeter(id, exchange(start + 607 * 60_000, 5405, 77), said);
    await deliver(id, [5000, 632]);
    assert.equal(await verdict(id, 'sum-check'), 'pass');
  });
  test('3 at midnight: the day before ends with the old, this one begins with the new', async () => {
    const id = await point();
    await trial.mdm.assets.exchangeMeter(id, exchange(start, 9999, 3), said);
    await deliver(id, [3, 963]);
    assert.equal(await verdict(id, 'sum-check'), 'pass');
  });
  test('4 twice on one day', async () => {
    const id = await point();
    await trial.mdm.assets.exchangeMeter(id, exchange(start + dayMs / 4, 1240, 0), said);
    await trial.mdm.assets.exchangeMeter(id, exchange(noon, 240, 50), said);
    await deliver(id, [1000, 530]);
    assert.equal(await verdict(id, 'sum-check'), 'pass');
  });
  test('5 with two hours without any meter: the gap is estimated to what both registers leave', async () => {
    const id = await point();
    await trial.mdm.assets.exchangeMeter(id, exchange(noon, 480, 0), said);
    await deliver(id, [0, 460], (slot) => slot >= 48 && slot < 56);
    assert.equal(await sumOf(id), 940);
    const { quality: flags } = await trial.mdm.series(`${id}/delivered`, day);
    assert.equal(flags[50], quality.estimated);
  });
  test('6 and it is learnt late: the day that failed passes', async () => {
    const id = await point();
    await deliver(id, [100_000, 480]);
    assert.equal(await verdict(id, 'register-backwards'), 'fail');
    await trial.mdm.assets.exchangeMeter(id, exchange(noon, 100_480, 0), said);
    assert.equal(await verdict(id, 'sum-check'), 'pass');
    assert.equal(await verdict(id, 'register-backwards'), 'pass');
  });
  test('7 with a wrong final read, which is taken back by one call', async () => {
    const id = await point();
    const change = await trial.mdm.assets.exchangeMeter(id, exchange(noon, 100_500, 0), said);
    await deliver(id, [100_000, 480]);
    assert.equal(await verdict(id, 'sum-check'), 'fail');
    await trial.mdm.assets.undo(change, { author: 'Ben', reason: 'misread' });
    assert.equal(await verdict(id, 'register-backwards'), 'fail', 'as if there had been no exchange');
    await trial.mdm.assets.exchangeMeter(id, exchange(noon, 100_480, 0), said);
    assert.equal(await verdict(id, 'sum-check'), 'pass');
  });
  test('8 as published: the day is what the old counted and what the new counted (SWAP-DSMR)', () => {
    const breaks = [{ at: 50, before: 5_424_000, after: 12 }];
    assert.equal(
      countedBetween({ start: 0, from: 5_422_750, end: 100, to: 1262 }, { breaks, dials: [] }),
      2500,
    );
  });
});

describe('a register changes', () => {
  test('9 it rolls over at its last dial', async () => {
    const id = await point();
    await trial.mdm.assets.setDials(total(id), { fromMs: start, digits: 5, unit: 100 }, said);
    await deliver(id, [9_999_500, 460]);
    assert.equal(await verdict(id, 'sum-check'), 'pass');
  });
  test('9a and its dials are learnt late, or told wrong and taken back: the days since are judged anew', async () => {
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
  test('9b the old meter of five dials rolls over before an exchange for one of six', async () => {
    const id = await point();
    await trial.mdm.assets.setDials(total(id), { fromMs: start - dayMs, digits: 5, unit: 100 }, said);
    await trial.mdm.assets.setDials(total(id), { fromMs: noon, digits: 6, unit: 100 }, said);
    await trial.mdm.assets.exchangeMeter(id, exchange(noon, 380, 7), said);
    await deliver(id, [9_999_900, 487]);
    assert.equal(await verdict(id, 'sum-check'), 'pass');
    const course = await trial.mdm.assets.course(total(id));
    const later = { start: noon / 1000, from: 99_999_000, end: day.endMs / 1000, to: 20 };
    assert.equal(countedBetween(later, course), 1020, 'the new one rolls over at its own last dial');
  });
  test('10 it runs backwards, and no rollover explains it', async () => {
    const id = await point();
    await trial.mdm.assets.setDials(total(id), { fromMs: start, digits: 5, unit: 100 }, said);
    await deliver(id, [5000, 4000]);
    assert.equal(await verdict(id, 'register-backwards'), 'fail');
  });
  test('11 it is set to 0 by a fitter', async () => {
    const id = await point();
    await trial.mdm.assets.resetRegister(total(id), { atMs: noon, before: 1480, after: 0 }, said);
    await deliver(id, [1000, 480]);
    assert.equal(await verdict(id, 'sum-check'), 'pass');
  });
  test('12 it drops to 0 and comes back: nothing is counted by that (DROP-EVCC)', () => {
    const breaks = [
      { at: 10, before: 13_423_700, after: 0 },
      { at: 20, before: 0, after: 13_423_700 },
    ];
    assert.equal(
      countedBetween({ start: 0, from: 13_423_700, end: 900, to: 13_423_700 }, { breaks, dials: [] }),
      0,
    );
  });
});

describe('a multiplier', () => {
  test('13 of a current transformer applies to what comes from its instant on, intervals and registers', async () => {
    const id = await point();
    const multiplier = { numerator: 40, denominator: 1 };
    await trial.mdm.assets.setMultiplier(`${id}/delivered`, { ...multiplier, fromMs: noon }, said);
    await deliver(id, [0, 960]);
    assert.equal(await sumOf(id), 480 + 480 * 40);
    await trial.mdm.assets.setMultiplier(total(id), { ...multiplier, fromMs: start }, said);
    await trial.mdm.ingest(batchOf(`${id}/next`, registerAt(total(id), day.endMs + dayMs, 5)));
    assert.equal(await trial.mdm.register(total(id), day.endMs + dayMs), 200);
  });
  test('14 that was wrong is put right over what is stored, and every version is still there', async () => {
    const id = await point();
    await deliver(id, [0, 960]);
    const factor = { was: { numerator: 1, denominator: 1 }, is: { numerator: 3, denominator: 2 } };
    const receipt = await trial.mdm.assets.rescale(`${id}/delivered`, day, factor, said);
    assert.equal(receipt.accepted, 96);
    assert.equal(await sumOf(id), 1440);
    const versions = await trial.mdm.versions(`${id}/delivered`, start);
    assert.deepEqual(
      versions.slice(0, 2).map(({ value, origin }) => [value, origin.source]),
      [
        [10, 'dlms'],
        [15, 'derived'],
      ],
    );
  });
});

describe('two meters were taken for one another', () => {
  test('15 one command gives each point its own intervals and registers, and both days pass', async () => {
    const [a, b] = [await point(), await point()];
    await deliver(a, [100, 1060]);
    const values = Array.from({ length: 96 }, () => 20);
    await trial.mdm.ingest(
      batchOf(
        `${b}/day`,
        intervals(`${b}/delivered`, start, values),
        registerAt(total(b), start, 500),
        registerAt(total(b), day.endMs, 2420),
      ),
    );
    await trial.mdm.settled();
    await trial.mdm.assets.uncross([a, b], day, said);
    await trial.mdm.settled();
    assert.deepEqual([await sumOf(a), await sumOf(b)], [1920, 960]);
    assert.equal(await trial.mdm.register(total(a), start), 500);
    assert.deepEqual([await verdict(a, 'sum-check'), await verdict(b, 'sum-check')], ['pass', 'pass']);
  });
  test('16 and the same command again gives them back', async () => {
    const [a, b] = [`AC-${next - 2}`, `AC-${next - 1}`];
    await trial.mdm.assets.uncross([a, b], day, { author: 'Ben', reason: 'they were right before' });
    await trial.mdm.settled();
    assert.deepEqual([await sumOf(a), await sumOf(b)], [960, 1920]);
  });
});

describe('a roll-out', () => {
  test('17 tells the customer before the visit, joins final and first read, and says what the meter hangs on', async () => {
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
  test('18 an old meter is read by hand once a month beside the smart ones', async () => {
    const id = await point();
    const read = (atMs: number, value: number) => ({
      ...registerAt(total(id), atMs, value),
      quality: Uint16Array.of(quality.manual),
    });
    const receipt = await trial.mdm.ingest({
      id: `${id}/manual`,
      origin: { source: 'manual', reference: 'card 12' },
      receivedMs: start,
      blocks: [read(start, 310_000), read(start + 28 * dayMs, 352_000)],
    });
    assert.equal(receipt.accepted, 2);
    const [from, to] = [
      await trial.mdm.register(total(id), start),
      await trial.mdm.register(total(id), start + 28 * dayMs),
    ];
    assert.equal((to ?? 0) - (from ?? 0), 42_000);
  });
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
