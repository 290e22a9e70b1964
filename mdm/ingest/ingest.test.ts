/** What becomes of a delivery: stored, known, superseded, refused, remembered after a restart. */
import assert from 'node:assert/strict';
import test, { after, before, beforeEach, describe } from 'node:test';
import { codeOf } from '@wattline/base';
import { quality, type ReadingBatch } from '@wattline/model';
import { batchOf, intervals, openTrial, registerAt, type Trial } from '../fixture/trial.ts';

const dayMs = 86_400_000;
const start = Date.UTC(2026, 2, 2);
const now = start + 10 * dayMs;
const quarter = 900_000;

let trial: Trial;
let point = 0;
/** A usage point that no test has touched. */
let channel = '';
before(async () => {
  trial = await openTrial({ usagePoints: 40, nowMs: now, installedMs: start });
});
beforeEach(() => {
  point++;
  channel = `UP-${point}/delivered`;
  trial.events.length = 0;
});
after(() => trial.close());

const valuesOf = async (from: number, slots: number, asOfMs?: number) => {
  const series = await trial.mdm.series(channel, { startMs: from, endMs: from + slots * quarter }, asOfMs);
  return { values: [...series.value], flags: [...series.quality], asOfMs: series.asOfMs };
};

describe('a delivery', () => {
  test('is acknowledged, then answered by the series, unheard slots marked missing', async () => {
    const receipt = await trial.mdm.ingest(batchOf('a1', intervals(channel, start + quarter, [5, 0, 7])));
    assert.deepEqual(receipt, { accepted: 3, duplicates: 0, rejected: [] });
    const { values, flags } = await valuesOf(start, 5);
    assert.deepEqual(values, [0, 5, 0, 7, 0]);
    assert.deepEqual(flags, [2, 1, 1, 1, 2]);
  });

  test('that comes twice under the same id is counted and stored once', async () => {
    const batch = batchOf('twice', intervals(channel, start, [1, 2, null, 4]));
    await trial.mdm.ingest(batch);
    assert.deepEqual(await trial.mdm.ingest(batch), { accepted: 0, duplicates: 3, rejected: [] });
    assert.equal((await trial.mdm.versions(channel, start)).length, 1);
  });

  test('that repeats known values under another id stores nothing', async () => {
    await trial.mdm.ingest(batchOf('b1', intervals(channel, start, [1, 2, 3])));
    const receipt = await trial.mdm.ingest(batchOf('b2', intervals(channel, start + quarter, [2, 3, 4])));
    assert.deepEqual(receipt, { accepted: 1, duplicates: 2, rejected: [] });
    assert.equal((await trial.mdm.versions(channel, start + quarter)).length, 1);
  });

  test('sent twice at the same moment is stored once', async () => {
    const receipts = await Promise.all(
      ['c1', 'c2', 'c1'].map((id) => trial.mdm.ingest(batchOf(id, intervals(channel, start, [9, 9])))),
    );
    assert.equal(
      receipts.reduce((sum, receipt) => sum + receipt.accepted, 0),
      2,
    );
    assert.equal(
      receipts.reduce((sum, receipt) => sum + receipt.duplicates, 0),
      4,
    );
  });

  test('with another value for a known interval makes a new version and keeps the old one', async () => {
    await trial.mdm.ingest(batchOf('d1', intervals(channel, start, [10, 20])));
    const before = (await valuesOf(start, 2)).asOfMs;
    await trial.mdm.ingest(batchOf('d2', intervals(channel, start, [10, 21])));
    assert.deepEqual((await valuesOf(start, 2)).values, [10, 21]);
    assert.deepEqual((await valuesOf(start, 2, before)).values, [10, 20], 'as known then');
    const versions = await trial.mdm.versions(channel, start + quarter);
    assert.deepEqual(
      versions.map(({ value, origin, method }) => ({ value, method, reference: origin.reference })),
      [
        { value: 20, method: '', reference: 'exchange-d1' },
        { value: 21, method: '', reference: 'exchange-d2' },
      ],
    );
    assert((versions[0]?.knownMs as number) < (versions[1]?.knownMs as number));
  });

  test('over several days with holes is kept slot by slot', async () => {
    const values = Array.from({ length: 96 * 3 }, (_, slot) => (slot % 7 === 3 ? null : slot));
    await trial.mdm.ingest(batchOf('e1', intervals(channel, start + 50 * quarter, values)));
    const { values: found, flags } = await valuesOf(start + 50 * quarter, values.length);
    assert.deepEqual(
      found,
      values.map((value) => value ?? 0),
    );
    assert.deepEqual(
      flags,
      values.map((value) => (value === null ? 2 : 1)),
    );
  });

  test('of a zero under power failure is a true zero', async () => {
    const flags = quality.measured | quality.powerFail;
    await trial.mdm.ingest(batchOf('f1', intervals(channel, start, [0, 0], { flags })));
    assert.deepEqual((await valuesOf(start, 2)).flags, [flags, flags]);
    assert.equal(await trial.mdm.knownUntil(channel, start), start + 2 * quarter);
  });
});

describe('a register', () => {
  test('is answered for the instant it stood at, then and now', async () => {
    const register = `UP-${point}/delivered-total`;
    await trial.mdm.ingest(
      batchOf('r1', registerAt(register, start, 1000), registerAt(register, start + dayMs, 1500)),
    );
    assert.equal(await trial.mdm.register(register, start), 1000);
    assert.equal(await trial.mdm.register(register, start + dayMs), 1500);
    assert.equal(await trial.mdm.register(register, start + 1), null);
    const { asOfMs } = await valuesOf(start, 1);
    const again = await trial.mdm.ingest(batchOf('r2', registerAt(register, start, 1000)));
    assert.deepEqual(again, { accepted: 0, duplicates: 1, rejected: [] });
    await trial.mdm.ingest(batchOf('r3', registerAt(register, start, 1001)));
    assert.equal(await trial.mdm.register(register, start), 1001);
    assert.equal(await trial.mdm.register(register, start, asOfMs), 1000);
  });
});

describe('progress', () => {
  test('tells the end of the gapless history and every gap', async () => {
    await trial.mdm.ingest(batchOf('p1', intervals(channel, start, [1, 2, null, 4])));
    await trial.mdm.ingest(batchOf('p2', intervals(channel, start + 6 * quarter, [7])));
    assert.equal(await trial.mdm.knownUntil(channel, start), start + 2 * quarter);
    assert.equal(await trial.mdm.knownUntil(channel, start + 2 * quarter), start + 2 * quarter);
    assert.deepEqual(await trial.mdm.gaps(channel, start, start + 8 * quarter), [
      { startMs: start + 2 * quarter, endMs: start + 3 * quarter },
      { startMs: start + 4 * quarter, endMs: start + 6 * quarter },
      { startMs: start + 7 * quarter, endMs: start + 8 * quarter },
    ]);
    const received = `UP-${point}/received`;
    assert.equal(await trial.mdm.knownUntil(received, start), start);
    assert.deepEqual(await trial.mdm.gaps(received, start, now), [{ startMs: start, endMs: now }]);
  });

  test('of a register passes the last reading of a run of days', async () => {
    const register = `UP-${point}/delivered-total`;
    assert.equal(await trial.mdm.knownUntil(register, start), start);
    const readings = [0, 1, 2, 4].map((day) => registerAt(register, start + day * dayMs, day));
    await trial.mdm.ingest(batchOf('q1', ...readings));
    assert.equal(await trial.mdm.knownUntil(register, start), start + 2 * dayMs + 1);
  });
});

describe('bad input is data', () => {
  const codesOf = async (batch: ReadingBatch) =>
    (await trial.mdm.ingest(batch)).rejected.map(({ code, count }) => ({ code, count }));

  test('an unknown channel is refused by code and reported once', async () => {
    const batch = batchOf('x1', intervals('NOWHERE/delivered', start, [1, 2]));
    assert.deepEqual(await codesOf(batch), [{ code: 'mdm/unknown-channel', count: 2 }]);
    assert.equal(trial.events.length, 1);
    assert.equal(trial.events[0]?.kind, 'reading-rejected');
    assert.equal(trial.events[0]?.code, 'mdm/unknown-channel');
  });

  test('blocks of a wrong shape are refused whole', async () => {
    const register = `UP-${point}/delivered-total`;
    const cases: [string, ReadingBatch['blocks'][number], number][] = [
      ['mdm/off-grid', intervals(channel, start + 1000, [1]), 1],
      ['mdm/interval-mismatch', intervals(channel, start, [1], { intervalSeconds: 1800 }), 1],
      ['mdm/interval-mismatch', intervals(register, start, [1]), 1],
      ['mdm/interval-mismatch', registerAt(channel, start, 1), 1],
      ['mdm/bad-block', intervals(channel, start, []), 1],
      ['mdm/bad-block', { ...registerAt(register, start, 1), value: Float64Array.of(1, 2) }, 2],
      ['mdm/off-grid', registerAt(register, start + 1, 1), 1],
    ];
    for (const [index, [code, block, count]] of cases.entries()) {
      assert.deepEqual(await codesOf(batchOf(`shape-${point}-${index}`, block)), [{ code, count }], code);
    }
  });

  test('single bad values are refused and the good ones beside them are kept', async () => {
    const block = intervals(channel, start, [1, -1, 2.5, 2 ** 53, Number.NaN, 6]);
    const receipt = await trial.mdm.ingest(batchOf('v1', block));
    assert.equal(receipt.accepted, 2);
    assert.deepEqual(
      receipt.rejected.map(({ code, count }) => ({ code, count })),
      [
        { code: 'mdm/negative-energy', count: 1 },
        { code: 'mdm/not-an-integer', count: 3 },
      ],
    );
    assert.deepEqual((await valuesOf(start, 6)).flags, [1, 2, 2, 2, 2, 1]);
    assert.equal(trial.events.length, 2, 'one event a reason, not one a value');
  });

  test('an interval that ends in the future is refused, one within the tolerance is not', async () => {
    const last = now - quarter;
    const receipt = await trial.mdm.ingest(batchOf('w1', intervals(channel, last, [1, 2, 3])));
    assert.equal(receipt.accepted, 1);
    assert.deepEqual(receipt.rejected[0]?.code, 'mdm/future');
    assert.equal(receipt.rejected[0]?.count, 2);
  });

  test('a value that is both measured and estimated, or neither, is refused', async () => {
    const both = intervals(channel, start, [1], { flags: quality.measured | quality.estimated });
    const neither = intervals(channel, start + quarter, [1], { flags: quality.suspect });
    assert.deepEqual(await codesOf(batchOf('y1', both, neither)), [{ code: 'mdm/bad-quality', count: 2 }]);
  });

  test('a second block on the same slots in one batch is refused', async () => {
    const blocks = [intervals(channel, start, [1, 2]), intervals(channel, start + quarter, [3, 4])];
    const receipt = await trial.mdm.ingest(batchOf('z1', ...blocks));
    assert.equal(receipt.accepted, 2);
    assert.equal(receipt.rejected[0]?.code, 'mdm/overlapping-blocks');
  });

  test('a question for a channel that is not there has a code', async () => {
    const isCode = (code: string) => (error: unknown) => codeOf(error) === code;
    const period = { startMs: start, endMs: now };
    await assert.rejects(trial.mdm.series('NOWHERE/delivered', period), isCode('mdm/unknown-channel'));
    await assert.rejects(
      trial.mdm.series(`UP-${point}/delivered-total`, period),
      isCode('mdm/not-an-interval-channel'),
    );
    await assert.rejects(trial.mdm.register(channel, start), isCode('mdm/not-a-register-channel'));
  });
});

describe('after a restart', () => {
  test('values, versions, knowledge times, gaps and batch ids are as before', async () => {
    const batch = batchOf('s1', intervals(channel, start + 90 * quarter, [1, 2, null, 4, 5, 6, 7, 8]));
    await trial.mdm.ingest(batch);
    await trial.mdm.ingest(batchOf('s2', intervals(channel, start + 90 * quarter, [11])));
    const register = `UP-${point}/delivered-total`;
    await trial.mdm.ingest(batchOf('s3', registerAt(register, start, 77)));
    const before = {
      series: await valuesOf(start + 80 * quarter, 30),
      versions: await trial.mdm.versions(channel, start + 90 * quarter),
      gaps: await trial.mdm.gaps(channel, start, start + 2 * dayMs),
    };
    await trial.reopen();
    assert.deepEqual(await valuesOf(start + 80 * quarter, 30, before.series.asOfMs), before.series);
    assert.deepEqual(await trial.mdm.versions(channel, start + 90 * quarter), before.versions);
    assert.deepEqual(await trial.mdm.gaps(channel, start, start + 2 * dayMs), before.gaps);
    assert.equal(await trial.mdm.register(register, start), 77);
    assert.equal((await trial.mdm.ingest(batch)).accepted, 0);
    const repeat = await trial.mdm.ingest(batchOf('s4', intervals(channel, start + 94 * quarter, [5, 6])));
    assert.deepEqual(repeat, { accepted: 0, duplicates: 2, rejected: [] });
  });

  test('what comes later is known later, though the clock stands still', async () => {
    await trial.mdm.ingest(batchOf('k1', intervals(channel, start, [1])));
    const { asOfMs } = await valuesOf(start, 1);
    await trial.reopen();
    await trial.mdm.ingest(batchOf('k2', intervals(channel, start, [2])));
    assert.deepEqual((await valuesOf(start, 1, asOfMs)).values, [1]);
    assert.deepEqual((await valuesOf(start, 1)).values, [2]);
  });
});

test('the store may hold more than memory does: days are dropped and loaded again', async (t) => {
  await trial.mdm.close();
  const small = await openTrial({ usagePoints: 3, nowMs: now, policy: { cacheOctets: 4000 } });
  t.after(async () => {
    await small.close();
    await trial.reopen();
  });
  const values = (seed: number) => Array.from({ length: 96 * 5 }, (_, slot) => (slot * seed) % 97);
  for (const seed of [1, 2, 3]) {
    await small.mdm.ingest(batchOf(`m${seed}`, intervals(`UP-${seed}/delivered`, start, values(seed))));
    await small.mdm.settled();
  }
  for (const seed of [1, 2, 3, 2, 1]) {
    const period = { startMs: start, endMs: start + 5 * dayMs };
    const series = await small.mdm.series(`UP-${seed}/delivered`, period);
    assert.deepEqual([...series.value], values(seed));
    const repeat = batchOf(`again-${seed}`, intervals(`UP-${seed}/delivered`, start, values(seed)));
    assert.equal((await small.mdm.ingest(repeat)).accepted, 0);
    await small.mdm.settled();
  }
});
