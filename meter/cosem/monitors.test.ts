/** Monitors, limiter, arbitrator and demand by what they do, over octets. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { type Data, encodeData } from '@wattline/protocols/dlms';
import { at, connect, testMeter } from '../meter-fixture.ts';
import { dataOf } from './data-type.ts';

const { number, octets, structure, array, obis } = dataOf;
const scripts = '0.0.10.0.106.255';
const importPower = '1.0.1.7.0.255';
const u8 = (value: number) => number('unsigned', value);
const u16 = (value: number) => number('long-unsigned', value);
const u32 = (value: number) => number('double-long-unsigned', value);
const integer0: Data = { type: 'integer', value: 0 };
const script = (selector: number) => structure(obis(scripts), u16(selector));
const powerValue = structure(u16(3), obis(importPower), number('integer', 2));

async function associated() {
  const made = testMeter({ profile: 'generic', startMs: at('2026-10-01T09:00:00Z') });
  const client = await connect(made.meter, 'management');
  /** Draws a power for a time; the clock follows. */
  const draw = async (activeW: number, seconds: number) => {
    const endMs = made.meter.countedToMs + seconds * 1000;
    const phasors = [{ voltageV: 230, currentA: activeW / 230, angleRad: 0 }];
    made.meter.measure({ endMs, phasors, frequencyHz: 50 });
    await made.clock.advance(endMs - made.clock.now());
  };
  return { ...made, client, draw };
}

describe('Register monitor, class 21', () => {
  const monitor = '0.0.16.0.0.255';
  test('runs the script of a threshold when the value crosses it, up and down, once each', async () => {
    const { meter, client, draw } = await associated();
    await client.set(21, monitor, 2, array(u32(2000)));
    await client.set(21, monitor, 3, powerValue);
    await client.set(21, monitor, 4, array(structure(script(1), script(2))));
    await draw(500, 10);
    assert.equal(meter.isConnected, true);
    await draw(2500, 10);
    assert.equal(meter.isConnected, false, 'crossed upwards');
    await draw(2500, 10);
    assert.equal(meter.isConnected, true, 'behind the open switch no power is drawn: crossed downwards');
  });
});

describe('Limiter, class 71', () => {
  const limiter = '0.0.17.0.0.255';
  /** 10 of the wall clock in London's summer. */
  const start = octets(Uint8Array.of(0x07, 0xea, 10, 1, 0xff, 10, 0, 0, 0, 0x80, 0, 0));
  async function limited() {
    const made = await associated();
    // Control mode 6: the meter may close again what it opened.
    await made.client.set(70, '0.0.96.3.10.255', 4, number('enum', 6));
    for (const [attribute, value] of [
      [2, powerValue],
      [4, u32(1000)],
      [5, u32(300)],
      [6, u32(60)],
      [7, u32(120)],
      [11, structure(script(1), script(2))],
    ] as const)
      assert.equal(await made.client.set(71, limiter, attribute, value), 'success', `attribute ${attribute}`);
    return made;
  }
  test('opens the switch after mean power stood over the threshold for its duration, and closes it after the other', async () => {
    const { meter, draw } = await limited();
    await draw(1500, 30);
    await draw(500, 30);
    await draw(1500, 30);
    assert.equal(meter.isConnected, true, 'not 60 s on end');
    await draw(1500, 30);
    assert.equal(meter.isConnected, false);
    await draw(0, 120);
    assert.equal(meter.isConnected, true);
  });
  test('in an emergency of a group it belongs to another threshold holds, for its time', async () => {
    const { meter, client, draw } = await limited();
    await client.set(71, limiter, 8, structure(u16(7), start, u32(3600)));
    await draw(500, 120);
    assert.deepEqual(await client.get(71, limiter, 10), { type: 'boolean', value: false });
    await client.set(71, limiter, 9, array(u16(7)));
    assert.deepEqual(await client.get(71, limiter, 10), { type: 'boolean', value: true });
    assert.deepEqual(await client.get(71, limiter, 3), u32(300));
    await draw(500, 60);
    assert.equal(meter.isConnected, false);
    await draw(0, 3600);
    assert.deepEqual(await client.get(71, limiter, 10), { type: 'boolean', value: false });
    assert.deepEqual(await client.get(71, limiter, 3), u32(1000));
  });
  test('is the load limit of the device: what a client sets is its parameter, and the other way round', async () => {
    const { meter, client } = await limited();
    await client.set(71, limiter, 8, structure(u16(7), start, u32(3600)));
    await client.set(71, limiter, 9, array(u16(7), u16(9)));
    const emergency = {
      groupId: 7,
      fromMs: at('2026-10-01T09:00:00Z'),
      durationS: 3600,
      thresholdW: 300,
    };
    const settings = {
      isEnabled: true,
      thresholdW: 1000,
      minOverS: 60,
      reconnectAfterS: 120,
      mostReconnects: 3,
      emergency,
      emergencyGroups: [7, 9],
    };
    assert.deepEqual(meter.supply.limit.settings, settings);
    assert.equal(meter.configuration.audit.at(-1)?.parameter, 'load-limit');
    const by = { name: 'management', role: 'management' };
    const changed = { ...settings, thresholdW: 2500, mostReconnects: 0 };
    assert.equal(meter.configuration.set('load-limit', changed, by), undefined);
    assert.deepEqual(await client.get(71, limiter, 4), u32(2500));
    const none = structure(obis('0.0.0.0.0.0'), u16(0));
    assert.deepEqual(await client.get(71, limiter, 11), structure(script(1), none));
  });
  test('limits nothing while no normal threshold is set, and refuses what the switch cannot do', async () => {
    const { meter, client, draw } = await limited();
    assert.equal(await client.set(71, limiter, 4, u32(0)), 'success');
    await draw(5000, 300);
    assert.equal(meter.isConnected, true);
    const voltage = structure(u16(3), obis('1.0.32.7.0.255'), number('integer', 2));
    assert.equal(await client.set(71, limiter, 2, voltage), 'other-reason');
    assert.equal(await client.set(71, limiter, 11, structure(script(2), script(1))), 'other-reason');
    assert.equal(await client.set(71, limiter, 7, u32(0)), 'other-reason');
    assert.equal(await client.set(71, limiter, 4, number('double-long', -5)), 'other-reason');
    assert.deepEqual(await client.get(71, limiter, 11), structure(script(1), script(2)), 'nothing changed');
  });
});

describe('Parameter monitor, class 65', () => {
  const monitor = '0.0.16.2.0.255';
  const port = structure(u16(41), obis('0.0.25.0.0.255'), number('integer', 2));
  test('tells which parameter of its list was set last, and the digest of all', async () => {
    const { client } = await associated();
    assert.equal((await client.act(65, monitor, 1, port)).result, 'success');
    await client.set(41, '0.0.25.0.0.255', 5, u8(3));
    await client.set(41, '0.0.25.0.0.255', 2, u16(4061));
    const changed = await client.get(65, monitor, 2);
    assert.deepEqual(changed, structure(u16(41), obis('0.0.25.0.0.255'), number('integer', 2), u16(4061)));
    const digest = createHash('sha256')
      .update(encodeData(u16(4061)))
      .digest();
    assert.deepEqual(await client.get(65, monitor, 7), octets(new Uint8Array(digest)));
    assert.equal((await client.act(65, monitor, 2, port)).result, 'success');
    assert.equal((await client.act(65, monitor, 2, port)).result, 'object-undefined');
  });
});

describe('Sensor manager, class 67', () => {
  test('runs scripts when the processed value crosses its thresholds', async () => {
    const { meter, client, draw } = await associated();
    const sensor = '0.0.15.6.0.255';
    await client.set(67, sensor, 13, powerValue);
    await client.set(67, sensor, 14, array(u32(800)));
    await client.set(67, sensor, 15, array(structure(script(1), script(2))));
    await draw(500, 10);
    await draw(900, 10);
    assert.equal(meter.isConnected, false);
  });
});

describe('Arbitrator, class 68', () => {
  const arbitrator = '0.0.3.20.0.255';
  const wishes = (mask: number): Data => ({ type: 'bit-string', bits: 2, value: Uint8Array.of(mask) });
  async function ruled() {
    const made = await associated();
    await made.client.set(68, arbitrator, 2, array(script(1), script(2)));
    await made.client.set(68, arbitrator, 3, array(wishes(0xc0), wishes(0xc0), wishes(0x40)));
    await made.client.set(
      68,
      arbitrator,
      4,
      array(array(u16(1), u16(1)), array(u16(5), u16(5)), array(u16(9), u16(9))),
    );
    return made;
  }
  const ask = (actor: number, mask: number) => structure(u8(actor), wishes(mask));
  test('does the action with the most weight over all that ask; what is not permitted has none', async () => {
    const { meter, client } = await ruled();
    await client.act(68, arbitrator, 1, ask(1, 0x80));
    assert.equal(meter.isConnected, false, 'actor 1 alone wants it open');
    await client.act(68, arbitrator, 1, ask(2, 0x40));
    assert.equal(meter.isConnected, true, 'actor 2 weighs more');
    await client.act(68, arbitrator, 1, ask(3, 0x80));
    assert.equal(meter.isConnected, true, 'actor 3 may not ask for it open');
    assert.deepEqual(await client.get(68, arbitrator, 6), u8(2));
    assert.equal((await client.act(68, arbitrator, 1, ask(4, 0x80))).result, 'other-reason');
    assert.equal((await client.act(68, arbitrator, 2, integer0)).result, 'success');
    assert.deepEqual(await client.get(68, arbitrator, 6), u8(0));
  });
});

describe('Demand register, class 5, and Extended register, class 4', () => {
  const demand = '1.0.1.4.0.255';
  const maximum = '1.0.1.6.0.255';
  test('demand is the mean of a block; the maximum keeps its time until it is reset', async () => {
    const { client, draw } = await associated();
    await client.set(5, demand, 8, u32(900));
    await draw(1200, 900);
    await draw(400, 450);
    assert.deepEqual(await client.get(5, demand, 3), u32(1200));
    assert.deepEqual(await client.get(5, demand, 2), u32(200), 'half a block of 400 W so far');
    assert.deepEqual(await client.get(4, maximum, 2), u32(1200));
    const captured = await client.get(4, maximum, 5);
    assert.ok(typeof captured === 'object' && captured.type === 'octet-string' && captured.value[6] === 15);
    assert.equal((await client.act(4, maximum, 1, integer0)).result, 'success');
    assert.deepEqual(await client.get(4, maximum, 2), u32(0));
  });
  test('a window of two periods slides; a period that divides no day is refused', async () => {
    const { client, draw } = await associated();
    assert.equal(await client.set(5, demand, 8, u32(700)), 'other-reason');
    await client.set(5, demand, 8, u32(900));
    await client.set(5, demand, 9, u16(2));
    await draw(1000, 900);
    await draw(2000, 900);
    assert.deepEqual(await client.get(5, demand, 3), u32(1500));
    await draw(0, 900);
    assert.deepEqual(await client.get(5, demand, 3), u32(1000));
    assert.equal((await client.act(5, demand, 2, integer0)).result, 'success');
    assert.equal((await client.act(5, demand, 1, integer0)).result, 'success');
  });
});
