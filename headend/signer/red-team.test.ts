/**
 * Ten attacks, R1 to R10, each with what must hold. Derived from the promises of the guard: stolen people's devices, an owned
 * head-end host, insiders, clocks, restarts, forged debts, hoarded APDUs, a hostile channel.
 */
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { describe, test } from 'node:test';
import { type Clock, fromHex, seededRandom, virtualClock } from '@wattline/base';
import { sql } from 'kysely';
import { signManifest } from '../campaign/manifest.ts';
import { evidenceText } from '../guard/approval.ts';
import type { Batch, Evidence } from '../guard/batch.ts';
import type { LawfulRule } from '../guard/guard-state.ts';
import { privateKeyOf, recipientOf } from '../keys/sealed-box.ts';
import { readEnrolment } from './enrolment.ts';
import type { SignerMessage } from './messages.ts';
import { sealPair } from './sealed-pair.ts';
import {
  approvals,
  codesOf,
  consents,
  installation,
  masterOf,
  openStreet,
  type Street,
  testBatch,
  testPerson,
  verdictOf,
} from './signer-fixture.ts';

const startMs = Temporal.Instant.from('2026-11-21T10:00:00Z').epochMilliseconds;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

function serial(number: number): string {
  return `M${String(number).padStart(3, '0')}`;
}

/** Files, waits and carries out: what somebody gets who has people's devices. */
async function switchAll(
  street: Street,
  clock: ReturnType<typeof virtualClock>,
  batches: readonly string[][],
) {
  const { anna, bela } = street;
  const filed = [];
  for (const meters of batches) {
    const batch = testBatch(meters, clock.now());
    await street.file(batch, ...(meters.length === 1 ? [anna] : [anna, bela]));
    filed.push(batch);
  }
  await clock.advance(15 * minuteMs);
  for (const batch of filed) {
    await street.ask({ kind: 'progress', hash: street.hashOf(batch) });
    for (const meter of batch.meters) await street.carry(batch, meter);
  }
}

/** A wall clock that can be moved while the monotonic reading runs on. */
function movableClock(clock: Clock): Clock & { offsetMs: number } {
  const moved = { ...clock, offsetMs: 0, now: () => clock.now() + moved.offsetMs };
  return moved;
}

describe('the head-end host is fully owned: no meter is switched', () => {
  test('R1: whoever steals one operator’s device darkens twenty homes in a day and none on life support', async (t) => {
    const clock = virtualClock(startMs);
    const street = await openStreet(t, { clock, count: 100 });
    for (let hour = 0; hour < 23; hour++) {
      const singles = Array.from({ length: 4 }, (_, i) => [serial((hour * 4 + i) % 100)]);
      await switchAll(street, clock, singles);
      await clock.advance(45 * minuteMs);
    }
    assert.equal(street.dark().length, 20);
    assert.ok(!street.dark().includes('M009'));
  });

  test('R1: several stolen devices together reach the cap of the tenant', async (t) => {
    const clock = virtualClock(startMs);
    const street = await openStreet(t, { clock, settings: { singlesPerTenantDay: { dark: 3, light: 9 } } });
    const { anna, bela, cora } = street;
    const replies = [];
    for (const [number, person] of [anna, bela, cora, anna, bela].entries()) {
      const batch = testBatch([serial(number)], clock.now());
      await street.file(batch, person);
      await clock.advance(15 * minuteMs);
      replies.push(codesOf(await street.ask({ kind: 'progress', hash: street.hashOf(batch) })));
    }
    assert.deepEqual(replies.slice(3), [['guard/singles-cap'], ['guard/singles-cap']]);
  });

  test('R1: a switch is not worn out by toggling, and whoever was darkened last can still be lit', async (t) => {
    const clock = virtualClock(startMs);
    const street = await openStreet(t, { clock, settings: { cancelWindowMs: 0 } });
    const shed = testBatch(['M001'], startMs, { command: 'limiter', limitW: 500 });
    await street.file(shed, street.anna);
    await street.carry(shed, 'M001');
    street.meters[1]!.moves.length = 0;
    for (let i = 0; i < 8; i++) {
      const command = i % 2 === 0 ? 'disconnect' : 'reconnect';
      const batch = testBatch(['M001'], clock.now(), { command });
      await street.file(batch, street.anna);
      await street.carry(batch, 'M001');
    }
    assert.deepEqual(street.meters[1]?.moves, ['disconnect', 'reconnect', 'disconnect', 'reconnect']);
  });

  test('R2: approvals that are forged, or moved to other meters, another command or another batch, switch nothing', async (t) => {
    const clock = virtualClock(startMs);
    const street = await openStreet(t, { clock, settings: { cancelWindowMs: 0 } });
    const { anna, bela } = street;
    const honest = testBatch(['M001'], startMs, { command: 'clock-shift' });
    const genuine = approvals(honest, startMs, anna, bela);
    const stranger = testPerson('anna', ['operator']);
    const attempts = [
      { ...honest, command: 'disconnect' as const },
      { ...honest, command: 'disconnect' as const, key: 'other' },
      testBatch(['M002', 'M003'], startMs),
      testBatch(['M002'], startMs, { lane: 'lawful', rule: 'none' }),
    ];
    for (const batch of attempts) {
      for (const signatures of [genuine, approvals(batch, startMs, stranger), []]) {
        const reply = await street.ask({ kind: 'file', batch, approvals: signatures });
        assert.notEqual(verdictOf(reply), 'allow');
        assert.equal(await street.carry(batch, batch.meters[0] as string), 'signer/not-allowed');
      }
    }
    assert.deepEqual(street.dark(), []);
  });

  test('R3: a batch carried out once is not carried out again, nor are its octets on the line', async (t) => {
    const clock = virtualClock(startMs);
    const street = await openStreet(t, { clock, settings: { cancelWindowMs: 0 } });
    const { anna } = street;
    const batch = testBatch(['M001'], startMs);
    const signatures = approvals(batch, startMs, anna);
    await street.ask({ kind: 'file', batch, approvals: signatures });
    assert.equal(await street.carry(batch, 'M001'), 'disconnected');
    const meter = street.meters[1]!;
    meter.isConnected = true;
    meter.moves.length = 0;
    await street.restart();
    const again = await street.ask({ kind: 'file', batch, approvals: signatures });
    assert.ok(codesOf(again).includes('guard/already-allowed'));
    // Who asks again is told how it ended then; not an octet is sealed.
    const heard = meter.heard.flat().length;
    assert.equal(await street.carry(batch, 'M001'), 'disconnected');
    assert.equal(meter.heard.flat().length, heard);
    for (const recorded of [...meter.heard]) {
      const link = await street.dialer.dial({ host: 'memory', port: 1 }, 1000);
      for (const octets of recorded) link.send(octets);
      await clock.advance(1000);
      link.close();
    }
    assert.deepEqual([meter.isConnected, meter.moves], [true, []]);
  });

  test('R4: a clock moved forward opens no cancel window, one moved back empties no account', async (t) => {
    for (const stepMs of [20 * minuteMs, 48 * hourMs, -20 * minuteMs]) {
      const clock = virtualClock(startMs);
      const wall = movableClock(clock);
      const street = await openStreet(t, { clock: wall });
      const batch = testBatch(['M001'], startMs);
      await street.file(batch, street.anna);
      wall.offsetMs = stepMs;
      const moved = await street.ask({ kind: 'progress', hash: street.hashOf(batch) });
      assert.ok(codesOf(moved).includes('guard/clock-doubtful'), `${stepMs}`);
      // Moved back to where it stood, it stays doubtful: somebody has been at it.
      wall.offsetMs = 0;
      await clock.advance(20 * minuteMs);
      const later = await street.ask({ kind: 'progress', hash: street.hashOf(batch) });
      assert.deepEqual(codesOf(later), ['guard/clock-doubtful']);
      assert.deepEqual(street.dark(), []);
    }
  });

  test('R4: a signer started on a clock behind its own ledger trusts no time', async (t) => {
    const clock = virtualClock(startMs);
    const street = await openStreet(t, { clock, settings: { cancelWindowMs: 0 } });
    const wall = movableClock(clock);
    wall.offsetMs = -hourMs;
    await street.restart(wall);
    const reply = await street.ask({
      kind: 'file',
      batch: testBatch(['M001'], startMs),
      approvals: [],
    });
    assert.ok(codesOf(reply).includes('guard/clock-doubtful'));
  });

  test('R4: a clock moved while the signer was down shortens no window', async (t) => {
    const clock = virtualClock(startMs);
    const limits = [{ scope: 'fleet', windowMs: 24 * hourMs, meters: 1, watts: 1_000_000 }] as const;
    const street = await openStreet(t, { clock, settings: { limits } });
    await switchAll(street, clock, [['M001']]);
    const held = testBatch(['M002'], clock.now());
    await street.file(held, street.anna);
    const wall = movableClock(clock);
    wall.offsetMs = 30 * hourMs;
    await street.restart(wall);
    const next = testBatch(['M003'], wall.now());
    const signatures = approvals(next, wall.now(), street.anna);
    const reply = await street.ask({ kind: 'file', batch: next, approvals: signatures });
    assert.deepEqual(codesOf(reply), ['guard/limit-window', 'guard/cancel-window']);
    assert.deepEqual(street.dark(), ['M001']);
  });

  test('R4: a restart begins a cancel window anew, whatever the clock says by then', async (t) => {
    const clock = virtualClock(startMs);
    const street = await openStreet(t, { clock });
    const held = testBatch(['M002'], startMs);
    await street.file(held, street.anna);
    const wall = movableClock(clock);
    wall.offsetMs = hourMs;
    await street.restart(wall);
    const reply = await street.ask({ kind: 'progress', hash: street.hashOf(held) });
    assert.deepEqual(codesOf(reply), ['guard/cancel-window']);
  });

  test('R5: a mass switch cut into small batches fills the same windows', async (t) => {
    const clock = virtualClock(startMs);
    const street = await openStreet(t, { clock, count: 100 });
    const pairs = Array.from({ length: 50 }, (_, i) => [serial(i * 2), serial(i * 2 + 1)]);
    await switchAll(street, clock, pairs);
    // One feeder takes 50 meters or 300 kW an hour, one transformer ten.
    assert.ok(street.dark().length > 0 && street.dark().length <= 50, `${street.dark().length}`);
    assert.ok(!street.dark().includes('M009'));
  });

  test('R6: sealed APDUs that are hoarded count until the meter proves them, so that they cannot be let loose at once', async (t) => {
    const clock = virtualClock(startMs);
    const limits = [{ scope: 'fleet', windowMs: hourMs, meters: 3, watts: 1_000_000 }] as const;
    const street = await openStreet(t, { clock, settings: { cancelWindowMs: 0, limits } });
    const hoard: { meter: number; octets: Uint8Array[] }[] = [];
    for (let number = 0; number < 8; number++) {
      await clock.advance(2 * hourMs);
      const batch = testBatch([serial(number)], clock.now());
      const reply = await street.file(batch, street.anna);
      if (verdictOf(reply) !== 'allow') {
        assert.deepEqual(codesOf(reply), ['guard/limit-window']);
        continue;
      }
      hoard.push({ meter: number, octets: await sealUpToSwitch(street, street.hashOf(batch), number) });
    }
    assert.equal(hoard.length, 3);
    assert.deepEqual(street.dark(), []);
  });

  test('R6: what is stopped after a session was opened and before the switch is sealed, is stopped', async (t) => {
    const stops: readonly ((hash: string) => SignerMessage)[] = [
      (hash) => ({ kind: 'cancel', hash, by: 'the person at the door' }),
      () => ({ kind: 'red-switch', by: 'anybody' }),
      () => ({ kind: 'hold', hold: { kind: 'life-support', serial: 'M001' }, by: 'the call centre' }),
    ];
    const weather = { scope: 'feeder', place: 'F0', fromMs: 0, untilMs: startMs + hourMs } as const;
    const storm = () =>
      ({ kind: 'hold', hold: { kind: 'weather', ...weather }, by: 'the forecast' }) as const;
    for (const stop of [...stops, storm]) {
      const clock = virtualClock(startMs);
      const street = await openStreet(t, { clock, settings: { cancelWindowMs: 0 } });
      const batch = testBatch(['M001'], startMs);
      await street.file(batch, street.anna);
      const hash = street.hashOf(batch);
      const octets = await sealUpToSwitch(street, hash, 1, () => street.ask(stop(hash)));
      assert.deepEqual(octets, [], stop(hash).kind);
      assert.deepEqual(street.dark(), []);
    }
  });

  test('R7: two people are two people: one key under two names is refused at enrolment, one person twice counts once', async (t) => {
    const clock = virtualClock(startMs);
    const street = await openStreet(t, { clock, settings: { cancelWindowMs: 0 } });
    const { person } = testPerson('one', ['operator']);
    const twins = { installation, people: [person, { ...person, id: 'two' }], meters: [] };
    assert.throws(() => readEnrolment(JSON.stringify(twins)), { code: 'signer/enrolment-invalid' });
    const batch = testBatch(['M001', 'M002'], startMs);
    const twice = [
      ...approvals(batch, startMs, street.anna),
      ...approvals(batch, startMs - 1000, street.anna),
    ];
    const reply = await street.ask({ kind: 'file', batch, approvals: twice });
    assert.deepEqual(codesOf(reply), ['guard/people-missing']);
    for (const other of [street.foreigner, street.clerk, testPerson('bela', ['operator'])]) {
      const added = await street.file(batch, other);
      assert.deepEqual(codesOf(added), ['guard/people-missing']);
    }
    assert.equal(await street.carry(batch, 'M001'), 'signer/not-allowed');
    assert.deepEqual(street.dark(), []);
  });

  test('R8: debts invented on the host cut nobody off; a rule signed by one is none', async (t) => {
    const clock = virtualClock(startMs);
    const street = await openStreet(t, { clock, settings: { cancelWindowMs: 0 } });
    const { anna, bela, ledger } = street;
    const rule: LawfulRule = {
      id: 'arrears',
      tenant: 'T',
      kind: 'non-payment',
      owedMinor: 5_000,
      noticeMs: 14 * 24 * hourMs,
      evidenceAgeMs: 24 * hourMs,
      zone: 'Europe/London',
      fromHour: 9,
      untilHour: 15,
      fromMs: 0,
      untilMs: startMs + 30 * 24 * hourMs,
    };
    const owed = (of: string, change: Partial<Evidence> = {}, key = ledger.key): Evidence => {
      const plain = {
        serial: of,
        kind: 'non-payment' as const,
        owedMinor: 9_000,
        noticeMs: startMs - 20 * 24 * hourMs,
        asOfMs: startMs,
        ledger: 'ledger',
        signature: '-',
        ...change,
      };
      return { ...plain, signature: sign(null, Buffer.from(evidenceText(plain)), key).toString('base64') };
    };
    const lawful = (evidence: readonly Evidence[]) =>
      testBatch(['M001', 'M002'], startMs, { lane: 'lawful', rule: 'arrears', evidence });
    const file = (evidence: readonly Evidence[]) => street.file(lawful(evidence));
    const good = [owed('M001'), owed('M002')];
    assert.deepEqual(codesOf(await file(good)), ['guard/rule-unknown']);
    const one = consents('rule', rule, startMs, anna);
    assert.deepEqual(codesOf(await street.ask({ kind: 'rule', rule, approvals: one })), [
      'signer/not-authorised',
    ]);
    const wrong = [
      consents('rule', rule, startMs - 2 * hourMs, anna, bela),
      consents('rule', rule, startMs + hourMs, anna, bela),
      consents('rule', { ...rule, owedMinor: 6_000 }, startMs, anna, bela),
      consents('release', rule, startMs, anna, bela),
      consents('rule', rule, startMs, anna, street.foreigner),
    ];
    for (const signatures of wrong) {
      const reply = await street.ask({ kind: 'rule', rule, approvals: signatures });
      assert.deepEqual(codesOf(reply), ['signer/not-authorised']);
    }
    const two = consents('rule', rule, startMs, anna, bela);
    await street.ask({ kind: 'rule', rule, approvals: two });
    const bad: Evidence[][] = [
      [owed('M001')],
      [owed('M001'), owed('M001')],
      [owed('M001'), owed('M002', {}, anna.key)],
      [owed('M001'), { ...owed('M002', { owedMinor: 1 }), owedMinor: 9_000 }],
      [owed('M001'), owed('M002', { owedMinor: 4_999 })],
      [owed('M001'), owed('M002', { noticeMs: startMs - 24 * hourMs })],
      [owed('M001'), owed('M002', { asOfMs: startMs - 25 * hourMs })],
      [owed('M001'), owed('M002', { ledger: 'anna' })],
    ];
    for (const evidence of bad) assert.equal(verdictOf(await file(evidence)), 'deny');
    assert.deepEqual(street.dark(), []);
    // Before all this is believed to refuse everything: what is lawful passes.
    const batch = lawful(good);
    assert.equal(verdictOf(await street.file(batch)), 'allow');
    assert.equal(await street.carry(batch, 'M001'), 'disconnected');
    // Paid and lit again: what was owed before serves nobody a second time.
    const paid = [owed('M001', { owedMinor: 0, asOfMs: startMs + minuteMs })];
    await clock.advance(minuteMs);
    const lit = testBatch(['M001'], startMs, {
      command: 'reconnect',
      lane: 'lawful',
      rule: 'arrears',
      evidence: paid,
    });
    assert.equal(verdictOf(await street.file(lit)), 'allow');
    assert.equal(await street.carry(lit, 'M001'), 'connected');
    const old = testBatch(['M001'], startMs, { lane: 'lawful', rule: 'arrears', evidence: [owed('M001')] });
    assert.deepEqual(codesOf(await street.file(old)), ['guard/evidence-short']);
  });

  test('R9: a ledger that was edited opens no signer, and the engine refuses to edit it', async (t) => {
    const clock = virtualClock(startMs);
    const street = await openStreet(t, { clock, settings: { cancelWindowMs: 0 } });
    await street.ask({ kind: 'red-switch', by: 'anybody' });
    await assert.rejects(street.registry.deleteFrom('guard_ledger').execute(), /append-only/);
    await assert.rejects(
      street.registry.updateTable('guard_ledger').set({ at_ms: 0 }).execute(),
      /append-only/,
    );
    // Whoever owns the disk can drop the trigger; the chain still tells.
    await sql.raw('drop trigger guard_ledger_no_update').execute(street.registry);
    const body = JSON.stringify({ kind: 'started', installation });
    await street.registry.updateTable('guard_ledger').set({ body }).where('seq', '=', 2).execute();
    await assert.rejects(street.restart(), { code: 'guard/ledger-broken' });
  });

  test('R10: a hostile channel is answered message by message and moves nothing', async (t) => {
    const clock = virtualClock(startMs);
    const street = await openStreet(t, { clock, settings: { cancelWindowMs: 0 } });
    const batch = testBatch(['M001'], startMs);
    const hostile: unknown[] = [
      null,
      'disconnect',
      { kind: 'constructor' },
      { kind: '__proto__' },
      { kind: 'open', hash: 'x'.repeat(1000), serial: 'M001' },
      { kind: 'open', hash: street.hashOf(batch), serial: 'M001', force: true },
      { kind: 'octets', session: 'none', octets: 'AAAA' },
      { kind: 'file', batch: { ...batch, command: 'firmware-activation' }, approvals: [] },
      { kind: 'file', batch: { ...batch, meters: ['M001', 'M001'] }, approvals: [] },
      { kind: 'file', batch: { ...batch, meters: [] }, approvals: [] },
      { kind: 'file', batch: { ...batch, deadlineMs: Number.MAX_SAFE_INTEGER }, approvals: [] },
      { kind: 'file', batch: { ...batch, deadlineMs: 1.5 }, approvals: [] },
      { kind: 'file', batch: { ...batch, isApproved: true }, approvals: [] },
      { kind: 'file', batch, approvals: [{ person: 'anna', atMs: startMs, signature: 'AA==' }] },
      { kind: 'settings', settings: { batchPeople: 0 } },
    ];
    for (const message of hostile) {
      const reply = await street.ask(message as SignerMessage);
      assert.notEqual(verdictOf(reply), 'allow');
      assert.equal(await street.carry(batch, 'M001'), 'signer/not-allowed');
    }
    assert.equal((await street.ask({ kind: 'status' })).kind, 'status');
    assert.deepEqual(street.dark(), []);
  });

  test('R2: nothing that the signer can do to a meter is done without the people it takes', async (t) => {
    const clock = virtualClock(startMs);
    const street = await openStreet(t, { clock, settings: { cancelWindowMs: 0 } });
    for (const change of serviceCommands) {
      for (const meters of [['M001'], ['M001', 'M002']]) {
        const batch = testBatch(meters, startMs, change);
        const replies = [
          await street.ask({ kind: 'file', batch, approvals: [] }),
          await street.file(batch, street.foreigner, street.clerk, street.ledger),
          await street.ask({
            kind: 'file',
            batch,
            approvals: approvals(testBatch(meters, startMs), startMs, street.anna),
          }),
        ];
        for (const reply of replies) assert.notEqual(verdictOf(reply), 'allow', batch.command);
        assert.equal(await street.carry(batch, 'M001'), 'signer/not-allowed');
      }
    }
    assert.deepEqual(street.dark(), []);
  });

  test('R8: an image is its maker’s or nobody’s: no operator signs for a maker, and no octet of it can be exchanged', async (t) => {
    const clock = virtualClock(startMs);
    const street = await openStreet(t, { clock, settings: { cancelWindowMs: 0 } });
    const image = seededRandom('image').bytes(64);
    const digest = createHash('sha256').update(image).digest('hex');
    const manifest = { image: 'WTL-2', version: '2', hardware: ['any'], octets: 64, digest };
    const { anna, bela, mira } = street;
    const by = (person: typeof anna, maker: string) => ({ ...signManifest(manifest, person.key), maker });
    for (const parameters of [by(anna, 'anna'), by(anna, 'mira'), by(mira, 'anna'), forgedFirmware()]) {
      for (const command of ['firmware-transfer', 'firmware-activation'] as const) {
        const batch = testBatch(['M001', 'M002'], startMs, { command, parameters });
        assert.deepEqual(codesOf(await street.file(batch, anna, bela)), ['signer/manifest-refused']);
      }
    }
    // What the maker signed is taken; another image under its manifest is not, nor one out of order or too long.
    const batch = testBatch(['M001'], startMs, {
      command: 'firmware-transfer',
      parameters: by(mira, 'mira'),
    });
    assert.equal(verdictOf(await street.file(batch)), 'allow');
    const bring = (octets: Uint8Array, offset = 0) =>
      street.ask({
        kind: 'image',
        hash: street.hashOf(batch),
        offset,
        octets: Buffer.from(octets).toString('base64'),
      });
    const altered = image.map((octet, i) => (i === 63 ? octet ^ 1 : octet));
    for (const reply of [await bring(altered), await bring(image, 1), await bring(new Uint8Array(65))]) {
      assert.deepEqual(codesOf(reply), ['signer/manifest-refused']);
    }
    assert.equal(await street.carry(batch, 'M001'), 'signer/image-missing');
    assert.deepEqual(street.dark(), []);
    // Transferring darkens nothing and takes no person; to activate takes them all the same.
    const activation = testBatch(['M001'], startMs, {
      command: 'firmware-activation',
      parameters: by(mira, 'mira'),
    });
    assert.deepEqual(codesOf(await street.file(activation)), ['guard/people-missing']);
  });

  test('R6: keys that are hoarded on the way, or chosen by the host, leave no meter with a key nobody knows', async (t) => {
    const clock = virtualClock(startMs);
    const street = await openStreet(t, { clock, settings: { cancelWindowMs: 0 } });
    const batch = testBatch(['M001'], startMs, { command: 'key-change', parameters: { of: ['reader'] } });
    await street.file(batch, street.anna);
    const meter = street.meters[1]!;
    const hash = street.hashOf(batch);
    const recipient = await street.recipient();
    const pairOf = (ek: string, ak: string) => ({ ek: fromHex(ek), ak: fromHex(ak) });
    const open = (ek: string, ak: string, use = { hash, serial: 'M001' }) =>
      street.ask({ kind: 'open', hash, serial: 'M001', reader: sealPair(recipient, pairOf(ek, ak), use) });
    const own = Buffer.from(meter.keys.ek).toString('hex');
    const other = 'A1B2'.repeat(8);
    for (const [ek, ak] of [
      ['00'.repeat(16), other],
      [other, other],
      [other, own],
      [Buffer.from(masterOf('M001')).toString('hex'), other],
      ['C3D4'.repeat(16), 'E5F6'.repeat(16)],
    ] as const) {
      assert.deepEqual(codesOf(await open(ek, ak)), ['signer/bad-reader-keys']);
    }
    // A pair that was overheard for another meter or batch, one for another signer, and one in the clear.
    const fit = ['C3D4'.repeat(8), 'E5F6'.repeat(8)] as const;
    for (const use of [
      { hash, serial: 'M003' },
      { hash: 'ab'.repeat(32), serial: 'M001' },
    ]) {
      assert.deepEqual(codesOf(await open(...fit, use)), ['signer/bad-reader-keys']);
    }
    const elsewhere = recipientOf(privateKeyOf(seededRandom('another signer').bytes(32)));
    const use = { hash, serial: 'M001' };
    for (const reader of [sealPair(elsewhere, pairOf(...fit), use), fit.join(''), 'AAAA']) {
      const reply = await street.ask({ kind: 'open', hash, serial: 'M001', reader });
      assert.deepEqual(codesOf(reply), ['signer/bad-reader-keys']);
    }
    assert.deepEqual(meter.moves, []);
  });

  for (const seed of [1, 2, 3, 4]) {
    test(`all of it together, at random, with everything overheard on an honest day (seed ${seed})`, async (t) => {
      const clock = virtualClock(startMs);
      const wall = movableClock(clock);
      const street = await openStreet(t, { clock: wall });
      const overheard = await honestDay(street, clock);
      for (const meter of street.meters) {
        meter.isConnected = true;
        meter.moves.length = 0;
      }
      await rampage({ street, clock, wall, overheard, random: seededRandom(`rampage ${seed}`) });
      assert.deepEqual(street.dark(), []);
    });
  }
});

/** Lets the signer seal everything up to the acting request, and keeps that one back. */
async function sealUpToSwitch(
  street: Street,
  hash: string,
  port: number,
  beforeSwitch: () => Promise<unknown> = async () => {},
): Promise<Uint8Array[]> {
  const link = await street.dialer.dial({ host: 'memory', port }, 1000);
  const inbox: Uint8Array[] = [];
  link.receive((octets) => inbox.push(octets));
  let reply = await street.ask({ kind: 'open', hash, serial: serial(port) });
  for (let request = 0; ; request++) {
    assert.equal(reply.kind, 'session');
    if (reply.kind !== 'session') return [];
    const octets = reply.send.map((text) => new Uint8Array(Buffer.from(text, 'base64')));
    // AARQ, proof, control_state; the fourth is remote_disconnect.
    if (request === 3 || reply.end) return octets;
    for (const part of octets) link.send(part);
    while (inbox.length === 0) await new Promise((resolve) => setImmediate(resolve));
    if (request === 2) await beforeSwitch();
    const answer = Buffer.from(inbox.shift() as Uint8Array).toString('base64');
    reply = await street.ask({ kind: 'octets', session: reply.session, octets: answer });
  }
}

/** A day as it should be: singles, a batch, one cancelled, one that ran out; returns every message that crossed the host. */
async function honestDay(street: Street, clock: ReturnType<typeof virtualClock>): Promise<SignerMessage[]> {
  const { anna, bela } = street;
  const messages: SignerMessage[] = [];
  const batches = [
    testBatch(['M001'], clock.now()),
    testBatch(['M002', 'M003'], clock.now()),
    testBatch(['M004', 'M005'], clock.now()),
    testBatch(['M006'], clock.now(), { deadlineMs: clock.now() + 20 * minuteMs }),
  ];
  for (const batch of batches) {
    const message = { kind: 'file', batch, approvals: approvals(batch, clock.now(), anna, bela) } as const;
    messages.push(message, { kind: 'progress', hash: street.hashOf(batch) });
    for (const meter of batch.meters)
      messages.push({ kind: 'open', hash: street.hashOf(batch), serial: meter });
    await street.ask(message);
  }
  await street.ask({ kind: 'cancel', hash: street.hashOf(batches[2]!), by: 'anna' });
  await clock.advance(15 * minuteMs);
  for (const batch of batches.slice(0, 2)) {
    await street.ask({ kind: 'progress', hash: street.hashOf(batch) });
    for (const meter of batch.meters) assert.equal(await street.carry(batch, meter), 'disconnected');
  }
  await clock.advance(30 * minuteMs);
  return messages;
}

/** Two thousand messages, octets to meters, clock steps and restarts, drawn from what was overheard and changed at random. */
async function rampage(options: {
  readonly street: Street;
  readonly clock: ReturnType<typeof virtualClock>;
  readonly wall: ReturnType<typeof movableClock>;
  readonly overheard: readonly SignerMessage[];
  readonly random: ReturnType<typeof seededRandom>;
}): Promise<void> {
  const { street, clock, wall, overheard, random } = options;
  const pick = <T>(items: readonly T[]) => items[random.below(items.length)] as T;
  const files = overheard.flatMap((message) => (message.kind === 'file' ? [message] : []));
  const sessions: string[] = [];
  const recipient = await street.recipient();
  for (let step = 0; step < 2_000; step++) {
    const drawn = pick(overheard);
    let message: SignerMessage = drawn;
    if (drawn.kind === 'file' && random.below(2) === 0) {
      const { batch } = pick(files);
      const changes = [
        { meters: [serial(random.below(20))] },
        { key: `k${random.below(10)}` },
        { deadlineMs: wall.now() + hourMs },
        { lane: pick(['ordinary', 'lawful', 'emergency', 'shed'] as const) },
        { command: pick(['disconnect', 'reconnect', 'arm', 'limiter'] as const), limitW: 0 },
        pick(serviceCommands),
      ];
      message = { ...drawn, batch: { ...drawn.batch, ...pick(changes), reason: batch.reason } };
    }
    if (drawn.kind === 'open') {
      const use = { hash: drawn.hash, serial: serial(random.below(20)) };
      const pair = { ek: new Uint8Array(16).fill(0xa1), ak: new Uint8Array(16).fill(0xb2) };
      const reader = sealPair(recipient, pair, use);
      message = { ...drawn, serial: use.serial, ...(random.below(2) === 0 ? { reader } : {}) };
    }
    if (random.below(20) === 0) {
      const octets = Buffer.from(random.bytes(64)).toString('base64');
      await street.ask({ kind: 'image', hash: street.hashOf(pick(files).batch), offset: 0, octets });
    }
    const reply = await street.ask(message);
    if (reply.kind === 'session') sessions.push(reply.session);
    if (sessions.length > 0 && random.below(4) === 0) {
      const octets = Buffer.from(random.bytes(random.below(64))).toString('base64');
      await street.ask({ kind: 'octets', session: pick(sessions), octets });
    }
    if (random.below(20) === 0) await replayOctets(street, random.below(20), pick(street.meters).heard);
    if (random.below(200) === 0) wall.offsetMs = random.below(4 * hourMs) - 2 * hourMs;
    if (random.below(200) === 0) await street.restart();
    if (random.below(20) === 0) await clock.advance(random.below(10 * minuteMs));
  }
}

/** Everything the signer has a script for besides switching, with what each takes. */
const serviceCommands: readonly Partial<Batch>[] = [
  { command: 'key-change', parameters: { of: ['reader', 'management', 'master'] } },
  { command: 'tariff-activation', parameters: { calendar: oneRate() } },
  { command: 'firmware-transfer', parameters: forgedFirmware() },
  { command: 'firmware-activation', parameters: forgedFirmware() },
  { command: 'capture-period', parameters: { seconds: 60 } },
  { command: 'push-setup', parameters: { destination: 'attacker:4059' } },
  { command: 'demand-reset' },
  { command: 'display-text', parameters: { text: 'pay here' } },
  { command: 'demand-response', parameters: { level: 3, fromMs: 0, minutes: 1 } },
];

function oneRate() {
  return {
    ...{ name: 'c', seasons: [{ name: 's', week: 'w' }] },
    weeks: [{ name: 'w', days: [1, 1, 1, 1, 1, 1, 1] }],
    days: [{ id: 1, switches: [{ minute: 0, rate: 1 }] }],
  };
}

/** An image with a manifest that the attacker signed under the names of people whose devices are elsewhere. */
function forgedFirmware(maker = 'mira') {
  const { privateKey } = generateKeyPairSync('ed25519');
  const manifest = { image: 'X', version: '9', hardware: ['any'], octets: 64, digest: 'ab'.repeat(32) };
  return { ...signManifest(manifest, privateKey), maker };
}

async function replayOctets(street: Street, port: number, heard: readonly Uint8Array[][]): Promise<void> {
  const link = await street.dialer.dial({ host: 'memory', port }, 1000);
  for (const octets of heard.at(0) ?? []) link.send(octets);
  await new Promise((resolve) => setImmediate(resolve));
  link.close();
}
