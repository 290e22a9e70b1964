/** Scripts, schedules and calendars by what they do to the meter, over octets. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Data } from '@wattline/protocols/dlms';
import { firmwareKeysFromSeed } from '../firmware/demonstration-keys.ts';
import { signFirmware } from '../firmware/firmware-image.ts';
import { at, connect, testMeter } from '../meter-fixture.ts';
import { dataOf } from './data-type.ts';

const { number, octets, structure, array, obis, boolean } = dataOf;
const disconnectScripts = '0.0.10.0.106.255';
const u16 = (value: number) => number('long-unsigned', value);
const integer0: Data = { type: 'integer', value: 0 };
const any = 0xff;
const time = (hour: number, minute: number) => octets(Uint8Array.of(hour, minute, 0, 0));
const anyDate = octets(Uint8Array.of(any, any, any, any, any));
const bits = (...set: readonly number[]): Data => ({
  type: 'bit-string',
  bits: 7,
  value: Uint8Array.of(set.reduce((all, bit) => all | (0x80 >> bit), 0)),
});

/** A meter on Thursday 2026-10-01, 10:00 local time, and management associated with it. */
async function atTen() {
  const made = testMeter({ profile: 'generic', startMs: at('2026-10-01T09:00:00Z') });
  return { ...made, client: await connect(made.meter, 'management') };
}

describe('Script table, class 9', () => {
  test('script 1 opens the switch and script 2 closes it', async () => {
    const { meter, client } = await atTen();
    assert.equal((await client.act(9, disconnectScripts, 1, u16(1))).result, 'success');
    assert.equal(meter.isConnected, false);
    assert.equal((await client.act(9, disconnectScripts, 1, u16(2))).result, 'success');
    assert.equal(meter.isConnected, true);
  });
  test('a script that is not there is object-undefined, one that sets an attribute sets it', async () => {
    const { client } = await atTen();
    assert.equal((await client.act(9, disconnectScripts, 1, u16(7))).result, 'object-undefined');
    const write = structure(
      number('enum', 1),
      u16(41),
      obis('0.0.25.0.0.255'),
      number('integer', 2),
      u16(4060),
    );
    const scripts = array(structure(u16(7), array(write)));
    assert.equal(await client.set(9, disconnectScripts, 2, scripts), 'success');
    assert.equal((await client.act(9, disconnectScripts, 1, u16(7))).result, 'success');
    assert.deepEqual(await client.get(41, '0.0.25.0.0.255', 2), u16(4060));
  });
  test('a script that calls itself ends, refused', async () => {
    const { client } = await atTen();
    const again = structure(number('enum', 2), u16(9), obis(disconnectScripts), number('integer', 1), u16(1));
    await client.set(9, disconnectScripts, 2, array(structure(u16(1), array(again))));
    assert.equal((await client.act(9, disconnectScripts, 1, u16(1))).result, 'other-reason');
  });
});

describe('Single action schedule, class 22', () => {
  const schedule = '0.0.15.0.1.255';
  test('fires at its time of the wall clock on the day named, and not on another', async () => {
    const { meter, client, interval } = await atTen();
    await client.set(22, schedule, 2, structure(obis(disconnectScripts), u16(1)));
    const tomorrow = octets(Uint8Array.of(0x07, 0xea, 10, 2, any));
    await client.set(22, schedule, 4, array(structure(time(10, 30), tomorrow)));
    for (let quarter = 0; quarter < 4; quarter++) await interval(10);
    assert.equal(meter.isConnected, true);
    for (let quarter = 0; quarter < 96; quarter++) await interval(10);
    assert.equal(meter.isConnected, false);
  });
});

describe('Schedule, class 10', () => {
  const schedule = '0.0.12.0.0.255';
  const entry = (index: number, isEnabled: boolean, weekday: number) =>
    structure(
      u16(index),
      boolean(isEnabled),
      obis(disconnectScripts),
      u16(1),
      time(10, 15),
      u16(0),
      bits(weekday),
      { type: 'bit-string', bits: 0, value: new Uint8Array(0) },
      anyDate,
      anyDate,
    );
  const thursday = 3;
  test('fires on its weekday when enabled', async () => {
    const { meter, client, interval } = await atTen();
    assert.equal((await client.act(10, schedule, 2, entry(1, true, thursday))).result, 'success');
    await interval(1);
    assert.equal(meter.isConnected, true);
    await interval(1);
    assert.equal(meter.isConnected, false);
  });
  test('an entry that is disabled, or of another weekday, does nothing', async () => {
    const { meter, client, interval } = await atTen();
    await client.act(10, schedule, 2, entry(1, true, thursday));
    await client.act(10, schedule, 2, entry(2, true, 0));
    const disableFirst = structure(u16(1), u16(1), u16(0), u16(0));
    assert.equal((await client.act(10, schedule, 1, disableFirst)).result, 'success');
    for (let quarter = 0; quarter < 4; quarter++) await interval(1);
    assert.equal(meter.isConnected, true);
  });
  test('entries are deleted by their indices', async () => {
    const { client } = await atTen();
    await client.act(10, schedule, 2, entry(1, true, thursday));
    assert.equal((await client.act(10, schedule, 3, structure(u16(1), u16(9)))).result, 'success');
    assert.deepEqual(await client.get(10, schedule, 2), array());
    assert.equal((await client.act(10, schedule, 3, structure(u16(1), u16(9)))).result, 'object-undefined');
  });
  test('on a day of the Special days table, class 11, the bit of its day_id decides', async () => {
    const { meter, client, interval } = await atTen();
    const today = structure(u16(1), octets(Uint8Array.of(0x07, 0xea, 10, 1, any)), number('unsigned', 2));
    assert.equal((await client.act(11, '0.0.11.0.0.255', 1, today)).result, 'success');
    const special: Data = { type: 'bit-string', bits: 2, value: Uint8Array.of(0x40) };
    const fields = (entry(1, true, 0) as { readonly value: readonly Data[] }).value;
    await client.act(10, schedule, 2, structure(...fields.slice(0, 7), special, ...fields.slice(8)));
    await interval(1);
    await interval(1);
    assert.equal(meter.isConnected, false);
  });
});

describe('Activity calendar, class 20', () => {
  const calendar = '0.0.13.0.0.255';
  const name = (text: string) => octets(text);
  const day = array(
    structure(number('unsigned', 1), array(structure(time(0, 0), obis('0.0.10.0.100.255'), u16(2)))),
  );
  const week = array(structure(name('W'), ...Array.from({ length: 7 }, () => number('unsigned', 1))));
  const season = array(structure(name('S'), octets(new Uint8Array(12).fill(any)), name('W')));
  test('a passive calendar that is whole becomes the active one; one without a day is refused', async () => {
    const { meter, client, interval } = await atTen();
    await client.set(20, calendar, 6, name('NEW'));
    await client.set(20, calendar, 7, season);
    await client.set(20, calendar, 8, week);
    await client.set(20, calendar, 9, array());
    assert.equal((await client.act(20, calendar, 1, integer0)).result, 'other-reason');
    assert.deepEqual(await client.get(20, calendar, 2), name('DAY-NIGHT'));
    await client.set(20, calendar, 9, day);
    assert.equal((await client.act(20, calendar, 1, integer0)).result, 'success');
    assert.deepEqual(await client.get(20, calendar, 2), name('NEW'));
    assert.deepEqual(await client.get(20, calendar, 5), day);
    await interval(700);
    assert.equal(meter.metrology.delivered.rate(2), 700, 'the new calendar has rate 2 all day');
  });
  test('a passive calendar waits for its instant by the clock of the meter', async () => {
    const { meter, client, interval } = await atTen();
    for (const [attribute, value] of [
      [6, name('LATER')],
      [7, season],
      [8, week],
      [9, day],
    ] as const)
      await client.set(20, calendar, attribute, value);
    const halfPast = octets(Uint8Array.of(0x07, 0xea, 10, 1, any, 10, 30, 0, 0, 0x80, 0, 0));
    assert.equal(await client.set(20, calendar, 10, halfPast), 'success');
    await interval(100);
    await interval(100);
    assert.equal(meter.metrology.delivered.rate(2), 0);
    await interval(100);
    assert.equal(meter.metrology.delivered.rate(2), 100);
    assert.deepEqual(await client.get(20, calendar, 2), name('LATER'));
  });
});

describe('Clock, class 8', () => {
  const clock = '0.0.1.0.0.255';
  const dateTime = (hour: number) => octets(Uint8Array.of(0x07, 0xea, 10, 1, any, hour, 0, 0, 0, 0x80, 0, 0));
  test('a preset time is set only within its validity', async () => {
    const { meter, client } = await atTen();
    assert.equal((await client.act(8, clock, 4, integer0)).result, 'other-reason');
    await client.act(8, clock, 5, structure(dateTime(12), dateTime(11), dateTime(13)));
    assert.equal((await client.act(8, clock, 4, integer0)).result, 'other-reason');
    await client.act(8, clock, 5, structure(dateTime(12), dateTime(9), dateTime(13)));
    assert.equal((await client.act(8, clock, 4, integer0)).result, 'success');
    assert.equal(meter.events.entries().at(-1)?.code, 5);
    assert.equal((await client.act(8, clock, 4, integer0)).result, 'other-reason');
  });
});

test('what a schedule did is not done again when the meter is rebuilt from its memory', async () => {
  const { volatileMemory } = await import('../memory/non-volatile.ts');
  const memory = volatileMemory();
  const startMs = at('2026-10-01T09:00:00Z');
  const first = testMeter({ profile: 'generic', startMs }, { memory });
  const client = await connect(first.meter, 'management');
  const schedule = '0.0.15.0.1.255';
  await client.set(22, schedule, 2, structure(obis(disconnectScripts), u16(1)));
  await client.set(22, schedule, 4, array(structure(time(10, 15), anyDate)));
  for (let quarter = 0; quarter < 3; quarter++) await first.interval(1);
  assert.equal(first.meter.isConnected, false);
  await client.act(70, '0.0.96.3.10.255', 2, integer0);
  const count = first.meter.events.entries().length;
  const again = testMeter({ profile: 'generic', startMs }, { memory });
  // One more: what was done at the end of the third is done again at its beginning.
  for (let quarter = 0; quarter < 4; quarter++) await again.interval(1);
  assert.equal(again.meter.isConnected, true);
  assert.equal(again.meter.events.entries().length, count);
});

describe('what schedules of companion profiles execute', () => {
  const startMs = at('2026-10-01T09:00:00Z');
  const today = octets(Uint8Array.of(0x07, 0xea, 10, 1, any));
  const managed = async (profile: string, more: Parameters<typeof testMeter>[0] = {}) => {
    const made = testMeter({ profile, startMs, intervalSeconds: 900, ...more });
    const management = made.meter.clients.find(({ role }) => role === 'management');
    return { ...made, client: await connect(made.meter, management?.name ?? '') };
  };
  for (const profile of ['generic', 'is15959', 'idis', 'smr']) {
    test(`${profile}: a verified image is activated at the time of 0-0:15.0.2, not before`, async () => {
      const { privateKey, publicKey } = firmwareKeysFromSeed('1', 'application');
      const image = signFirmware(
        {
          ...{ part: 'application', model: 'WTL', version: '2.0', rollbackNumber: 2 },
          payload: new Uint8Array(300).fill(7),
        },
        privateKey,
      );
      const firmware = { blockSize: 1024, keys: { application: [publicKey], legal: [] } };
      const { meter, client, interval } = await managed(profile, { firmware });
      const identifier = new Uint8Array(Buffer.from('WTL-2'));
      meter.firmware.initiate({ identifier, size: image.length });
      meter.firmware.takeBlock({ number: 0, octets: image });
      assert.equal(meter.firmware.verify(), 'success');
      assert.equal(
        await client.set(22, '0.0.15.0.2.255', 4, array(structure(time(10, 30), today))),
        'success',
      );
      await interval(1);
      assert.notEqual(meter.firmware.running('application').version, '2.0');
      for (let quarter = 0; quarter < 3; quarter++) await interval(1);
      assert.equal(meter.firmware.running('application').version, '2.0');
    });
  }
  for (const [profile, billing] of [
    ['is15959', '1.0.98.1.0.255'],
    ['idis', '0.0.98.1.0.255'],
    ['smr', '0.0.98.1.0.255'],
  ] as const) {
    test(`${profile}: the billing period ends at the time of 0-0:15.0.0, and by command; a lock-out refuses the next`, async () => {
      const { meter, client, interval } = await managed(profile);
      await client.set(22, '0.0.15.0.0.255', 4, array(structure(time(10, 30), today)));
      for (let quarter = 0; quarter < 4; quarter++) await interval(100);
      const [snapshot] = meter.books.billing.snapshots;
      assert.deepEqual(snapshot?.energies.get('delivered')?.[0], 200);
      assert.equal(meter.books.billing.snapshots.length, 1);
      assert.equal(meter.books.demands.resetCount, 1);
      assert.equal((await client.act(7, billing, 2, integer0)).result, 'success');
      meter.books.demands.lockoutSeconds = 3600;
      assert.equal((await client.act(9, '0.0.10.0.1.255', 1, u16(1))).result, 'temporary-failure');
      assert.equal(meter.books.billing.snapshots.length, 2);
      assert.ok(meter.configuration.audit.some(({ parameter }) => parameter === 'billing-close'));
    });
  }
  for (const profile of ['idis', 'smr']) {
    test(`${profile}: the push goes at the times of 0-0:15.0.4`, async () => {
      const { client, interval, pushed } = await managed(profile);
      const everyDay = octets(Uint8Array.of(any, any, any, any, any));
      await client.set(22, '0.0.15.0.4.255', 4, array(structure(time(10, 15), everyDay)));
      for (let quarter = 0; quarter < 3; quarter++) await interval(1);
      assert.equal(pushed.length, 1);
      for (let quarter = 0; quarter < 96; quarter++) await interval(1);
      assert.equal(pushed.length, 2);
    });
  }
});
