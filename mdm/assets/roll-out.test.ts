/** Visits to meters from the plan to the customer's last notice: exchanged, taken away, put up, in vain, called off. */
import assert from 'node:assert/strict';
import test, { after, before, describe } from 'node:test';
import { virtualClock } from '@wattline/base';
import { quality } from '@wattline/model';
import { addUsagePoint, openTrial, type Trial } from '../fixture/trial.ts';

const dayMs = 86_400_000;
const start = Date.UTC(2026, 2, 2);
const said = { author: 'Asha', reason: 'work sheet 12' };

let trial: Trial;
let next = 1;
const clock = virtualClock(start);
before(async () => {
  trial = await openTrial({ usagePoints: 0, clock });
});
after(() => trial.close());

/** An order of a kind at a point of its own, for a visit `days` from now. */
async function planned(kind: 'install' | 'exchange' | 'remove', days: number) {
  const point = `RO-${next++}`;
  await addUsagePoint(trial.registry, point, { installedMs: start, zone: 'Asia/Kolkata' });
  const serials = {
    old_serial: kind === 'install' ? null : `OLD-${point}`,
    new_serial: kind === 'remove' ? null : `NEW-${point}`,
  };
  const planned_ms = clock.now() + days * dayMs;
  await trial.mdm.rollout.plan({ id: `WO-${point}`, usage_point_id: point, kind, ...serials, planned_ms });
  return { point, order: `WO-${point}` };
}
const textsOf = async (point: string) =>
  (await trial.mdm.rollout.dueNotices())
    .filter(({ usage_point_id }) => usage_point_id === point)
    .map(({ text }) => text);
/** Sends what is due. */
async function send(point: string) {
  for (const { id, usage_point_id } of await trial.mdm.rollout.dueNotices()) {
    if (usage_point_id === point) await trial.mdm.rollout.noticeSent(id);
  }
}
const report = (more: object = {}) => ({
  doneMs: clock.now(),
  finalRead: null,
  initialRead: null,
  ...more,
});
const total = (point: string) => `${point}/delivered-total`;

describe('a visit', () => {
  test('is announced a week before it, on the date where the customer lives, and no sooner', async () => {
    const { point } = await planned('exchange', 8);
    assert.deepEqual(await textsOf(point), []);
    await clock.advance(dayMs);
    assert.deepEqual(await textsOf(point), ['Your meter will be exchanged on 2026-03-10.']);
    await send(point);
    assert.deepEqual(await textsOf(point), []);
  });
  test('of this week is announced at once', async () => {
    const { point } = await planned('remove', 2);
    assert.equal((await textsOf(point)).length, 1);
  });
  test('that is called off before anybody was told is told to nobody', async () => {
    const { point, order } = await planned('exchange', 2);
    await trial.mdm.rollout.cancel(order, said);
    assert.deepEqual(await textsOf(point), []);
  });
  test('that is called off after the customer was told is told to be off', async () => {
    const { point, order } = await planned('exchange', 2);
    await send(point);
    await trial.mdm.rollout.cancel(order, said);
    assert.deepEqual(await textsOf(point), [
      'Your meter will not be exchanged on 2026-03-05: the visit is cancelled.',
    ]);
    await send(point);
    const [cancelled] = (await trial.mdm.rollout.orders('cancelled')).filter(({ id }) => id === order);
    assert.deepEqual([cancelled?.state, cancelled?.note], ['cancelled', 'Asha: work sheet 12']);
  });
  test('in vain is over: the customer is told, and the work needs another order', async () => {
    const { point, order } = await planned('exchange', 0);
    await send(point);
    await trial.mdm.rollout.fail(order, { author: 'Ben', reason: 'nobody at home' });
    assert.match((await textsOf(point))[0] ?? '', /could not be exchanged on 2026-03-03/);
    const late = trial.mdm.rollout.done(order, report({ finalRead: 1, initialRead: 1 }), said);
    await assert.rejects(late, { code: 'mdm/already-decided' });
    await assert.rejects(trial.mdm.rollout.fail('WO-0', said), { code: 'mdm/unknown-order' });
  });
});

describe('what the fitter writes down', () => {
  test('of an exchange joins every register, and the customer is told both reads', async () => {
    const { point, order } = await planned('exchange', 0);
    const reads = { 'received-total': { final: 900, initial: 3 } };
    const { facts } = await trial.mdm.rollout.done(
      order,
      report({ finalRead: 7480, initialRead: 2, reads, transformer: 'T-9' }),
      said,
    );
    assert.equal(facts.length, 4, 'two registers, the meter, the transformer');
    const at = clock.now() / 1000;
    for (const [type, before, initial] of [
      ['delivered-total', 7480, 2],
      ['received-total', 900, 3],
    ] as const) {
      const { breaks } = await trial.mdm.course(`${point}/${type}`);
      assert.deepEqual(breaks, [{ at, before, after: initial }]);
    }
    assert.deepEqual(await textsOf(point), [
      `Your meter was exchanged on 2026-03-03. Meter OLD-${point} stood at 7.480 kWh. Meter NEW-${point} begins with 0.002 kWh.`,
    ]);
    const seen = () => trial.mdm.assets.seen(point, { atMs: clock.now() });
    assert.deepEqual([(await seen()).meter, (await seen()).transformer], [`NEW-${point}`, 'T-9']);
    await trial.mdm.assets.undo({ facts }, { author: 'Ben', reason: 'another house' });
    assert.deepEqual([(await seen()).meter, (await seen()).transformer], [`OLD-${point}`, 'T']);
    assert.deepEqual((await trial.mdm.course(total(point))).breaks, []);
  });
  test('of an exchange lacks nothing, or the order stays open', async () => {
    const { order } = await planned('exchange', 0);
    const half = trial.mdm.rollout.done(order, report({ finalRead: 7480 }), said);
    await assert.rejects(half, { code: 'mdm/bad-edit' });
    await trial.mdm.rollout.done(order, report({ finalRead: 7480, initialRead: 0 }), said);
  });
  test('of a meter taken away is its last read; of one put up its first', async () => {
    for (const [kind, amounts] of [
      ['remove', { finalRead: 5000 }],
      ['install', { initialRead: 12 }],
    ] as const) {
      const { point, order } = await planned(kind, 0);
      await trial.mdm.rollout.done(order, report(amounts), said);
      const period = { startMs: clock.now(), endMs: clock.now() + 1 };
      const reads = await trial.mdm.reads(total(point), period);
      assert.deepEqual(
        reads.map(({ value, quality: flags }) => [value, flags]),
        [[Object.values(amounts)[0], quality.manual]],
      );
      const { meter } = await trial.mdm.assets.seen(point, { atMs: clock.now() });
      assert.equal(meter, kind === 'install' ? `NEW-${point}` : `M-${point}`);
    }
  });
  test('cannot run backwards: the last read of a meter that stood higher is refused, and nothing is done', async () => {
    const { point, order } = await planned('remove', 0);
    await trial.mdm.manualReads.take({ channel: total(point), atMs: clock.now() - dayMs, value: 6000 }, said);
    const low = trial.mdm.rollout.done(order, report({ finalRead: 5000 }), said);
    await assert.rejects(low, { code: 'mdm/runs-backwards' });
    assert.equal(
      (await trial.mdm.rollout.orders('planned')).some(({ id }) => id === order),
      true,
    );
    assert.deepEqual((await trial.mdm.assets.history(point)).length, 0);
  });
});
