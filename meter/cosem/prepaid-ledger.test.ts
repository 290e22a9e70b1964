/** A prepaid meter has one ledger: account, credits and charges over octets say what the account that opens the switch says. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Data } from '@wattline/protocols/dlms';
import fc from 'fast-check';
import { at, connect, type TestClient, testMeter } from '../meter-fixture.ts';
import { noFriendlyHours } from '../payment/friendly-hours.ts';
import { dataOf } from './data-type.ts';
import { numberIn, rowsIn } from './fields.ts';
import { chargeNames, creditNames } from './prepaid-ledger.ts';

const { number, octets, structure, array, obis } = dataOf;
const account = '0.0.19.0.0.255';
const integer0: Data = { type: 'integer', value: 0 };
const i32 = (value: number) => number('double-long', value);
const rules = {
  // 6.50 and 4.25 of the smallest unit for a watt-hour.
  charges: { perWattHour: [6_500_000, 4_250_000], perDay: 300, debtPerDay: 50 },
  emergencyCredit: 2000,
  lowCredit: 500,
};

async function prepaidMeter() {
  let tokenNumber = 0;
  const made = testMeter(
    // Half an hour before midnight of the wall clock.
    { profile: 'generic', startMs: at('2026-10-01T22:30:00Z') },
    {
      tokens: {
        verify: (token) => ({
          kind: 'genuine',
          id: `${tokenNumber++}`,
          order: { kind: 'credit', amount: Number(Buffer.from(token).toString('latin1')) },
        }),
      },
    },
  );
  const by = { name: 'management', role: 'management' };
  const settings = { mode: 'prepaid', rules, friendly: { ...noFriendlyHours } };
  assert.equal(made.meter.configuration.set('payment', settings, by), undefined);
  return { ...made, client: await connect(made.meter, 'management') };
}

const amountAt = async (client: TestClient, classId: number, name: string, attribute: number) =>
  numberIn((await client.get(classId, name, attribute)) as Data);

/** What the objects say, read over the wire. */
async function ledgerOf(client: TestClient) {
  // One request after the other: a client waits for each answer.
  const of = async (classId: number, names: readonly string[], attribute: number) => {
    const amounts: number[] = [];
    for (const name of names) amounts.push(await amountAt(client, classId, name, attribute));
    return amounts;
  };
  return {
    credits: await of(112, Object.values(creditNames), 2),
    paid: await of(113, Object.values(chargeNames), 2),
    remaining: await of(113, Object.values(chargeNames), 12),
    available: await amountAt(client, 111, account, 5),
    toClear: 0 - (await amountAt(client, 111, account, 6)),
    debt: await amountAt(client, 111, account, 8),
  };
}

const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0);

describe('a prepaid meter over octets', () => {
  test('credits less charges is the balance, whatever is brought, consumed, owed and chosen', async () => {
    const happening = fc.oneof(
      fc.record({ kind: fc.constant('energy' as const), amount: fc.nat(2000) }),
      fc.record({ kind: fc.constant('token' as const), amount: fc.nat(20_000) }),
      fc.record({ kind: fc.constant('update' as const), amount: fc.nat(5000) }),
      fc.record({ kind: fc.constant('debt' as const), amount: fc.nat(300) }),
      fc.record({ kind: fc.constant('emergency' as const), amount: fc.constant(0) }),
      fc.record({ kind: fc.constant('clear' as const), amount: fc.constant(0) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 4, maxLength: 12 }), async (life) => {
        const { meter, client, interval } = await prepaidMeter();
        let brought = 0;
        let owed = 0;
        for (const { kind, amount } of life) {
          if (kind === 'energy') await interval(amount);
          else if (kind === 'token') {
            await client.act(115, '0.0.19.40.0.255', 1, octets(String(amount)));
            brought += amount;
          } else if (kind === 'update') {
            const { result } = await client.act(112, creditNames.token, 1, i32(amount));
            assert.equal(result, 'success');
            brought += amount;
          } else if (kind === 'debt') {
            assert.equal((await client.act(113, chargeNames.debt, 4, i32(amount))).result, 'success');
            owed += amount;
          } else if (kind === 'emergency') await client.act(112, creditNames.emergency, 3, integer0);
          else {
            const held = await amountAt(client, 112, creditNames.token, 2);
            if (held > 0) {
              assert.equal((await client.act(112, creditNames.token, 2, i32(0))).result, 'success');
              brought -= held;
            }
          }
          const ledger = await ledgerOf(client);
          const balance = brought - sum(ledger.paid);
          const isEmergency = meter.payment.state.isEmergency;
          assert.equal(sum(ledger.credits), balance + (isEmergency ? rules.emergencyCredit : 0));
          assert.equal(ledger.available, Math.max(0, sum(ledger.credits)));
          assert.equal(ledger.toClear, Math.max(0, -balance));
          assert.equal(balance, meter.payment.balance);
          assert.equal(ledger.debt, sum(ledger.remaining));
          assert.equal(ledger.debt + (ledger.paid[2] ?? 0), owed, 'debt is owed or paid');
        }
      }),
      { numRuns: 25 },
    );
  });

  test('the switch opens when the credit in use is exhausted, and emergency credit can be chosen only then', async () => {
    const { meter, client, interval } = await prepaidMeter();
    const statusOf = (name: string) => amountAt(client, 112, name, 8);
    await client.act(112, creditNames.token, 1, i32(1000));
    assert.equal(await statusOf(creditNames.token), 3, 'in use');
    assert.equal(await amountAt(client, 111, account, 3), 1);
    assert.equal((await client.act(112, creditNames.emergency, 3, integer0)).result, 'other-reason');
    await interval(500);
    assert.equal(meter.isConnected, false);
    assert.equal(await statusOf(creditNames.token), 4, 'exhausted');
    assert.equal(await statusOf(creditNames.emergency), 1, 'selectable');
    assert.equal((await client.act(112, creditNames.emergency, 3, integer0)).result, 'success');
    assert.equal(await statusOf(creditNames.emergency), 3, 'in use');
    const left = await amountAt(client, 112, creditNames.emergency, 2);
    assert.equal(left, meter.payment.available);
  });

  test('a token pays back the emergency credit that was used before it is a credit of its own', async () => {
    const { client, interval } = await prepaidMeter();
    await client.act(112, creditNames.emergency, 3, integer0);
    await interval(100);
    const used = sum((await ledgerOf(client)).paid);
    assert.ok(used > 0);
    assert.equal(await amountAt(client, 112, creditNames.emergency, 2), rules.emergencyCredit - used);
    assert.equal(await amountAt(client, 111, account, 3), 2, 'the second of the list is in use');
    await client.act(115, '0.0.19.40.0.255', 1, octets(String(used + 70)));
    assert.deepEqual((await ledgerOf(client)).credits, [70, 0]);
  });

  test('prices and thresholds are those of the account, and change with it', async () => {
    const { meter, client } = await prepaidMeter();
    const active = (await client.get(113, chargeNames.energy, 5)) as { readonly value: readonly Data[] };
    assert.deepEqual(active.value[0], structure(number('integer', 0), number('integer', -3)));
    assert.deepEqual(
      rowsIn(active.value[2]).map(([, price]) => numberIn(price)),
      [6500, 4250],
    );
    const passive = structure(
      structure(number('integer', 0), number('integer', 1)),
      structure(number('long-unsigned', 0), obis('0.0.0.0.0.0'), number('integer', 0)),
      array(structure(octets('1'), number('long', 45))),
    );
    await client.set(113, chargeNames.standing, 6, passive);
    assert.equal((await client.act(113, chargeNames.standing, 2, integer0)).result, 'success');
    assert.equal(meter.payment.settings.rules.charges.perDay, 450);
    assert.equal(await client.set(112, creditNames.token, 5, i32(800)), 'success');
    assert.equal(await client.set(112, creditNames.emergency, 9, i32(1500)), 'success');
    assert.deepEqual(meter.payment.settings.rules, {
      charges: { ...rules.charges, perDay: 450 },
      emergencyCredit: 1500,
      lowCredit: 800,
    });
    assert.equal(meter.configuration.audit.at(-1)?.parameter, 'payment');
  });

  test('refuses what the account cannot do: credit taken back in part, a debt forgiven, energy collected twice', async () => {
    const { client } = await prepaidMeter();
    await client.act(112, creditNames.token, 1, i32(1000));
    await client.act(113, chargeNames.debt, 5, i32(100));
    const before = await ledgerOf(client);
    const refused = [
      await client.act(112, creditNames.token, 1, i32(-1)),
      await client.act(112, creditNames.token, 2, i32(400)),
      await client.act(112, creditNames.emergency, 1, i32(5)),
      await client.act(113, chargeNames.debt, 5, i32(99)),
      await client.act(113, chargeNames.energy, 5, i32(10)),
      await client.act(113, chargeNames.standing, 3, integer0),
    ];
    assert.deepEqual(new Set(refused.map(({ result }) => result)), new Set(['other-reason']));
    assert.deepEqual(await ledgerOf(client), before);
  });
});
