/** Prepaid: what is brought less what is taken is the balance, tokens count once, nobody is darkened in friendly hours. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { volatileMemory } from '../memory/non-volatile.ts';
import { openPulseMemory } from '../memory/pulse-memory.ts';
import { volatileStorage } from '../memory/storage-device.ts';
import { at, testMeter, wattHour } from '../meter-fixture.ts';
import { isFriendly, noFriendlyHours } from './friendly-hours.ts';
import type { PaymentSettings } from './payment.ts';
import {
  availableOf,
  balanceOf,
  chargeDay,
  chargeEnergy,
  chooseEmergency,
  clearCredit,
  credit,
  emptyAccount,
} from './prepaid-account.ts';
import type { TokenVerifier } from './token-gateway.ts';

const management = { name: 'management', role: 'management' };
const startMs = at('2026-10-01T08:00:00Z');
const rules = {
  // 6.50 and 4.25 of the smallest unit for a watt-hour.
  charges: { perWattHour: [6_500_000, 4_250_000], perDay: 300, debtPerDay: 50 },
  emergencyCredit: 2000,
  lowCredit: 500,
};
const prepaid: PaymentSettings = { mode: 'prepaid', rules, friendly: noFriendlyHours };

/** Genuine tokens are texts: a number of its own, a kind and an amount. */
const vending: TokenVerifier = {
  verify(token) {
    const [, id, kind, amount] =
      /^(\d+):(credit|debt|old)(\d+)$/.exec(Buffer.from(token).toString('latin1')) ?? [];
    if (id === undefined) return { kind: 'wrong' };
    if (kind === 'old') return { kind: 'expired' };
    return { kind: 'genuine', id, order: { kind: kind as 'credit' | 'debt', amount: Number(amount) } };
  },
};
const token = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));

describe('the account', () => {
  test('credits less charges is the balance, whole, whatever happens in which order', () => {
    const happening = fc.oneof(
      fc.record({ kind: fc.constant('energy' as const), rate: fc.nat(1), wattHours: fc.nat(100_000) }),
      fc.record({ kind: fc.constant('credit' as const), amount: fc.nat(1_000_000) }),
      fc.record({ kind: fc.constant('day' as const) }),
      fc.record({ kind: fc.constant('emergency' as const) }),
      fc.record({ kind: fc.constant('clear' as const) }),
    );
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 80 }), fc.nat(5000), (life, debt) => {
        const registers = [0, 0];
        let state = { ...emptyAccount, debt };
        let brought = 0;
        for (const one of life) {
          if (one.kind === 'energy') {
            registers[one.rate] = (registers[one.rate] as number) + one.wattHours;
            state = chargeEnergy(state, registers, rules);
          } else if (one.kind === 'credit') {
            brought += one.amount;
            state = credit(state, one.amount);
          } else if (one.kind === 'day') state = chargeDay(state, rules);
          else if (one.kind === 'clear') {
            brought -= Math.max(0, balanceOf(state));
            state = clearCredit(state);
          } else state = chooseEmergency(state, rules) ?? state;
          assert.equal(
            balanceOf(state),
            brought - state.energyCharged - state.dailyCharged - state.debtCharged,
          );
          assert.ok(Number.isSafeInteger(balanceOf(state)));
        }
        // Energy is charged once and all of it, to the micro-unit.
        const due = BigInt(registers[0] as number) * 6_500_000n + BigInt(registers[1] as number) * 4_250_000n;
        assert.equal(BigInt(state.energyCharged) * 1_000_000n + BigInt(state.remainderMicro), due);
        assert.equal(state.debt + state.debtCharged, debt);
      }),
    );
  });
  test('emergency credit is there when the own is used up, once, until it is paid back', () => {
    const used = chargeEnergy(credit(emptyAccount, 650), [100, 0], rules);
    assert.equal(balanceOf(used), 0);
    const emergency = chooseEmergency(used, rules);
    assert.ok(emergency);
    assert.equal(availableOf(emergency, rules), 2000);
    assert.equal(chooseEmergency(emergency, rules), undefined);
    assert.equal(chooseEmergency(credit(emptyAccount, 1), rules), undefined);
    const deeper = chargeEnergy(emergency, [200, 0], rules);
    assert.equal(credit(deeper, 600).isEmergency, true);
    assert.equal(credit(deeper, 700).isEmergency, false);
  });
});

describe('friendly hours', () => {
  const hours = { fromMinute: 18 * 60, toMinute: 9 * 60, weekdays: [6, 7], dates: ['12-25', '2026-10-02'] };
  const cases: readonly (readonly [string, boolean])[] = [
    ['2026-10-01T11:00:00Z', false],
    ['2026-10-01T17:00:00Z', true],
    ['2026-10-01T07:59:59Z', true],
    ['2026-10-01T08:00:00Z', false],
    ['2026-10-03T12:00:00Z', true],
    ['2026-10-02T12:00:00Z', true],
    ['2030-12-25T12:00:00Z', true],
  ];
  for (const [instant, expected] of cases) {
    test(`${instant} is ${expected ? '' : 'not '}friendly, by the wall clock`, () =>
      assert.equal(isFriendly(hours, at(instant), 'Europe/London'), expected));
  }
  test('none are set: it is never friendly', () =>
    assert.equal(isFriendly(noFriendlyHours, startMs, 'Europe/London'), false));
});

describe('tokens', () => {
  const meterOf = () => testMeter({ startMs }, { tokens: vending }).meter;
  test('count once', () => {
    const meter = meterOf();
    assert.equal(meter.enterToken(token('1:credit500')), 'taken');
    assert.equal(meter.enterToken(token('1:credit500')), 'used');
    assert.equal(meter.payment.balance, 500);
  });
  test('that nobody vouches for are refused; after five the gateway rests', () => {
    const meter = meterOf();
    const outcomes = Array.from({ length: 6 }, () => meter.enterToken(token('rubbish')));
    assert.deepEqual(outcomes, [...new Array<string>(5).fill('refused'), 'locked-out']);
    assert.equal(meter.enterToken(token('2:credit500')), 'locked-out');
    assert.equal(meter.payment.balance, 0);
  });
  test('that are too old are refused', () => assert.equal(meterOf().enterToken(token('3:old1')), 'expired'));
  test('without vending none is taken', () => {
    const { meter } = testMeter({ startMs });
    assert.equal(meter.enterToken(token('1:credit500')), 'refused');
  });
});

describe('in the meter', () => {
  const hour = (meter: ReturnType<typeof testMeter>['meter'], wattHours: number) => {
    const from = meter.countedToMs;
    meter.accumulate({
      startMs: from,
      endMs: from + 3_600_000,
      deliveredMws: wattHours * wattHour,
      receivedMws: 0,
    });
  };
  const choose = (meter: ReturnType<typeof testMeter>['meter'], settings: PaymentSettings) =>
    assert.equal(meter.configuration.set('payment', settings as never, management), undefined);
  test('credit that runs out opens the switch within a minute; a token lets the button close it', () => {
    const { meter } = testMeter({ startMs }, { tokens: vending });
    choose(meter, prepaid);
    meter.enterToken(token('1:credit3250'));
    hour(meter, 1000);
    assert.equal(meter.isConnected, false);
    // 500 Wh for 3250, at a kilowatt by 08:30 and not more than a minute over.
    assert.ok(meter.metrology.delivered.wattHours >= 500 && meter.metrology.delivered.wattHours <= 517);
    assert.equal(meter.operateSwitch('manual-reconnect'), true);
    hour(meter, 100);
    assert.equal(meter.isConnected, true);
    meter.enterToken(token('2:credit9000'));
    hour(meter, 100);
    assert.equal(meter.isConnected, true);
  });
  test('in friendly hours it goes into debt, and the switch opens when they end', () => {
    const { meter } = testMeter({ startMs, controlMode: 6 }, { tokens: vending });
    choose(meter, { ...prepaid, friendly: { ...noFriendlyHours, fromMinute: 9 * 60, toMinute: 11 * 60 } });
    hour(meter, 1000);
    assert.equal(meter.isConnected, true);
    assert.ok(meter.payment.balance < 0);
    hour(meter, 1000);
    hour(meter, 1000);
    assert.equal(meter.isConnected, false);
    meter.enterToken(token('7:credit90000'));
    assert.equal(meter.isConnected, true);
  });
  test('a past that is lived again ends with the same balance, and its tokens are not taken twice', () => {
    const memory = volatileMemory();
    const life = (isFirst: boolean) => {
      const { meter } = testMeter({ startMs }, { memory, tokens: vending });
      if (isFirst) {
        choose(meter, prepaid);
        meter.enterToken(token('1:credit50000'));
      }
      for (let n = 0; n < 30; n++) hour(meter, 37);
      return [meter.payment.balance, meter.enterToken(token('1:credit50000'))];
    };
    assert.deepEqual(life(false), [0, 'taken']);
  });
  test('registers that outlive the process have an account that does: a cut loses no charge and no credit', () => {
    const storage = volatileStorage(64 * 1024);
    const memory = volatileMemory();
    const open = (fromMs: number) =>
      testMeter({ startMs: fromMs }, { memory, tokens: vending, pulses: openPulseMemory(storage, 4096) })
        .meter;
    const first = open(startMs);
    choose(first, prepaid);
    first.enterToken(token('1:credit50000'));
    hour(first, 1000);
    const { balance } = first.payment;
    // Power is gone without a word; the account was last kept when the token came.
    const second = open(startMs + 7_200_000);
    hour(second, 0);
    assert.equal(second.payment.balance, balance);
    assert.equal(second.enterToken(token('1:credit50000')), 'used');
  });
});
