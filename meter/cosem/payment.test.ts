/** Account, credit, charge and tokens by what they do to the amounts, over octets. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Data, decodeDateTime } from '@wattline/protocols/dlms';
import { at, connect, testMeter } from '../meter-fixture.ts';
import type { TokenVerifier } from '../payment/token-gateway.ts';
import { dataOf } from './data-type.ts';
import { octetsIn } from './fields.ts';

const { number, octets, structure, array, obis } = dataOf;
const account = '0.0.19.0.0.255';
const credit = '0.0.19.10.0.255';
const charge = '0.0.19.20.0.255';
const i32 = (value: number) => number('double-long', value);
const u32 = (value: number) => number('double-long-unsigned', value);
const integer0: Data = { type: 'integer', value: 0 };

async function associated() {
  const made = testMeter({ profile: 'generic', startMs: at('2026-10-01T09:00:00Z') });
  return { ...made, client: await connect(made.meter, 'management') };
}

describe('Account, class 111', () => {
  test('is activated once, closed once, and begins anew only when closed', async () => {
    const { client } = await associated();
    const status = async () => ((await client.get(111, account, 2)) as { value: readonly Data[] }).value[1];
    assert.equal((await client.act(111, account, 2, integer0)).result, 'other-reason');
    assert.equal((await client.act(111, account, 1, integer0)).result, 'success');
    assert.deepEqual(await status(), number('enum', 2));
    assert.equal((await client.act(111, account, 1, integer0)).result, 'other-reason');
    assert.equal((await client.act(111, account, 3, integer0)).result, 'other-reason');
    assert.equal((await client.act(111, account, 2, integer0)).result, 'success');
    assert.equal((await client.act(111, account, 3, integer0)).result, 'success');
    assert.deepEqual(await status(), number('enum', 1));
  });
});

describe('Credit, class 112', () => {
  test('amounts are added and set, and the account shows what is available and what is to clear', async () => {
    const { client } = await associated();
    assert.equal((await client.act(112, credit, 1, i32(500))).result, 'success');
    assert.deepEqual(await client.get(111, account, 5), i32(500));
    assert.equal((await client.act(112, credit, 2, i32(-70))).result, 'success');
    assert.deepEqual(await client.get(111, account, 5), i32(0));
    assert.deepEqual(await client.get(111, account, 6), i32(-70));
  });
  test('invoking a credit adds its preset amount and puts it in use', async () => {
    const { client } = await associated();
    await client.set(112, credit, 9, i32(300));
    await client.act(112, credit, 3, integer0);
    assert.deepEqual(await client.get(112, credit, 2), i32(300));
    assert.deepEqual(await client.get(112, credit, 8), number('enum', 3));
    assert.deepEqual(await client.get(111, account, 3), number('unsigned', 1));
  });
});

describe('Charge, class 113', () => {
  const price = (scale: number, perUnit: number, commodity: string) =>
    structure(
      structure(number('integer', scale), number('integer', 0)),
      structure(number('long-unsigned', 3), obis(commodity), number('integer', 2)),
      array(structure(octets('1'), number('long', perUnit))),
    );
  test('by time a price is taken each period; what no credit covers is owed', async () => {
    const { client, interval } = await associated();
    await client.act(112, credit, 2, i32(100));
    await client.set(113, charge, 3, number('enum', 1));
    await client.set(113, charge, 6, price(0, 30, '1.0.1.8.0.255'));
    await client.act(113, charge, 2, integer0);
    await client.set(113, charge, 8, u32(900));
    for (let quarter = 0; quarter < 4; quarter++) await interval(1);
    assert.deepEqual(await client.get(113, charge, 2), i32(120));
    assert.deepEqual(await client.get(112, credit, 2), i32(-20));
    assert.deepEqual(await client.get(112, credit, 8), number('enum', 4));
  });
  test('by consumption the price is per unit of the commodity since the last collection', async () => {
    const { client, interval } = await associated();
    await client.act(112, credit, 2, i32(10_000));
    await client.set(113, charge, 6, price(-3, 800, '1.0.1.8.0.255'));
    await client.act(113, charge, 2, integer0);
    await client.act(113, charge, 3, integer0);
    await interval(2500);
    await client.act(113, charge, 3, integer0);
    assert.deepEqual(await client.get(113, charge, 11), i32(2000), '2.5 kWh at 800');
    assert.deepEqual(await client.get(112, credit, 2), i32(8000));
  });
  test('a debt is collected no further than it is owed', async () => {
    const { client } = await associated();
    await client.act(112, credit, 2, i32(1000));
    await client.set(113, charge, 3, number('enum', 1));
    await client.set(113, charge, 6, price(0, 80, '1.0.1.8.0.255'));
    await client.act(113, charge, 2, integer0);
    await client.act(113, charge, 5, i32(100));
    assert.deepEqual(await client.get(111, account, 8), i32(100));
    for (const left of [20, 0]) {
      await client.act(113, charge, 3, integer0);
      assert.deepEqual(await client.get(113, charge, 12), i32(left));
    }
    assert.deepEqual(await client.get(112, credit, 2), i32(900));
    await client.act(113, charge, 1, array(structure(octets('2'), number('long', 5))));
    const passive = (await client.get(113, charge, 6)) as { readonly value: readonly Data[] };
    assert.equal((passive.value[2] as { readonly value: readonly Data[] }).value.length, 2);
  });
});

describe('Token gateway, class 115', () => {
  const gateway = '0.0.19.40.0.255';
  const statusIn = (value: Data | undefined) => (value as { readonly value: readonly Data[] }).value[0];
  test('a meter without a verifier keeps the token and says that nobody vouches for it', async () => {
    const { client } = await associated();
    const token = octets('12345678901234567890');
    const { result, value } = await client.act(115, gateway, 1, token);
    assert.equal(result, 'success');
    assert.deepEqual(statusIn(value), number('enum', 5));
    assert.deepEqual(await client.get(115, gateway, 2), token);
  });
  test('a genuine token brings its credit once; the second time it is not valid', async () => {
    const tokens: TokenVerifier = {
      verify: () => ({ kind: 'genuine', id: '1', order: { kind: 'credit', amount: 500 } }),
    };
    const { meter } = testMeter({ profile: 'generic' }, { tokens });
    const client = await connect(meter, 'management');
    const enter = async () => statusIn((await client.act(115, gateway, 1, octets('1234'))).value);
    assert.deepEqual(await enter(), number('enum', 3));
    assert.deepEqual(await enter(), number('enum', 6));
    assert.equal(meter.payment.balance, 500);
  });
});

describe('IEC 62055-41 attributes, class 116', () => {
  test('numbers of the token standard stay within their digits', async () => {
    const { client } = await associated();
    const sts = '0.0.19.50.0.255';
    assert.equal(await client.set(116, sts, 6, u32(999_999)), 'success');
    assert.equal(await client.set(116, sts, 6, u32(1_000_000)), 'other-reason');
    assert.equal(await client.set(116, sts, 8, number('unsigned', 9)), 'success');
    assert.equal(await client.set(116, sts, 8, number('unsigned', 10)), 'other-reason');
    assert.deepEqual(await client.get(116, sts, 6), u32(999_999));
  });
});

test('the Indian data objects show and choose the same account: mode, last recharge, balance', async () => {
  const tokens = {
    verify: (token: Uint8Array) =>
      ({
        kind: 'genuine',
        id: Buffer.from(token).toString(),
        order: { kind: 'credit', amount: 5000 },
      }) as const,
  };
  const startMs = at('2026-10-01T12:00:00Z');
  const { meter } = testMeter({ profile: 'is15959', startMs }, { tokens });
  const management = meter.clients.find(({ role }) => role === 'management');
  const client = await connect(meter, management?.name ?? '');
  const payment = (e: number) => client.get(1, `0.0.94.96.${e}.255`, 2);
  assert.deepEqual(await payment(20), { type: 'unsigned', value: 0 });
  assert.equal(await client.set(1, '0.0.94.96.20.255', 2, { type: 'unsigned', value: 1 }), 'success');
  assert.equal(meter.payment.settings.mode, 'prepaid');
  assert.equal(meter.configuration.audit.at(-1)?.by, management?.name);
  meter.enterToken(new Uint8Array(Buffer.from('one')));
  meter.enterToken(new Uint8Array(Buffer.from('two')));
  assert.deepEqual(await payment(21), { type: 'double-long', value: 5000 });
  assert.deepEqual(await payment(23), { type: 'double-long', value: 10_000 });
  assert.deepEqual(await payment(24), { type: 'double-long', value: 10_000 });
  const rechargedAt = decodeDateTime(octetsIn((await payment(22)) as Data));
  assert.ok(rechargedAt.ok && rechargedAt.value.instantMs === startMs);
});
