/** The signer between people who sign and meters that switch: what is allowed, what waits, what a restart keeps. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualClock } from '@wattline/base';
import { codesOf, consents, openStreet, testBatch, verdictOf } from './signer-fixture.ts';

const startMs = Temporal.Instant.from('2026-11-21T10:00:00Z').epochMilliseconds;
const minuteMs = 60_000;

test('one person disconnects one home: held for a quarter of an hour, then switched and read back', async (t) => {
  const clock = virtualClock(startMs);
  const street = await openStreet(t, { clock });
  const batch = testBatch(['M001'], startMs);
  const held = await street.file(batch, street.anna);
  assert.deepEqual([verdictOf(held), codesOf(held)], ['quarantine', ['guard/cancel-window']]);
  assert.equal(await street.carry(batch, 'M001'), 'signer/not-allowed');
  await clock.advance(15 * minuteMs);
  const allowed = await street.ask({ kind: 'progress', hash: street.hashOf(batch) });
  assert.equal(verdictOf(allowed), 'allow');
  assert.equal(await street.carry(batch, 'M001'), 'disconnected');
  assert.deepEqual(street.dark(), ['M001']);
  assert.deepEqual(street.meters[1]?.moves, ['disconnect']);
});

test('one person reconnects one home at once', async (t) => {
  const clock = virtualClock(startMs);
  const street = await openStreet(t, { clock });
  const meter = street.meters[1]!;
  meter.isConnected = false;
  const batch = testBatch(['M001'], startMs, { command: 'reconnect' });
  assert.equal(verdictOf(await street.file(batch, street.anna)), 'allow');
  assert.equal(await street.carry(batch, 'M001'), 'connected');
  assert.equal(meter.isConnected, true);
});

test('a batch takes two people; whoever says no within the window stops it', async (t) => {
  const clock = virtualClock(startMs);
  const street = await openStreet(t, { clock });
  const batch = testBatch(['M001', 'M002'], startMs);
  assert.deepEqual(codesOf(await street.file(batch, street.anna)), [
    'guard/people-missing',
    'guard/cancel-window',
  ]);
  await clock.advance(20 * minuteMs);
  // The window runs from the second signature, not from the first.
  assert.deepEqual(codesOf(await street.file(batch, street.bela)), ['guard/cancel-window']);
  await street.ask({ kind: 'cancel', hash: street.hashOf(batch), by: 'the person at the door' });
  await clock.advance(20 * minuteMs);
  const after = await street.ask({ kind: 'progress', hash: street.hashOf(batch) });
  assert.deepEqual([verdictOf(after), codesOf(after)], ['deny', ['guard/cancelled']]);
  assert.deepEqual(street.dark(), []);
});

test('a clock is set by the signer’s own time, without anybody’s signature', async (t) => {
  const clock = virtualClock(startMs);
  const street = await openStreet(t, { clock });
  street.meters[3]!.clockOffsetMs = 42_000;
  const batch = testBatch(['M003'], startMs, { command: 'clock-shift' });
  assert.equal(verdictOf(await street.file(batch)), 'allow');
  assert.equal(await street.carry(batch, 'M003'), 'off by 42 s before, 0 s after');
  street.meters[4]!.clockOffsetMs = 3_600_000;
  const far = testBatch(['M004'], startMs, { command: 'clock-shift' });
  await street.file(far);
  assert.match(await street.carry(far, 'M004'), /more than shift_time takes/);
  assert.equal(street.meters[4]?.clockOffsetMs, 3_600_000);
});

test('a restart resets nothing: what was held, switched and stopped stays so', async (t) => {
  const clock = virtualClock(startMs);
  const street = await openStreet(t, { clock, settings: { singlesPerPersonDay: { dark: 1, light: 9 } } });
  const first = testBatch(['M001'], startMs);
  await street.file(first, street.anna);
  await street.restart();
  await clock.advance(15 * minuteMs);
  assert.equal(verdictOf(await street.ask({ kind: 'progress', hash: street.hashOf(first) })), 'allow');
  await street.restart();
  assert.equal(await street.carry(first, 'M001'), 'disconnected');
  await street.restart();
  // The day's one single is spent, and the batch serves no second time.
  const again = await street.file(first, street.anna);
  assert.ok(codesOf(again).includes('guard/already-allowed'));
  assert.equal(await street.carry(first, 'M001'), 'disconnected');
  assert.deepEqual(street.meters[1]?.moves, ['disconnect'], 'told again, not done again');
  const second = await street.file(testBatch(['M002'], clock.now()), street.anna);
  assert.ok(codesOf(second).includes('guard/singles-cap'));
  await street.ask({ kind: 'red-switch', by: 'anybody' });
  await street.restart();
  const third = await street.file(testBatch(['M003'], clock.now(), { command: 'reconnect' }), street.bela);
  assert.deepEqual(codesOf(third), ['guard/red-switch']);
});

test('a link that breaks behind the switch: the move counts until the meter has proved it, and is switched once', async (t) => {
  const clock = virtualClock(startMs);
  const street = await openStreet(t, { clock, settings: { cancelWindowMs: 0 } });
  const batch = testBatch(['M001'], startMs);
  await street.file(batch, street.anna);
  const meter = street.meters[1]!;
  meter.breaksAfterActing = true;
  assert.equal(await street.carry(batch, 'M001'), 'headend/link-closed');
  const status = await street.ask({ kind: 'status' });
  assert.equal(status.kind === 'status' && status.openMoves, 1);
  meter.breaksAfterActing = false;
  assert.equal(await street.carry(batch, 'M001'), 'disconnected');
  assert.deepEqual(meter.moves, ['disconnect']);
  const settled = await street.ask({ kind: 'status' });
  assert.equal(settled.kind === 'status' && settled.openMoves, 0);
});

test('after its deadline an unproved move is only looked at', async (t) => {
  const clock = virtualClock(startMs);
  const street = await openStreet(t, { clock, settings: { cancelWindowMs: 0 } });
  const batch = testBatch(['M001'], startMs, { deadlineMs: startMs + minuteMs });
  await street.file(batch, street.anna);
  const meter = street.meters[1]!;
  meter.breaksAfterActing = true;
  await street.carry(batch, 'M001');
  meter.breaksAfterActing = false;
  // Somebody closed the switch on site: the signer sees it and does not open it again.
  meter.isConnected = true;
  await clock.advance(2 * minuteMs);
  assert.equal(await street.carry(batch, 'M001'), 'connected');
  assert.equal(await street.carry(batch, 'M001'), 'connected');
  assert.deepEqual(meter.moves, ['disconnect']);
});

test('an emergency of three people widens the limits for an hour; shedding goes by limiter, in turn', async (t) => {
  const clock = virtualClock(startMs);
  const street = await openStreet(t, { clock });
  const { anna, bela, cora } = street;
  const declaration = { tenant: 'T', reason: 'frequency', nonce: 'n1' };
  const shed = testBatch(['M001', 'M002'], startMs, { command: 'limiter', lane: 'shed', limitW: 500 });
  assert.deepEqual(codesOf(await street.file(shed, anna, bela)), ['guard/emergency-not-in-force']);
  const two = consents('emergency', declaration, startMs, anna, bela);
  const refused = await street.ask({ kind: 'emergency', declaration, approvals: two });
  assert.deepEqual(codesOf(refused), ['signer/not-authorised']);
  const three = consents('emergency', declaration, startMs, anna, bela, cora);
  assert.equal((await street.ask({ kind: 'emergency', declaration, approvals: three })).kind, 'done');
  assert.equal(verdictOf(await street.file(shed, anna, bela)), 'allow');
  assert.equal(await street.carry(shed, 'M001'), 'limited to 500 W for 1800 s');
  const next = testBatch(['M001', 'M003'], startMs, { command: 'limiter', lane: 'shed', limitW: 500 });
  assert.ok(codesOf(await street.file(next, anna, bela)).includes('guard/shed-rotation'));
  await clock.advance(30 * minuteMs);
  // The same three signatures do not prolong it.
  const again = await street.ask({ kind: 'emergency', declaration, approvals: three });
  assert.deepEqual(codesOf(again), ['signer/not-authorised']);
  await clock.advance(30 * minuteMs);
  assert.equal(await street.carry(shed, 'M002'), 'guard/emergency-not-in-force');
  assert.deepEqual(street.meters[2]?.moves, []);
});

test('the red switch is pulled by anybody and released by two, who sign for this very pull', async (t) => {
  const clock = virtualClock(startMs);
  const street = await openStreet(t, { clock });
  const { anna, bela } = street;
  await street.ask({ kind: 'red-switch', by: 'anybody' });
  const release = consents('release', { pulls: 1 }, startMs, anna, bela);
  assert.deepEqual(codesOf(await street.ask({ kind: 'release', approvals: release.slice(0, 1) })), [
    'signer/not-authorised',
  ]);
  assert.equal((await street.ask({ kind: 'release', approvals: release })).kind, 'done');
  await street.ask({ kind: 'red-switch', by: 'anybody' });
  assert.deepEqual(codesOf(await street.ask({ kind: 'release', approvals: release })), [
    'signer/not-authorised',
  ]);
});
