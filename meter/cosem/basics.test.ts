/** Data, registers, the switch, pushes and the list of devices, over octets. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Data, decodePush } from '@wattline/protocols/dlms';
import { connect, testMeter } from '../meter-fixture.ts';
import { dataOf } from './data-type.ts';

const { number, octets, structure, array, obis } = dataOf;
const integer0: Data = { type: 'integer', value: 0 };

describe('Data, class 1, and Register, class 3', () => {
  test('a setting holds what was set after a restart; an energy register is not reset from afar', async () => {
    const { volatileMemory } = await import('../memory/non-volatile.ts');
    const memory = volatileMemory();
    const first = testMeter({ profile: 'idis' }, { memory });
    const client = await connect(first.meter, 'management');
    const message = '0.0.96.13.0.255';
    const text = octets(new Uint8Array(Buffer.from('Read on Monday')));
    assert.equal(await client.set(1, message, 2, text), 'success');
    assert.equal(await client.set(1, message, 2, octets(new Uint8Array(1025))), 'other-reason');
    assert.equal((await client.act(3, '1.0.1.8.0.255', 1, integer0)).result, 'read-write-denied');
    const again = await connect(testMeter({ profile: 'idis' }, { memory }).meter, 'management');
    assert.deepEqual(await again.get(1, message, 2), text);
  });
});

describe('Disconnect control, class 70', () => {
  const control = '0.0.96.3.10.255';
  test('in mode 1 a remote reconnection makes ready, in mode 4 it connects, in mode 0 nothing switches', async () => {
    const { meter } = testMeter({ profile: 'idis' });
    const client = await connect(meter, 'management');
    for (const [mode, state] of [
      [1, 2],
      [4, 1],
    ] as const) {
      assert.equal(await client.set(70, control, 4, number('enum', mode)), 'success');
      assert.equal((await client.act(70, control, 1, integer0)).result, 'success');
      assert.equal((await client.act(70, control, 2, integer0)).result, 'success');
      assert.deepEqual(await client.get(70, control, 3), number('enum', state));
      await client.act(70, control, 1, integer0);
      await client.set(70, control, 4, number('enum', 4));
      await client.act(70, control, 2, integer0);
    }
    assert.equal(await client.set(70, control, 4, number('enum', 0)), 'success');
    assert.equal((await client.act(70, control, 1, integer0)).result, 'other-reason');
    assert.equal(await client.set(70, control, 4, number('enum', 7)), 'other-reason');
  });
});

describe('Push setup, class 40', () => {
  test('pushes what its list names, the value of now, sealed for the reader', async () => {
    const { meter, pushed, interval } = testMeter({ profile: 'idis' });
    const client = await connect(meter, 'management');
    const list = array(
      structure(
        number('long-unsigned', 3),
        obis('1.0.1.8.0.255'),
        number('integer', 2),
        number('long-unsigned', 0),
      ),
      structure(
        number('long-unsigned', 3),
        obis('9.9.9.9.9.9'),
        number('integer', 2),
        number('long-unsigned', 0),
      ),
    );
    assert.equal(await client.set(40, '0.0.25.9.0.255', 2, list), 'success');
    await interval(123);
    assert.equal((await client.act(40, '0.0.25.9.0.255', 1, integer0)).result, 'success');
    const keys = meter.clients.find(({ name }) => name === 'reader')?.keys;
    const push = decodePush(pushed.at(-1) ?? new Uint8Array(0), {
      keysOf: () => keys,
      replayOf: () => undefined,
    });
    assert.ok(push.ok, push.ok ? '' : push.error.message);
    assert.deepEqual(push.value.body, structure(number('double-long-unsigned', 123), { type: 'null-data' }));
  });
});

describe('SAP assignment, class 17', () => {
  test('names the one logical device, and connects no other', async () => {
    const client = await connect(testMeter().meter, 'management');
    const name = octets('WTL0000000000042');
    const own = structure(number('long-unsigned', 1), name);
    assert.deepEqual(await client.get(17, '0.0.41.0.0.255', 2), array(own));
    assert.equal((await client.act(17, '0.0.41.0.0.255', 1, own)).result, 'success');
    const other = structure(number('long-unsigned', 5), name);
    assert.equal((await client.act(17, '0.0.41.0.0.255', 1, other)).result, 'object-unavailable');
  });
});

describe('Alarms of IDIS', () => {
  const word = (value: number) => number('double-long-unsigned', value);
  const fraud = 0x2000;
  test('a cover that opens raises its bit and is pushed once; cleared, it is raised again; filtered, it is not', async () => {
    const { meter, pushed } = testMeter({ profile: 'idis' });
    const client = await connect(meter, 'management');
    meter.recordEvent('meterCoverOccurred');
    assert.deepEqual(await client.get(1, '0.0.97.98.0.255', 2), word(fraud));
    assert.deepEqual(await client.get(1, '0.0.97.98.20.255', 2), word(fraud));
    meter.recordEvent('meterCoverOccurred');
    assert.equal(pushed.length, 1);
    await client.set(1, '0.0.97.98.20.255', 2, word(0));
    meter.recordEvent('meterCoverOccurred');
    assert.equal(pushed.length, 2);
    await client.set(1, '0.0.97.98.0.255', 2, word(0));
    await client.set(1, '0.0.97.98.10.255', 2, word(0xffffffff - fraud));
    meter.recordEvent('meterCoverOccurred');
    assert.deepEqual(await client.get(1, '0.0.97.98.0.255', 2), word(0));
  });
});

describe('Parameters of IS 15959 as Data, class 1', () => {
  const capturePeriod = '1.0.0.8.4.255';
  const seconds = (value: number) => number('long-unsigned', value);
  test('another capture period holds for the block load profile and is an event; one that divides no day is refused', async () => {
    const { meter, interval } = testMeter({ profile: 'is15959' });
    const client = await connect(meter, 'US');
    assert.equal(await client.set(1, capturePeriod, 2, seconds(900)), 'success');
    assert.equal(await client.set(1, capturePeriod, 2, seconds(1000)), 'other-reason');
    for (let quarter = 0; quarter < 4; quarter++) await interval(25);
    const { columns } = await client.columns('1.0.99.1.0.255');
    const energy = columns[3];
    assert.ok(energy?.kind === 'integer');
    assert.deepEqual([...energy.value], [25, 25, 25, 25], 'a block each quarter of an hour');
    const log = await client.columns('0.0.99.98.3.255');
    assert.ok(log.columns[1]?.kind === 'integer' && log.columns[1].value[0] === 153);
  });
});
