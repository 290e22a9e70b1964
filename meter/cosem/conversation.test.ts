/** The meter as a head-end meets it: a client of the dlms room, real octets, each client's rights. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fromHex, toHex } from '@wattline/base';
import { type Data, decodeDateTime, decodePush, encodeDateTime } from '@wattline/protocols/dlms';
import type { Meter } from '../meter.ts';
import { at, connect, history, serial, type TestClient, testMeter } from '../meter-fixture.ts';
import { profileStatus } from '../registers/load-profile.ts';

const loadProfile = '1.0.99.1.0.255';
const switchObis = '0.0.96.3.10.255';
const clockObis = '0.0.1.0.0.255';
const numberOf = (data: Data | string) =>
  typeof data !== 'string' && data.type === 'double-long-unsigned' ? data.value : data;

describe('the public client (SAP 16)', () => {
  test('reads clock, name, serial number and total energy without security', async () => {
    const { meter } = await history(1);
    const client = await connect(meter, 'public');
    assert.equal(client.association.kind, 'associated');
    const name = await client.get(1, '0.0.42.0.0.255', 2);
    assert.deepEqual(name, { type: 'octet-string', value: new Uint8Array(Buffer.from('WTL0000000000042')) });
    const printed = await client.get(1, '0.0.96.1.0.255', 2);
    assert.deepEqual(printed, { type: 'octet-string', value: new Uint8Array(Buffer.from(serial)) });
    assert.equal(
      numberOf(await client.get(3, '1.0.1.8.0.255', 2)),
      meter.metrology.delivered.total.wattHours,
    );
    assert.ok(typeof (await client.get(8, clockObis, 2)) === 'object');
  });
  test('is refused the profile, the rates, the switch and the setting of the clock', async () => {
    const { meter } = await history(1);
    const client = await connect(meter, 'public');
    for (const [classId, obis] of [
      [7, loadProfile],
      [3, '1.0.1.8.1.255'],
      [3, '1.0.2.8.0.255'],
      [70, switchObis],
      [20, '0.0.13.0.0.255'],
    ] as const) {
      assert.equal(await client.get(classId, obis, 2), 'read-write-denied', obis);
    }
    const reference = { classId: 8, obis: clockObis, attribute: 2 };
    const value: Data = { type: 'octet-string', value: encodeDateTime(at('2030-01-01T00:00:00Z'), 0) };
    assert.deepEqual(await client.ask({ kind: 'set', reference, value }), {
      kind: 'set',
      result: 'read-write-denied',
    });
  });
  test('its object list names just what it may read', async () => {
    const { meter } = testMeter();
    const list = await (await connect(meter, 'public')).get(15, '0.0.40.0.0.255', 2);
    assert.equal(
      objectNames(list).join(' '),
      '0.0.42.0.0.255 0.0.96.1.0.255 0.0.1.0.0.255 0.0.43.1.1.255 0.0.43.1.2.255 1.0.1.8.0.255 0.0.40.0.0.255',
    );
  });
});

function objectNames(list: Data | string): string[] {
  assert.ok(typeof list === 'object' && list.type === 'array');
  return list.value.map((element) => {
    const name = element.type === 'structure' ? element.value[2] : undefined;
    return name?.type === 'octet-string' ? [...name.value].join('.') : '?';
  });
}

describe('the reader (SAP 2)', () => {
  test('associates by GMAC and reads sealed; every object of its list answers with its logical name', async () => {
    const { meter } = testMeter({ phases: 3 });
    const client = await connect(meter, 'reader');
    assert.equal(client.association.kind, 'associated');
    const list = await client.get(15, '0.0.40.0.0.255', 2);
    assert.ok(typeof list === 'object' && list.type === 'array');
    for (const element of list.value) {
      assert.ok(element.type === 'structure');
      const [classId, , name, rights] = element.value;
      assert.ok(
        classId?.type === 'long-unsigned' && name?.type === 'octet-string' && rights?.type === 'structure',
      );
      const obis = [...name.value].join('.');
      const [attributes] = rights.value;
      assert.ok(attributes?.type === 'array');
      for (const item of attributes.value) {
        assert.ok(item.type === 'structure');
        const [id, mode] = item.value;
        assert.ok(id?.type === 'integer' && mode?.type === 'enum');
        const answer = await client.get(classId.value, obis, id.value);
        if (mode.value === 0) assert.equal(answer, 'read-write-denied', `${obis} ${id.value}`);
        else assert.equal(typeof answer, 'object', `${obis} ${id.value}: ${JSON.stringify(answer)}`);
      }
    }
  });
  test('with a wrong key is refused and reads nothing', async () => {
    const { meter } = await history(1);
    for (const spoilt of ['ek', 'ak'] as const) {
      const keys = { ...(meter.clients[1]?.keys ?? assert.fail()), [spoilt]: new Uint8Array(16).fill(7) };
      const client = await connect(meter, 'reader', { keys });
      assert.equal(client.association.kind, 'failure');
    }
  });
  test('with the keys of management is refused', async () => {
    const { meter } = testMeter();
    const { keys } = meter.clients[2] ?? assert.fail();
    const client = await connect(meter, 'reader', keys ? { keys } : {});
    assert.equal(client.association.kind, 'failure');
  });
  test('with a counter that was used before is refused', async () => {
    const { meter } = testMeter();
    const systemTitle = Uint8Array.of(0x54, 0x53, 0x54, 1, 1, 1, 1, 1);
    await connect(meter, 'reader', { systemTitle, counter: countFrom(70_000_000) });
    const again = await connect(meter, 'reader', { systemTitle, counter: countFrom(70_000_000) });
    assert.equal(again.association.kind, 'failure');
  });
  test('counts apart from another client with the same keys: the system title is part of every nonce', async () => {
    const { meter } = testMeter();
    await connect(meter, 'reader', { counter: countFrom(70_000_000) });
    const other = await connect(meter, 'reader', { counter: countFrom(1) });
    assert.equal(other.association.kind, 'associated');
    const read = await other.get(1, '0.0.43.1.2.255', 2);
    assert.ok(typeof read !== 'string' && read.type === 'double-long-unsigned' && read.value >= 70_000_000);
  });
  test('cannot switch the supply and cannot set the clock', async () => {
    const { meter } = testMeter();
    const client = await connect(meter, 'reader');
    for (const method of [1, 2]) assert.equal(await act(client, 70, switchObis, method), 'read-write-denied');
    const reference = { classId: 8, obis: clockObis, attribute: 2 };
    const value: Data = { type: 'octet-string', value: encodeDateTime(0, 0) };
    assert.deepEqual(await client.ask({ kind: 'set', reference, value }), {
      kind: 'set',
      result: 'read-write-denied',
    });
    assert.equal(meter.isConnected, true);
  });
  test('asks for what is not there and hears so', async () => {
    const client = await connect(testMeter().meter, 'reader');
    assert.equal(await client.get(3, '1.0.9.9.9.255', 2), 'object-undefined');
    assert.equal(await client.get(4, '1.0.1.8.0.255', 2), 'object-class-inconsistent');
    assert.equal(await client.get(3, '1.0.1.8.0.255', 9), 'object-undefined');
    assert.equal(await client.get(15, '0.0.40.0.0.255', 7), 'read-write-denied');
  });
});

function countFrom(start: number) {
  let last = start;
  return { next: () => ++last };
}

async function act(
  client: TestClient,
  classId: number,
  obis: string,
  method: number,
  parameter?: Data,
): Promise<string> {
  const outcome = await client.ask({
    kind: 'action',
    reference: { classId, obis, method },
    ...(parameter ? { parameter } : {}),
  });
  return outcome.kind === 'action' ? outcome.outcome.result : JSON.stringify(outcome);
}

describe('management (SAP 1)', () => {
  test('disconnects and reconnects the supply', async () => {
    const { meter } = testMeter();
    const client = await connect(meter, 'management');
    const zero: Data = { type: 'integer', value: 0 };
    assert.equal(await act(client, 70, switchObis, 1, zero), 'success');
    assert.equal(meter.isConnected, false);
    assert.deepEqual(await client.get(70, switchObis, 2), { type: 'boolean', value: false });
    assert.deepEqual(await client.get(70, switchObis, 3), { type: 'enum', value: 0 });
    assert.equal(await act(client, 70, switchObis, 2, zero), 'success');
    assert.equal(meter.isConnected, true);
    assert.deepEqual(
      meter.events.entries().map(({ code }) => code),
      [62, 63],
    );
  });
  test('sets the clock: the time moves, the entry is flagged, the event is logged', async () => {
    const { meter, clock, interval } = await history(1);
    const client = await connect(meter, 'management');
    const reference = { classId: 8, obis: clockObis, attribute: 2 };
    const value: Data = { type: 'octet-string', value: encodeDateTime(clock.now() + 60_000, 60) };
    assert.deepEqual(await client.ask({ kind: 'set', reference, value }), { kind: 'set', result: 'success' });
    const time = await client.get(8, clockObis, 2);
    assert.ok(typeof time === 'object' && time.type === 'octet-string');
    const read = decodeDateTime(time.value);
    assert.equal(read.ok && read.value.instantMs, clock.now() + 60_000);
    await interval(10);
    const last = meter.metrology.loadProfile.entries().at(-1);
    assert.ok((last?.status ?? 0) & profileStatus.clockAdjusted);
    const log = await client.columns('0.0.99.98.0.255');
    const [, codes] = log.columns;
    assert.equal(codes?.kind === 'integer' && codes.value.at(-1), 5);
  });
  test('a clock set without deviation is wall clock of the zone', async () => {
    const { meter } = testMeter({ startMs: at('2026-07-01T12:00:00Z') });
    const client = await connect(meter, 'management');
    const wall = fromHex('07EA 07 01 03 0D 05 00 00 8000 FF');
    const reference = { classId: 8, obis: clockObis, attribute: 2 };
    await client.ask({ kind: 'set', reference, value: { type: 'octet-string', value: wall } });
    const time = await client.get(8, clockObis, 2);
    assert.ok(typeof time === 'object' && time.type === 'octet-string');
    // 13:05 summer time, deviation -60, daylight saving active.
    assert.equal(toHex(time.value), '07EA0701030D050000FFC480');
  });
  test('a clock set to nonsense is refused and nothing happens', async () => {
    const { meter } = testMeter();
    const client = await connect(meter, 'management');
    const reference = { classId: 8, obis: clockObis, attribute: 2 };
    const set = (value: Data) => client.ask({ kind: 'set', reference, value });
    assert.deepEqual(await set({ type: 'octet-string', value: new Uint8Array(12) }), {
      kind: 'set',
      result: 'other-reason',
    });
    assert.deepEqual(await set({ type: 'unsigned', value: 1 }), { kind: 'set', result: 'type-unmatched' });
    assert.deepEqual(meter.events.entries(), []);
  });
  test('shifts the clock by seconds, not by hours', async () => {
    const { meter } = testMeter();
    const client = await connect(meter, 'management');
    assert.equal(await act(client, 8, clockObis, 6, { type: 'long', value: 30 }), 'success');
    assert.equal(await act(client, 8, clockObis, 6, { type: 'long', value: 3600 }), 'other-reason');
    // The old time and the new one.
    assert.deepEqual(
      meter.events.entries().map(({ code }) => code),
      [4, 5],
    );
  });
  test('a shift of two seconds is slewed: both times are logged, and no entry is flagged', async () => {
    const { meter, interval } = testMeter();
    const client = await connect(meter, 'management');
    assert.equal(await act(client, 8, clockObis, 6, { type: 'long', value: 2 }), 'success');
    assert.equal(meter.clock.at(meter.countedToMs), meter.countedToMs);
    for (let n = 0; n < 6; n++) await interval(10);
    assert.equal(meter.clock.at(meter.countedToMs), meter.countedToMs + 2000);
    const [before, after] = meter.events.entries();
    assert.deepEqual([before?.code, after?.code], [4, 5]);
    assert.equal((after?.labelMs ?? 0) - (before?.labelMs ?? 0), 2000);
    const statuses = meter.metrology.loadProfile
      .entries()
      .map(({ status }) => status & profileStatus.clockAdjusted);
    assert.deepEqual(new Set(statuses), new Set([0]));
  });
  test('cannot reset a register or wipe a profile', async () => {
    const { meter } = await history(1);
    const client = await connect(meter, 'management');
    assert.equal(
      await act(client, 3, '1.0.1.8.0.255', 1, { type: 'integer', value: 0 }),
      'read-write-denied',
    );
    assert.equal(await act(client, 7, loadProfile, 1, { type: 'integer', value: 0 }), 'read-write-denied');
  });
});

describe('the last gasp', () => {
  test('power failure and return are pushed under the keys of the reader, with counters that grow', () => {
    const { meter, pushed } = testMeter();
    meter.powerDown();
    meter.powerUp(meter.countedToMs + 754_000);
    const [down, up] = pushed.map((octets) => openPush(meter, octets));
    assert.deepEqual(down?.slice(0, 2), [1, 0]);
    assert.deepEqual(up?.slice(0, 2), [2, 754]);
    assert.ok((up?.[2] ?? 0) > (down?.[2] ?? 0));
  });
  test('nothing is pushed of a past that is replayed', () => {
    const { meter, pushed } = testMeter();
    meter.powerDown({ isSilent: true });
    meter.powerUp(meter.countedToMs + 1000, { isSilent: true });
    assert.deepEqual(pushed, []);
  });
});

/** Event code, seconds and invocation counter of a push. */
function openPush(meter: Meter, octets: Uint8Array): number[] {
  const reader = meter.clients.find(({ name }) => name === 'reader');
  const push = decodePush(octets, { keysOf: () => reader?.keys, replayOf: () => undefined });
  assert.ok(push.ok, push.ok ? '' : push.error.message);
  const { body, isCiphered, systemTitle, invocationCounter } = push.value;
  assert.equal(isCiphered, true);
  assert.deepEqual(systemTitle, meter.systemTitle);
  assert.ok(body.type === 'structure');
  const [name, setup, time, code, seconds] = body.value;
  assert.ok(name?.type === 'octet-string' && name.value.length === 16);
  assert.ok(setup?.type === 'octet-string' && toHex(setup.value) === '0000190900FF');
  assert.ok(time?.type === 'octet-string' && time.value.length === 12);
  assert.ok(code?.type === 'unsigned' && seconds?.type === 'double-long-unsigned');
  return [code.value, seconds.value, invocationCounter ?? 0];
}
