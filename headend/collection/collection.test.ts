/** Collecting from scripted meters over memory links. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localDay, toHex, virtualClock } from '@wattline/base';
import { quality } from '@wattline/model';
import { headendWith } from '../headend-fixture.ts';
import { fillProfile, testMeter } from '../test-server.ts';

const quarterMs = 900_000;
const dayMs = 86_400_000;
const startMs = Date.UTC(2025, 9, 1);

test('the first collection takes forty days exactly, in one session', async (context) => {
  const nowMs = startMs + 40 * dayMs + 5 * 60_000;
  const clock = virtualClock(nowMs);
  const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
  fillProfile(meter, startMs, startMs + 40 * dayMs);
  const { headend, management, registry } = await headendWith(context, { clock, meters: [meter] });
  const outcome = await headend.collect('WTL000001');
  assert.deepEqual([outcome.outcome, outcome.code, outcome.readings], ['answer', null, 2 * 40 * 96]);
  assert.equal(meter.dials, 1);
  assert.equal(management.batches.length, 1);
  for (let at = startMs; at < startMs + 40 * dayMs; at += quarterMs) {
    const expected = { value: (at / quarterMs) % 1000, quality: quality.measured };
    assert.deepEqual(management.values.get(`UP-0001/delivered@${at}`), expected);
    assert.equal(management.values.get(`UP-0001/received@${at}`)?.value, 0);
  }
  for (let day = 0; day <= 40; day++) {
    const at = startMs + day * dayMs;
    assert.equal(management.values.get(`UP-0001/delivered-total@${at}`)?.value, at / dayMs);
    assert.equal(management.values.get(`UP-0001/received-total@${at}`)?.value, 3);
  }
  assert.equal(management.values.size, 2 * 40 * 96 + 4 * 41);
  const batch = management.batches[0];
  assert.deepEqual(batch?.origin, { source: 'dlms', reference: outcome.exchangeId });
  assert.equal(batch?.id, outcome.exchangeId);
  const row = await registry.selectFrom('meter').selectAll().executeTakeFirstOrThrow();
  assert.deepEqual(
    [row.state, row.failures, row.last_interval_ms, row.last_contact_ms],
    ['ok', 0, startMs + 40 * dayMs, nowMs],
  );
});

test('every exchange is in the journal with its octets, digest and the last frames', async (context) => {
  const clock = virtualClock(startMs + dayMs);
  const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
  fillProfile(meter, startMs, startMs + dayMs);
  const { headend, registry } = await headendWith(context, { clock, meters: [meter] });
  const { exchangeId } = await headend.collect('WTL000001');
  const exchange = await registry.selectFrom('exchange').selectAll().executeTakeFirstOrThrow();
  assert.equal(exchange.id, exchangeId);
  assert.equal(exchange.outcome, 'answer');
  assert.equal(exchange.purpose, 'on-demand');
  assert.ok(exchange.octets_sent > 0);
  assert.match(exchange.digest ?? '', /^[0-9a-f]{64}$/);
  assert.equal((exchange.hex ?? '').length, 2 * exchange.octets_received);
  assert.match(exchange.hex ?? '', /^0001/);
  assert.deepEqual(headend.figures().exchanges, {
    answer: 1,
    refusal: 0,
    timeout: 0,
    unreachable: 0,
    failure: 0,
  });
});

test('only what is missing is asked for', async (context) => {
  const clock = virtualClock(startMs + dayMs);
  const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
  fillProfile(meter, startMs, startMs + 2 * dayMs);
  const { headend, management } = await headendWith(context, { clock, meters: [meter] });
  await headend.collect('WTL000001');
  for (const at of [startMs + 8 * quarterMs, startMs + 9 * quarterMs]) {
    management.values.delete(`UP-0001/delivered@${at}`);
  }
  await clock.advance(quarterMs + 1000);
  meter.asked.length = 0;
  const outcome = await headend.collect('WTL000001');
  assert.equal(outcome.readings, 2 * 3);
  // Labels are the ends of the intervals that are missing.
  assert.deepEqual(meter.asked, [
    { fromMs: startMs + 9 * quarterMs, toMs: startMs + 10 * quarterMs },
    { fromMs: startMs + dayMs + quarterMs, toMs: startMs + dayMs + quarterMs },
  ]);
  meter.asked.length = 0;
  await headend.collect('WTL000001');
  assert.deepEqual(meter.asked, []);
});

test('a hole in the meter stays missing and is asked for again only hours later', async (context) => {
  const clock = virtualClock(startMs + dayMs);
  const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
  fillProfile(meter, startMs, startMs + 2 * dayMs);
  const holeMs = startMs + 20 * quarterMs;
  meter.intervals = meter.intervals.filter(({ labelMs }) => labelMs !== holeMs + quarterMs);
  const { headend, management } = await headendWith(context, { clock, meters: [meter] });
  const { readings } = await headend.collect('WTL000001');
  assert.equal(readings, 2 * 95);
  assert.equal(management.values.has(`UP-0001/delivered@${holeMs}`), false);
  meter.asked.length = 0;
  await headend.collect('WTL000001');
  assert.deepEqual(meter.asked, []);
  await clock.advance(7 * 3_600_000);
  await headend.collect('WTL000001');
  assert.deepEqual(meter.asked[0], { fromMs: holeMs + quarterMs, toMs: holeMs + quarterMs });
});

for (const { day, zone, hours } of [
  { day: '2025-03-30', zone: 'Europe/London', hours: 23 },
  { day: '2025-10-26', zone: 'Europe/London', hours: 25 },
  { day: '2025-04-06', zone: 'Australia/Lord_Howe', hours: 24.5 },
]) {
  test(`a day of ${hours} hours in ${zone} has ${hours * 4} quarter-hours, each at its start`, async (context) => {
    const period = localDay(day, zone);
    assert.equal(period.endMs - period.startMs, hours * 3_600_000);
    const clock = virtualClock(period.endMs + 60_000);
    const meter = testMeter(1, { clock, installedAtMs: period.startMs, zone });
    fillProfile(meter, period.startMs, period.endMs);
    meter.registers = [period.startMs, period.endMs].map((labelMs, i) => ({
      labelMs,
      status: 0,
      values: [i, 0, 0, 0],
    }));
    const { headend, management } = await headendWith(context, { clock, meters: [meter] });
    await headend.collect('WTL000001');
    const channel = 'UP-0001/delivered';
    const starts = [...management.values.keys()]
      .filter((key) => key.startsWith(`${channel}@`))
      .map((key) => Number(key.split('@')[1]));
    assert.equal(starts.length, hours * 4);
    assert.equal(starts[0], period.startMs);
    for (const at of starts) {
      assert.equal(management.values.get(`${channel}@${at}`)?.value, (at / quarterMs) % 1000);
    }
    assert.equal(management.values.get(`UP-0001/delivered-total@${period.endMs}`)?.value, 1);
  });
}

test('status bits become quality: power down, clock, validity; daylight saving says nothing', async (context) => {
  const clock = virtualClock(startMs + 6 * quarterMs);
  const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
  const words = [0x80, 0x20, 0x02, 0x04, 0x08, 0xa4];
  meter.intervals = words.map((status, i) => ({
    labelMs: startMs + (i + 1) * quarterMs,
    status,
    values: [i, 0],
  }));
  const { headend, management } = await headendWith(context, { clock, meters: [meter] });
  await headend.collect('WTL000001');
  const { measured, powerFail, clockDoubtful, suspect } = quality;
  const expected = [
    measured | powerFail,
    measured | clockDoubtful,
    measured | clockDoubtful,
    measured | suspect,
    measured,
    measured | powerFail | clockDoubtful | suspect,
  ];
  const found = words.map(
    (_, i) => management.values.get(`UP-0001/delivered@${startMs + i * quarterMs}`)?.quality,
  );
  assert.deepEqual(found, expected);
});

test('a meter that lies about its profile loses the lies, not the truth, and each lie is told', async (context) => {
  const clock = virtualClock(startMs + dayMs);
  const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
  meter.isIgnoringRanges = true;
  const entry = (labelMs: number, values: readonly (number | null)[]) => ({ labelMs, status: 0, values });
  meter.intervals = [
    entry(startMs + quarterMs, [10, 0]),
    entry(startMs + 2 * quarterMs, [11, null]),
    entry(startMs + 2 * quarterMs, [99, 99]),
    entry(startMs + quarterMs, [99, 99]),
    entry(startMs + 3 * quarterMs + 1000, [99, 99]),
    entry(startMs + 3 * quarterMs, [12, 0]),
    entry(startMs + 400 * dayMs, [99, 99]),
    entry(startMs - dayMs, [99, 99]),
  ];
  const { headend, management, events } = await headendWith(context, { clock, meters: [meter] });
  const { outcome, readings } = await headend.collect('WTL000001');
  assert.equal(outcome, 'answer');
  assert.equal(readings, 5);
  const delivered = [0, 1, 2].map(
    (i) => management.values.get(`UP-0001/delivered@${startMs + i * quarterMs}`)?.value,
  );
  assert.deepEqual(delivered, [10, 11, 12]);
  assert.equal(management.values.has(`UP-0001/received@${startMs + quarterMs}`), false);
  const rejected = events.reported.filter(({ kind }) => kind === 'reading-rejected');
  assert.deepEqual(
    rejected.map(({ code, message }) => [code, message.split(' ')[0]]),
    [
      ['headend/entry-out-of-order', '2'],
      ['headend/entry-off-grid', '1'],
      ['headend/entry-outside-range', '2'],
    ],
  );
});

test('a link that breaks in the middle keeps what came, and the next session asks for the rest', async (context) => {
  const nowMs = startMs + 40 * dayMs;
  const clock = virtualClock(nowMs);
  const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
  fillProfile(meter, startMs, nowMs);
  meter.breaksAfter = 7;
  const { headend, management } = await headendWith(context, {
    clock,
    meters: [meter],
    policy: { chunkDays: 5 },
  });
  const broken = await headend.collect('WTL000001');
  assert.deepEqual([broken.outcome, broken.code], ['failure', 'headend/link-closed']);
  assert.ok(broken.readings > 0 && broken.readings < 2 * 40 * 96, `${broken.readings} values`);
  assert.equal(management.values.size, broken.readings);
  meter.breaksAfter = undefined;
  meter.asked.length = 0;
  const rest = await headend.collect('WTL000001');
  assert.equal(rest.outcome, 'answer');
  assert.equal(broken.readings + rest.readings, 2 * 40 * 96);
  assert.equal(meter.asked[0]?.fromMs, startMs + (broken.readings / 2 + 1) * quarterMs);
});

test('readings that meter data management does not take are asked for again', async (context) => {
  const clock = virtualClock(startMs + dayMs);
  const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
  fillProfile(meter, startMs, startMs + dayMs);
  const { headend, management } = await headendWith(context, { clock, meters: [meter] });
  management.isFailing = true;
  const refused = await headend.collect('WTL000001');
  assert.deepEqual([refused.outcome, refused.code], ['failure', 'headend/delivery-failed']);
  management.isFailing = false;
  const taken = await headend.collect('WTL000001');
  assert.equal(taken.readings, 2 * 96);
  assert.equal(management.values.size, 2 * 96 + 4 * 2);
});

test('a meter with another key is refused and told as failed authentication, not retried into the ground', async (context) => {
  const clock = virtualClock(startMs + dayMs);
  const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
  meter.heldKeys = { ...meter.keys, ak: meter.keys.ak.map((octet) => octet ^ 1) };
  const { headend, management, events, registry } = await headendWith(context, { clock, meters: [meter] });
  const { outcome, readings } = await headend.collect('WTL000001');
  assert.equal(outcome, 'refusal');
  assert.equal(readings, 0);
  assert.equal(management.batches.length, 0);
  const row = await registry.selectFrom('meter').selectAll().executeTakeFirstOrThrow();
  assert.equal(row.state, 'refused');
  await headend.collect('WTL000001');
  const told = events.kinds().filter((kind) => kind === 'meter-refused' || kind === 'authentication-failed');
  assert.equal(told.length, 1);
});

test('a meter that answers with another system title is not believed', async (context) => {
  const clock = virtualClock(startMs + dayMs);
  const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
  const impostor = { ...meter, systemTitle: testMeter(2, { clock, installedAtMs: 0 }).systemTitle };
  const { headend, management } = await headendWith(context, { clock, meters: [impostor] });
  const { outcome } = await headend.collect('WTL000001');
  assert.notEqual(outcome, 'answer');
  assert.equal(management.batches.length, 0);
  assert.notEqual(toHex(impostor.systemTitle), meter.shipment.meter.systemTitle);
});

test('a silent meter ends in a timeout at the deadline of the request', async (context) => {
  const clock = virtualClock(startMs + dayMs);
  const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
  meter.isSilent = true;
  const { headend, registry } = await headendWith(context, { clock, meters: [meter] });
  const collecting = headend.collect('WTL000001');
  await clock.advance(10_001);
  assert.deepEqual(await collecting.then(({ outcome, code }) => [outcome, code]), [
    'timeout',
    'headend/timeout',
  ]);
  const exchange = await registry.selectFrom('exchange').selectAll().executeTakeFirstOrThrow();
  assert.equal(exchange.ended_ms - exchange.started_ms, 10_000);
  assert.equal(exchange.hex, null);
  assert.equal(meter.open, 0);
});

test('after three failures a meter is unreachable, and when it answers it has recovered', async (context) => {
  const clock = virtualClock(startMs + dayMs);
  const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
  const { headend, events, registry } = await headendWith(context, { clock, meters: [meter] });
  const stateOf = async () =>
    (await registry.selectFrom('meter').select(['state', 'failures']).executeTakeFirstOrThrow()).state;
  await headend.collect('WTL000001');
  meter.isUnreachable = true;
  const states: string[] = [];
  for (let i = 0; i < 4; i++) {
    assert.equal((await headend.collect('WTL000001')).outcome, 'unreachable');
    states.push(await stateOf());
  }
  assert.deepEqual(states, ['late', 'late', 'unreachable', 'unreachable']);
  meter.isUnreachable = false;
  await headend.collect('WTL000001');
  assert.equal(await stateOf(), 'ok');
  assert.deepEqual(events.kinds(), ['meter-collected', 'meter-unreachable', 'meter-recovered']);
});

test('a clock that runs away is told once, until it is in order again', async (context) => {
  const clock = virtualClock(startMs + dayMs);
  const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
  const { headend, events } = await headendWith(context, { clock, meters: [meter] });
  for (const offsetMs of [0, -45_000, -45_000, 0, 31_000]) {
    meter.clockOffsetMs = offsetMs;
    await headend.collect('WTL000001');
  }
  const drifts = events.reported.filter(({ kind }) => kind === 'clock-drift');
  assert.deepEqual(
    drifts.map(({ message }) => message),
    ["The meter's clock is 45 s behind", "The meter's clock is 31 s ahead"],
  );
});

test('two sessions with one meter never overlap, whoever asks', async (context) => {
  const clock = virtualClock(startMs + dayMs);
  const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
  fillProfile(meter, startMs, startMs + dayMs);
  const { headend } = await headendWith(context, { clock, meters: [meter] });
  const outcomes = await Promise.all([
    headend.collectAll({ concurrency: 4 }),
    headend.collect('WTL000001'),
    headend.collect('WTL000001'),
    headend.collect('WTL000001'),
  ]);
  assert.equal(meter.openMax, 1);
  // The three requests that came while it was read share one session more.
  assert.equal(meter.dials, 2);
  assert.equal(outcomes[1].exchangeId, outcomes[2].exchangeId);
});

test('all meters are read once, some at a time, with progress', async (context) => {
  const clock = virtualClock(startMs + dayMs);
  const meters = [1, 2, 3, 4, 5, 6, 7].map((number) => {
    const meter = testMeter(number, { clock, installedAtMs: startMs, zone: 'UTC' });
    fillProfile(meter, startMs, startMs + dayMs);
    return meter;
  });
  (meters[3] as (typeof meters)[number]).isUnreachable = true;
  const { headend, management } = await headendWith(context, { clock, meters });
  const progress: [number, number][] = [];
  await headend.collectAll({ concurrency: 3, onProgress: (done, of) => progress.push([done, of]) });
  assert.deepEqual(
    progress,
    [1, 2, 3, 4, 5, 6, 7].map((done) => [done, 7]),
  );
  assert.equal(management.batches.length, 6);
  assert.equal(headend.figures().exchanges.unreachable, 1);
});

test('on the schedule each interval is fetched once, shortly after it has ended, and the day before the midnight too', async (context) => {
  const clock = virtualClock(startMs + dayMs - 2 * quarterMs);
  const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
  fillProfile(meter, startMs, startMs + 2 * dayMs);
  const { headend, management } = await headendWith(context, { clock, meters: [meter] });
  await headend.collectAll({ concurrency: 1 });
  const known = management.values.size;
  headend.startSchedule();
  meter.asked.length = 0;
  await clock.advance(4 * quarterMs);
  assert.deepEqual(
    meter.asked,
    [-1, 0, 1].map((i) => ({
      fromMs: startMs + dayMs + i * quarterMs,
      toMs: startMs + dayMs + i * quarterMs,
    })),
  );
  assert.equal(management.values.size, known + 2 * 3 + 4);
  assert.equal(
    management.values.get(`UP-0001/delivered-total@${startMs + dayMs}`)?.value,
    startMs / dayMs + 1,
  );
});

test('closing ends sessions at once and fails what waits', async (context) => {
  const clock = virtualClock(startMs + dayMs);
  const meter = testMeter(1, { clock, installedAtMs: startMs, zone: 'UTC' });
  meter.isSilent = true;
  const { headend, registry } = await headendWith(context, { clock, meters: [meter] });
  const running = headend.collect('WTL000001');
  const waiting = headend.collect('WTL000001');
  const waitingEnd = waiting.then(
    () => 'answered',
    (error: { code?: string }) => error.code,
  );
  await clock.advance(10);
  await headend.close();
  assert.equal((await running).code, 'headend/closing');
  assert.equal(await waitingEnd, 'headend/closing');
  const row = await registry.selectFrom('meter').selectAll().executeTakeFirstOrThrow();
  assert.equal(row.failures, 0);
  await assert.rejects(headend.collect('WTL000001'), { code: 'headend/closing' });
});

test('a serial number that is not provisioned is refused', async (context) => {
  const { headend } = await headendWith(context, { clock: virtualClock(startMs), meters: [] });
  await assert.rejects(headend.collect('WTL999999'), { code: 'headend/meter-unknown' });
});
