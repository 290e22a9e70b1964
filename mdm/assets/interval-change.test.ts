/** A meter that cuts its intervals at another length in the middle of a day: 15 to 30 to 5 minutes. */
import assert from 'node:assert/strict';
import test, { after, before, describe } from 'node:test';
import { quality, type TouSwitch } from '@wattline/model';
import { addUsagePoint, batchOf, intervals, openTrial, registerAt, type Trial } from '../fixture/trial.ts';

const hourMs = 3_600_000;
const start = Date.UTC(2026, 2, 2);
const end = start + 24 * hourMs;
const day = { startMs: start, endMs: end };
const [ten, six] = [start + 10 * hourMs, start + 18 * hourMs];
const said = { author: 'Asha', reason: 'capture period set' };
const everyDay = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
/** Rate 2 from 08:00 to 20:00. */
const calendar: readonly TouSwitch[] = [
  { days: everyDay, from: '08:00', rate: 2 },
  { days: everyDay, from: '20:00', rate: 1 },
];

let trial: Trial;
let next = 1;
before(async () => {
  trial = await openTrial({ usagePoints: 0, nowMs: end + 24 * hourMs, policy: { neighbours: 0 } });
});
after(() => trial.close());

/** A point whose meter went from 15 to 30 minutes at ten, and to 5 minutes at six in the evening. */
async function changed(): Promise<{ id: string; channel: string; facts: number[] }> {
  const id = `IC-${next++}`;
  await addUsagePoint(trial.registry, id, { installedMs: start });
  const first = await trial.mdm.assets.setIntervalLength(id, { fromMs: ten, seconds: 1800 }, said);
  const second = await trial.mdm.assets.setIntervalLength(id, { fromMs: six, seconds: 300 }, said);
  return { id, channel: `${id}/delivered`, facts: [...first.facts, ...second.facts] };
}

/** 40 quarter-hours of 10 Wh, 16 half-hours of 20 Wh, 72 times five minutes of 5 Wh: 1,080 Wh. */
const sum = 40 * 10 + 16 * 20 + 72 * 5;
const parts = (channel: string, hole: (atMs: number) => boolean = () => false) => {
  const piece = (fromMs: number, seconds: number, count: number, wh: number) =>
    intervals(
      channel,
      fromMs,
      Array.from({ length: count }, (_, i) => (hole(fromMs + i * seconds * 1000) ? null : wh)),
      { intervalSeconds: seconds },
    );
  return [piece(start, 900, 40, 10), piece(ten, 1800, 16, 20), piece(six, 300, 72, 5)];
};

async function deliver(id: string, hole?: (atMs: number) => boolean) {
  const registers = [
    registerAt(`${id}/delivered-total`, start, 7000),
    registerAt(`${id}/delivered-total`, end, 7000 + sum),
  ];
  const receipt = await trial.mdm.ingest(
    batchOf(`${id}/day`, ...parts(`${id}/delivered`, hole), ...registers),
  );
  await trial.mdm.settled();
  return receipt;
}

async function verdict(channel: string, atMs: number, rule: string): Promise<string | undefined> {
  return (await trial.mdm.verdicts(channel, atMs)).findLast((entry) => entry.rule === rule)?.outcome;
}

describe('an interval length that changes within a day', () => {
  test('takes each value in the length of its time, and all stretches pass against the one register', async () => {
    const { id, channel } = await changed();
    const receipt = await deliver(id);
    assert.deepEqual([receipt.accepted, receipt.rejected], [40 + 16 + 72 + 2, []]);
    for (const atMs of [start, ten, six]) {
      assert.deepEqual(
        [await verdict(channel, atMs, 'missing'), await verdict(channel, atMs, 'sum-check')],
        ['pass', 'pass'],
      );
    }
  });

  test('is given out in pieces of its lengths, or summed up to the coarsest', async () => {
    const { id, channel } = await changed();
    await deliver(id);
    const pieces = await trial.mdm.pieces(channel, day);
    assert.deepEqual(
      pieces.map(({ startMs, intervalSeconds, value }) => [startMs, intervalSeconds, value.length]),
      [
        [start, 900, 40],
        [ten, 1800, 16],
        [six, 300, 72],
      ],
    );
    const whole = await trial.mdm.series(channel, day);
    assert.deepEqual([whole.intervalSeconds, whole.value.length], [1800, 48]);
    assert.deepEqual([whole.value[0], whole.value[20], whole.value[47]], [20, 20, 30]);
    const morning = await trial.mdm.series(channel, { startMs: start, endMs: ten });
    assert.equal(morning.intervalSeconds, 900);
    assert.equal(await trial.mdm.knownUntil(channel, start), end);
    assert.deepEqual(await trial.mdm.gaps(channel, start, end), []);
  });

  test('sums by day, by rate and by transformer to the watt-hour, and its demand is that of each length', async () => {
    const { id, channel } = await changed();
    await trial.mdm.assets.move(id, { fromMs: start, transformer: `T-${id}` }, said);
    await deliver(id);
    const [total] = await trial.mdm.aggregation.totals(channel, day, 'day');
    assert.deepEqual([total?.value, total?.expected, total?.held], [sum, 128, 128]);
    const found = await trial.mdm.aggregation.determinants({ channels: [channel], calendar, period: day });
    const answer = found.get(channel);
    // 08:00 to 10:00 eight quarter-hours, then sixteen half-hours, then two hours of five minutes.
    const peak = 8 * 10 + 16 * 20 + 24 * 5;
    assert.deepEqual(
      answer?.rates.map(({ rate, energy, maximumDemand }) => [rate, energy, maximumDemand]),
      [
        [1, sum - peak, 60],
        [2, peak, 60],
      ],
    );
    assert.deepEqual([answer?.energy, answer?.expected, answer?.maximumDemand], [sum, 128, 60]);
    assert.equal(answer?.loadFactor, sum / 24 / 60);
    const nodes = await trial.mdm.aggregation.balance({ level: 'transformer', period: day });
    assert.equal(nodes.find(({ node }) => node === `T-${id}`)?.delivered, sum);
  });

  test('a gap on either side is estimated to what the register leaves, in the length of its time', async () => {
    const { id, channel } = await changed();
    await deliver(id, (atMs) => atMs >= ten + hourMs && atMs < ten + 5 * hourMs);
    await trial.mdm.review(id, day);
    const [, middle] = await trial.mdm.pieces(channel, day);
    assert.equal(middle?.quality[2], quality.estimated);
    assert.deepEqual([...(middle?.value ?? [])], new Array(16).fill(20));
    const [total] = await trial.mdm.aggregation.totals(channel, day, 'day');
    assert.deepEqual([total?.value, total?.derived], [sum, 8]);
    const versions = await trial.mdm.versions(channel, ten + hourMs);
    assert.equal(versions.length, 1);
    assert.equal(await trial.mdm.gaps(channel, start, end).then(([gap]) => gap?.startMs), ten + hourMs);
  });

  test('a late value takes the place of its estimate within the change day', async () => {
    const { id, channel } = await changed();
    const hole = (atMs: number) => atMs === six + hourMs;
    await deliver(id, hole);
    await trial.mdm.review(id, day);
    assert.equal((await trial.mdm.pieces(channel, day))[2]?.quality[12], quality.estimated);
    await trial.mdm.ingest(
      batchOf(`${id}/late`, intervals(channel, six + hourMs, [5], { intervalSeconds: 300 })),
    );
    await trial.mdm.settled();
    assert.equal((await trial.mdm.pieces(channel, day))[2]?.quality[12], quality.measured);
  });

  test('values of the wrong length are refused; a block across the change enters up to it', async () => {
    const { id, channel } = await changed();
    const across = await trial.mdm.ingest(
      batchOf(`${id}/old`, intervals(channel, start, new Array(96).fill(10))),
    );
    assert.deepEqual(
      [across.accepted, across.rejected.map(({ code, count }) => [code, count])],
      [40, [['mdm/interval-mismatch', 56]]],
    );
    assert.equal(await trial.mdm.knownUntil(channel, start), ten);
  });

  test('is found again after a restart, and the change feed tells of one channel', async () => {
    const { id, channel } = await changed();
    await deliver(id);
    await trial.reopen();
    const pieces = await trial.mdm.pieces(channel, day);
    assert.deepEqual(
      pieces.map(({ value }) => value.reduce((a, b) => a + b, 0)),
      [400, 320, 360],
    );
    const again = await trial.mdm.ingest(batchOf(`${id}/again`, ...parts(channel)));
    assert.deepEqual([again.accepted, again.duplicates], [0, 128]);
    const page = await trial.mdm.feed.changes(0, 100_000);
    const told = page.changes.filter((change) => change.channel === channel && change.method === '');
    assert.deepEqual(told.map(({ startMs, endMs }) => [startMs, endMs]).sort(), [
      [start, ten],
      [ten, six],
      [six, end],
    ]);
  });

  test('taken back, the channel is whole again in its old length; what came in others waits under its own number', async () => {
    const { id, channel, facts } = await changed();
    await deliver(id);
    await trial.mdm.assets.undo({ facts }, said);
    const whole = await trial.mdm.series(channel, day);
    assert.deepEqual([whole.intervalSeconds, whole.value.length], [900, 96]);
    assert.equal(whole.quality[40], quality.missing);
    const receipt = await trial.mdm.ingest(
      batchOf(`${id}/old`, intervals(channel, ten, new Array(56).fill(10))),
    );
    assert.equal(receipt.accepted, 56);
    const row = await trial.registry
      .selectFrom('channel')
      .select('interval_seconds')
      .where('id', '=', channel)
      .executeTakeFirstOrThrow();
    assert.equal(row.interval_seconds, 900);
  });

  test('a person edits within a length, not across a change', async () => {
    const { id, channel } = await changed();
    await deliver(id);
    const about = { channel, author: 'Asha', reason: 'photo' };
    const edit = await trial.mdm.editor.edit({ ...about, startMs: six, values: [7, 8] });
    assert.deepEqual((await trial.mdm.pieces(channel, day))[2]?.value.slice(0, 3), Float64Array.of(7, 8, 5));
    await trial.mdm.editor.undo(edit.number, about);
    assert.equal((await trial.mdm.pieces(channel, day))[2]?.value[0], 5);
    await assert.rejects(trial.mdm.editor.edit({ ...about, startMs: six - 1_800_000, values: [1, 2] }), {
      code: 'mdm/interval-mismatch',
    });
  });

  test('a day of 23 hours with a change in it has as many slots as time', async () => {
    const id = `IC-${next++}`;
    await addUsagePoint(trial.registry, id, { installedMs: start, zone: 'Europe/Berlin' });
    const spring = { startMs: Date.UTC(2026, 2, 28, 23), endMs: Date.UTC(2026, 2, 29, 22) };
    await trial.mdm.assets.setIntervalLength(id, { fromMs: Date.UTC(2026, 2, 29, 1), seconds: 3600 }, said);
    const [total] = await trial.mdm.aggregation.totals(`${id}/delivered`, spring, 'day');
    assert.equal(total?.expected, 8 + 21);
  });

  test('must lie where an interval of either length begins, and be a length that divides a day', async () => {
    const id = `IC-${next++}`;
    await addUsagePoint(trial.registry, id, { installedMs: start });
    const change = (fromMs: number, seconds: number) =>
      trial.mdm.assets.setIntervalLength(id, { fromMs, seconds }, said);
    await assert.rejects(change(ten + 900_000, 1800), { code: 'mdm/off-grid' });
    await assert.rejects(change(ten + 300_000, 300), { code: 'mdm/off-grid' });
    await assert.rejects(change(ten, 1000), { code: 'mdm/interval-unsupported' });
    await assert.rejects(trial.mdm.assets.setIntervalLength('nobody', { fromMs: ten, seconds: 300 }, said), {
      code: 'mdm/unknown-point',
    });
  });
});
