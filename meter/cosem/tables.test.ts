/** Tables, compact data, images and arrays, over octets. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Data } from '@wattline/protocols/dlms';
import { firmwareKeysFromSeed } from '../firmware/demonstration-keys.ts';
import { signFirmware } from '../firmware/firmware-image.ts';
import { at, connect, testMeter } from '../meter-fixture.ts';
import { dataOf } from './data-type.ts';

const { number, octets, structure, array, obis } = dataOf;
const u8 = (value: number) => number('unsigned', value);
const u16 = (value: number) => number('long-unsigned', value);
const u32 = (value: number) => number('double-long-unsigned', value);
const integer = (value: number) => number('integer', value);

const associated = async () => connect(testMeter({ profile: 'generic' }).meter, 'management');

describe('Register table, class 61', () => {
  test('captures the registers of all rates at once, and keeps them until the next', async () => {
    const { meter, interval } = testMeter({ profile: 'generic' });
    const client = await connect(meter, 'management');
    await client.set(
      61,
      '0.0.61.0.0.255',
      3,
      structure(u16(3), obis('1.0.1.8.0.255'), array(u8(0), u8(1), u8(9)), integer(2)),
    );
    await interval(5);
    assert.equal((await client.act(61, '0.0.61.0.0.255', 2, integer(0))).result, 'success');
    await interval(5);
    const values = await client.get(61, '0.0.61.0.0.255', 2);
    assert.deepEqual(values, array(u32(5), u32(0), { type: 'null-data' }));
    await client.act(61, '0.0.61.0.0.255', 1, integer(0));
    assert.deepEqual(await client.get(61, '0.0.61.0.0.255', 2), array());
  });
});

describe('Compact data, class 62', () => {
  const compact = '0.0.66.0.0.255';
  const objects = array(
    structure(u16(3), obis('1.0.1.8.0.255'), integer(2), u16(0)),
    structure(u16(3), obis('1.0.1.8.0.255'), integer(3), u16(0)),
    structure(u16(1), obis('0.0.96.1.0.255'), integer(2), u16(0)),
  );
  test('the buffer has values without tags, the template has the tags', async () => {
    const client = await associated();
    await client.set(62, compact, 3, objects);
    await client.set(62, compact, 4, u8(9));
    assert.equal((await client.act(62, compact, 2, integer(0))).result, 'success');
    const serial = Buffer.from('WTL00000042');
    const buffer = Uint8Array.of(9, 0, 0, 0, 0, 0, 30, serial.length, ...serial);
    assert.deepEqual(await client.get(62, compact, 2), octets(buffer));
    // structure of double-long-unsigned, structure of integer and enum, octet-string.
    const template = Uint8Array.of(9, 0x02, 3, 0x06, 0x02, 2, 0x0f, 0x16, 0x09);
    assert.deepEqual(await client.get(62, compact, 5), octets(template));
  });
  test('other capture objects empty the buffer; captured when read, it is never empty', async () => {
    const client = await associated();
    await client.set(62, compact, 3, objects);
    await client.act(62, compact, 2, integer(0));
    await client.set(62, compact, 3, array());
    assert.deepEqual(await client.get(62, compact, 2), octets(new Uint8Array(0)));
    await client.set(62, compact, 6, number('enum', 1));
    assert.deepEqual(await client.get(62, compact, 2), octets(Uint8Array.of(0)));
  });
});

describe('Status mapping, class 63', () => {
  test('its word is the status of the running interval', async () => {
    const { meter } = testMeter({ profile: 'generic' });
    const client = await connect(meter, 'management');
    assert.deepEqual(await client.get(63, '0.0.96.5.0.255', 2), u8(0));
    meter.powerDown({ isSilent: true });
    assert.deepEqual(await client.get(63, '0.0.96.5.0.255', 2), u8(0x80));
  });
});

describe('Utility tables, class 26', () => {
  test('a table is read whole and by offset; its length follows', async () => {
    const client = await associated();
    const table = '0.0.65.0.0.255';
    await client.set(26, table, 4, octets(Uint8Array.of(1, 2, 3, 4, 5)));
    assert.deepEqual(await client.get(26, table, 3), u32(5));
    const part = (offset: number, count: number) => ({
      selector: 1,
      parameters: structure(u32(offset), u16(count)),
    });
    assert.deepEqual(await client.get(26, table, 4, part(1, 3)), octets(Uint8Array.of(2, 3, 4)));
    assert.equal(await client.get(26, table, 4, part(6, 1)), 'scope-of-access-violated');
    assert.equal(
      await client.get(26, table, 4, { selector: 2, parameters: u8(1) }),
      'scope-of-access-violated',
    );
  });
});

describe('Register activation, class 6', () => {
  const object = '0.0.14.0.0.255';
  const mask = (name: string, ...indices: number[]) => structure(octets(name), array(...indices.map(u8)));
  test('only a mask of the list can be active, and the active one cannot be deleted', async () => {
    const client = await associated();
    await client.act(6, object, 1, structure(u16(3), obis('1.0.1.8.1.255')));
    assert.equal((await client.act(6, object, 2, mask('DAY', 1))).result, 'success');
    assert.equal(await client.set(6, object, 4, octets('NIGHT')), 'other-reason');
    assert.equal(await client.set(6, object, 4, octets('DAY')), 'success');
    assert.equal((await client.act(6, object, 3, octets('DAY'))).result, 'other-reason');
    await client.set(6, object, 4, octets(''));
    assert.equal((await client.act(6, object, 3, octets('DAY'))).result, 'success');
  });
});

describe('the registers behind the masks of class 6', () => {
  const object = '0.0.14.0.0.255';
  const register = (name: string) => structure(u16(3), obis(name));
  const mask = (name: string, ...indices: number[]) => structure(octets(name), array(...indices.map(u8)));
  const rates = ['1.0.1.8.1.255', '1.0.1.8.2.255', '1.0.2.8.1.255', '1.0.2.8.2.255'];
  async function masked() {
    const { meter, interval } = testMeter({ profile: 'generic', startMs: at('2026-10-01T12:00:00Z') });
    const client = await connect(meter, 'management');
    await client.set(6, object, 2, array(...rates.map(register), register('1.0.1.8.0.255')));
    await client.set(
      6,
      object,
      3,
      array(mask('NIGHT', 2, 4, 5), mask('SPLIT', 1, 4, 5), mask('ALL', 1, 2, 3, 4, 5)),
    );
    const read = () => [0, 1, 2].map((rate) => meter.metrology.energies.read('delivered', rate));
    return { meter, interval, client, read };
  }
  test('a mask leaves one rate to count, by day as by night, until no mask is active; the rates sum to the total', async () => {
    const { meter, interval, client, read } = await masked();
    await interval(100);
    assert.deepEqual(read(), [100, 100, 0]);
    assert.equal(await client.set(6, object, 4, octets('NIGHT')), 'success');
    await interval(100);
    assert.deepEqual(read(), [200, 100, 100]);
    assert.equal(meter.configuration.audit.at(-1)?.parameter, 'register-mask');
    assert.equal(await client.set(6, object, 4, octets('')), 'success');
    await interval(100);
    assert.deepEqual(read(), [300, 200, 100]);
  });
  test('a tariff that takes over meanwhile waits until the mask is gone', async () => {
    const { meter, interval, client, read } = await masked();
    await client.set(6, object, 4, octets('NIGHT'));
    meter.tariff.wait(
      {
        tables: {
          ...{ name: 'T', seasons: [{ name: 's', start: {}, week: 'w' }], specialDays: [] },
          weeks: [{ name: 'w', days: [1, 1, 1, 1, 1, 1, 1] }],
          days: [{ id: 1, switches: [{ minuteOfDay: 0, rate: 1 }] }],
        },
        atMs: 0,
      },
      meter.countedToMs,
    );
    await interval(100);
    assert.deepEqual(read(), [100, 0, 100]);
    await client.set(6, object, 4, octets(''));
    await interval(100);
    assert.deepEqual(read(), [200, 100, 100]);
  });
  test('what would not sum to the total is refused: no rate, two energies with different rates, a total that stands', async () => {
    const { client, meter } = await masked();
    assert.equal(await client.set(6, object, 4, octets('SPLIT')), 'other-reason');
    assert.equal((await client.act(6, object, 2, mask('NONE', 5))).result, 'success');
    assert.equal(await client.set(6, object, 4, octets('NONE')), 'other-reason');
    assert.equal((await client.act(6, object, 2, mask('TOTAL', 1, 3))).result, 'success');
    assert.equal(await client.set(6, object, 4, octets('TOTAL')), 'other-reason');
    assert.equal(await client.set(6, object, 4, octets('ALL')), 'success');
    assert.equal(meter.tariff.mask, undefined);
  });
  test('what an active mask rests on is not changed', async () => {
    const { client } = await masked();
    await client.set(6, object, 4, octets('NIGHT'));
    assert.equal(await client.set(6, object, 2, array()), 'other-reason');
    assert.equal(await client.set(6, object, 3, array()), 'other-reason');
    assert.equal((await client.act(6, object, 1, register('1.0.9.8.1.255'))).result, 'other-reason');
    assert.equal((await client.act(6, object, 2, mask('NIGHT', 1))).result, 'other-reason');
  });
});

describe('Array manager, class 123', () => {
  const manager = '0.0.18.0.0.255';
  const days = '0.0.11.0.0.255';
  const day = (index: number) => structure(u16(index), octets(Uint8Array.of(7, 0xea, 1, index, 0xff)), u8(1));
  async function managing() {
    const client = await associated();
    await client.set(123, manager, 2, array(structure(u8(1), structure(u16(11), obis(days), integer(2)))));
    await client.set(11, days, 2, array(day(1), day(2), day(3)));
    return client;
  }
  test('counts, reads, inserts, changes and removes entries of an array elsewhere', async () => {
    const client = await managing();
    assert.deepEqual((await client.act(123, manager, 1, u8(1))).value, u16(3));
    assert.deepEqual(
      (await client.act(123, manager, 2, structure(u8(1), u16(2), u16(3)))).value,
      array(day(2), day(3)),
    );
    assert.equal((await client.act(123, manager, 3, structure(u8(1), u16(1), day(9)))).result, 'success');
    assert.equal((await client.act(123, manager, 4, structure(u8(1), u16(1), day(8)))).result, 'success');
    assert.equal((await client.act(123, manager, 5, structure(u8(1), u16(4), u16(4)))).result, 'success');
    assert.deepEqual(await client.get(11, days, 2), array(day(8), day(9), day(2)));
    assert.equal((await client.act(123, manager, 1, u8(2))).result, 'object-undefined');
    assert.equal(
      (await client.act(123, manager, 3, structure(u8(1), u16(1), u8(1)))).result,
      'type-unmatched',
    );
  });
});

describe('Image transfer, class 18', () => {
  const image = '0.0.44.0.0.255';
  const block = (n: number, length: number) => structure(u32(n), octets(new Uint8Array(length).fill(n)));
  const { privateKey, publicKey } = firmwareKeysFromSeed('1', 'application');
  const signed = signFirmware(
    {
      part: 'application',
      model: 'WTL',
      version: '2.0',
      rollbackNumber: 2,
      payload: new Uint8Array(400).fill(7),
    },
    privateKey,
  );
  const transferring = async () => {
    const firmware = { blockSize: 256, keys: { application: [publicKey], legal: [] } };
    const { meter } = testMeter({ profile: 'generic', firmware });
    return { meter, client: await connect(meter, 'management') };
  };
  const blockOf = (n: number) => structure(u32(n), octets(signed.slice(n * 256, (n + 1) * 256)));
  const begin = structure(octets('WTL-2.0'), u32(signed.length));
  test('an image with all its blocks is verified and activated; one with a hole is not', async () => {
    const { meter, client } = await transferring();
    const last = Math.ceil(signed.length / 256) - 1;
    assert.equal((await client.act(18, image, 1, begin)).result, 'success');
    for (let n = 0; n <= last; n++)
      if (n !== 1) assert.equal((await client.act(18, image, 2, blockOf(n))).result, 'success');
    const short = structure(u32(1), octets(new Uint8Array(255)));
    assert.equal(
      (await client.act(18, image, 2, short)).result,
      'other-reason',
      'a block in the middle is whole',
    );
    const { value, bits } = (await client.get(18, image, 3)) as { value: Uint8Array; bits: number };
    assert.deepEqual([bits, (value[0] ?? 0) >> 6], [last + 1, 0b10]);
    assert.deepEqual(await client.get(18, image, 4), u32(1));
    assert.equal((await client.act(18, image, 3, integer(0))).result, 'other-reason');
    assert.deepEqual(await client.get(18, image, 6), number('enum', 4));
    assert.equal((await client.act(18, image, 2, blockOf(1))).result, 'success');
    assert.equal((await client.act(18, image, 3, integer(0))).result, 'success');
    const [info] = ((await client.get(18, image, 7)) as { readonly value: readonly Data[] }).value;
    assert.deepEqual(info, structure(u32(signed.length), octets('WTL-2.0'), octets(signed.slice(-64))));
    assert.equal((await client.act(18, image, 4, integer(0))).result, 'success');
    assert.deepEqual(await client.get(18, image, 6), number('enum', 6));
    assert.equal(meter.firmware.running('application').version, '2.0');
  });
  test('an image that nobody signed is whole and is refused: what ran runs on, and the log says so', async () => {
    const { meter, client } = await transferring();
    assert.equal((await client.act(18, image, 1, structure(octets('X'), u32(600)))).result, 'success');
    for (const [n, length] of [
      [0, 256],
      [1, 256],
      [2, 88],
    ] as const)
      assert.equal((await client.act(18, image, 2, block(n, length))).result, 'success');
    assert.equal((await client.act(18, image, 4, integer(0))).result, 'other-reason');
    assert.deepEqual(await client.get(18, image, 6), number('enum', 4));
    assert.equal(meter.firmware.running('application').version, '1.0.0');
    assert.deepEqual(
      meter.events.entries().map(({ code }) => code),
      [51],
    );
  });
  test('a transfer that is disabled takes nothing', async () => {
    const client = await associated();
    await client.set(18, image, 5, { type: 'boolean', value: false });
    assert.equal(
      (await client.act(18, image, 1, structure(octets('X'), u32(1)))).result,
      'read-write-denied',
    );
  });
});

test('Profile generic, class 7, of billing periods has a row for each month that ended', async () => {
  const { meter, interval } = testMeter({ profile: 'idis', startMs: at('2026-10-31T20:00:00Z') });
  const reader = await connect(meter, 'reader');
  assert.deepEqual(await reader.get(7, '0.0.98.1.0.255', 7), u32(0));
  for (let quarter = 0; quarter < 24; quarter++) await interval(10);
  assert.deepEqual(await reader.get(7, '0.0.98.1.0.255', 7), u32(1));
  const { columns } = await reader.columns('0.0.98.1.0.255');
  assert.ok(columns[1]?.kind === 'integer');
  assert.deepEqual([...columns[1].value], [160], 'four hours of October at 40 Wh each');
});
