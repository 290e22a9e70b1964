/** Attempts of those who may not, and changes that clients make: what the meter keeps of them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { secureRandom, virtualClock } from '@wattline/base';
import { type Attach, connect, testMeter } from '../meter-fixture.ts';
import { attachLine } from '../serve-serial.ts';
import { AccessWatch } from './access-watch.ts';
import type { EventName } from './event-codes.ts';

const refused = (code: string) => ({ kind: 'refused', code });

describe('a watch on access', () => {
  const watching = () => {
    const events: EventName[] = [];
    return { watch: new AccessWatch((event) => events.push(event)), events };
  };
  test('logs the third wrong secret in a row, not a slip', () => {
    const { watch, events } = watching();
    watch.notice(refused('dlms/authentication-failed'), 0);
    watch.notice(refused('dlms/authentication-failed'), 1);
    watch.notice({ kind: 'associated' }, 2);
    watch.notice(refused('dlms/authentication-failed'), 3);
    watch.notice(refused('dlms/authentication-failed'), 4);
    assert.deepEqual(events, []);
    watch.notice(refused('dlms/authentication-failed'), 5);
    assert.deepEqual(events, ['wrongPassword']);
    assert.equal(watch.refusals, 5);
  });
  test('logs a replayed frame at once, and once a minute for who goes on', () => {
    const { watch, events } = watching();
    for (let second = 0; second < 100; second++)
      watch.notice(refused('dlms/counter-replayed'), second * 1000);
    assert.deepEqual(events, ['replayAttack', 'replayAttack']);
  });
  test('knows whether somebody is associated', () => {
    const { watch } = watching();
    watch.notice({ kind: 'associated' }, 0);
    assert.equal(watch.isCommunicating, true);
    watch.notice({ kind: 'released' }, 1);
    watch.notice({ kind: 'released' }, 2);
    assert.equal(watch.isCommunicating, false);
  });
});

test('wrong keys over the wire end in the event log of the meter', async () => {
  const { meter } = testMeter();
  const wrong = { suite: 0, ek: new Uint8Array(16), ak: new Uint8Array(16) } as const;
  for (let n = 0; n < 3; n++) await connect(meter, 'reader', { keys: wrong });
  const codes = meter.events.entries().map(({ code }) => code);
  assert.ok(codes.includes(46) || codes.includes(49), String(codes));
});

describe('a line', () => {
  const serving = { random: secureRandom(), hdlc: {} };
  const optical = { manufacturer: 'WTL', identification: 'BENCH', address: '42', maxBaud: 9600 } as const;
  const wrong = { suite: 0, ek: new Uint8Array(16), ak: new Uint8Array(16) } as const;
  const line: Attach = (device, far) => void attachLine(device, far, { ...serving, clock: virtualClock() });
  const port: Attach = async (device, far, near) => {
    attachLine(device, far, { ...serving, clock: virtualClock(), optical });
    near.receive(() => {});
    for (const said of ['/?!\r\n', '\x06252\r\n']) {
      near.send(new Uint8Array(Buffer.from(said, 'latin1')));
      for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    }
  };
  for (const [name, attach] of [
    ['of HDLC', line],
    ['that is an optical port', port],
  ] as const) {
    test(`${name}: wrong keys end in the event log, the right ones show as communication`, async () => {
      const { meter } = testMeter();
      for (let n = 0; n < 3; n++) await connect(meter, 'reader', { keys: wrong, hdlc: {}, attach });
      const codes = meter.events.entries().map(({ code }) => code);
      assert.ok(codes.includes(46) || codes.includes(49), String(codes));
      assert.equal(meter.display.scene(meter.countedToMs).annunciators.isCommunicating, false);
      const { association } = await connect(meter, 'reader', { hdlc: {}, attach });
      assert.equal(association.kind, 'associated');
      assert.equal(meter.display.scene(meter.countedToMs).annunciators.isCommunicating, true);
    });
  }
  test('that falls silent has nobody on it any more', async () => {
    const clock = virtualClock();
    const { meter } = testMeter();
    const attach: Attach = (device, far) => void attachLine(device, far, { ...serving, clock });
    await connect(meter, 'reader', { hdlc: {}, attach });
    assert.equal(meter.access.isCommunicating, true);
    await clock.advance(120_000);
    assert.equal(meter.access.isCommunicating, false);
  });
});

test('an attribute that a client sets is audited with who, what, the old and the new value; a reader is refused', async () => {
  const { meter } = testMeter();
  const management = await connect(meter, 'management');
  const set = (value: number) =>
    management.ask({
      kind: 'set',
      reference: { classId: 8, obis: '0.0.1.0.0.255', attribute: 3 },
      value: { type: 'long', value },
    });
  const before = meter.configuration.audit.length;
  await set(0);
  // The clock has events of its own.
  assert.equal(meter.configuration.audit.length, before);
  const settable = { classId: 40, obis: '0.0.25.9.0.255', attribute: 5 };
  const outcome = await management.ask({
    kind: 'set',
    reference: settable,
    value: { type: 'long-unsigned', value: 30 },
  });
  assert.equal(outcome.kind, 'set', JSON.stringify(outcome));
  const [entry] = meter.configuration.audit;
  assert.deepEqual(
    [entry?.by, entry?.parameter, entry?.after],
    ['management', '40/0.0.25.9.0.255/5', '12001E'],
  );
  assert.match(entry?.before as string, /^12/);
  assert.equal(meter.events.entries().at(-1)?.code, 47);
  const reader = await connect(meter, 'reader');
  await reader.ask({ kind: 'set', reference: settable, value: { type: 'long-unsigned', value: 31 } });
  assert.equal(meter.configuration.audit.length, 1);
});
