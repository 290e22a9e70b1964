/**
 * The prepaid account as credits and charges see it (Blue Book 4.6): while the meter is prepaid there is one ledger, that of `payment/`, and
 * its objects show it. What the credits hold is what is available, what the charges took is what the account was charged.
 */
import type { Data } from '@wattline/protocols/dlms';
import type { MeterParts } from '../meter-parts.ts';
import type { PaymentSettings } from '../payment/payment.ts';
import type { ChargeTable } from '../payment/prepaid-account.ts';
import { dataOf } from './data-type.ts';
import { elementsIn, numberIn, rowsIn } from './fields.ts';

/** What a credit of the account is: that of tokens, or the one that a customer chooses when it is used up. */
export type CreditRole = 'token' | 'emergency';
/** What a charge of the account is for. */
export type ChargeRole = 'energy' | 'standing' | 'debt';

/** Logical names of the credits and charges of the account. */
export const creditNames: Readonly<Record<CreditRole, string>> = {
  token: '0.0.19.10.0.255',
  emergency: '0.0.19.10.1.255',
};
export const chargeNames: Readonly<Record<ChargeRole, string>> = {
  energy: '0.0.19.20.0.255',
  standing: '0.0.19.20.1.255',
  debt: '0.0.19.20.2.255',
};

/** Whether the account takes what it is asked. */
export type Taken = 'success' | 'other-reason';

/** Codes of credit_status. */
export const creditStatus = { enabled: 0, selectable: 1, selected: 2, inUse: 3, exhausted: 4 } as const;

/** A credit of a prepaid meter, in whole smallest units of the currency. */
export interface PrepaidCredit {
  readonly amount: number;
  readonly status: number;
  /** Below it the customer is warned; only of the credit of tokens. */
  readonly warning: number;
  /** What choosing it brings; only of emergency credit. */
  readonly preset: number;
  /** Brings an amount; emergency credit that was used is paid back first. Refused below 0. */
  add(amount: number): Taken;
  /** Brings the amount to a value; refused when that would take back what was brought, other than all of it. */
  setAmount(value: number): Taken;
  setWarning(value: number): Taken;
  setPreset(value: number): Taken;
  /** The customer chooses it. */
  invoke(): Taken;
}

/** A charge of a prepaid meter. */
export interface PrepaidCharge {
  readonly paid: number;
  /** Debt that is left; 0 of other charges. */
  readonly remaining: number;
  /** Seconds between collections; 0 of energy, which is charged as it is counted. */
  readonly periodS: number;
  /** unit_charge_active. */
  readonly unitCharge: Data;
  /** Other prices, as unit_charge_passive has them. */
  activate(unitCharge: Data): Taken;
  /** Brings what remains to a value; refused but for a debt that grows. */
  setRemaining(value: number): Taken;
}

const taken = (isTaken: boolean): Taken => (isTaken ? 'success' : 'other-reason');

function changeRules(parts: MeterParts, rules: Partial<PaymentSettings['rules']>): Taken {
  const { settings } = parts.payment;
  const value = { ...settings, rules: { ...settings.rules, ...rules } };
  const asked = JSON.parse(JSON.stringify(value)) as Parameters<MeterParts['configuration']['set']>[1];
  const { configuration } = parts;
  return taken(configuration.set('payment', asked, configuration.by) === undefined);
}

/** An amount as far as a double-long can say it. */
export const within32 = (amount: number) => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, amount));

/** A credit of the account; undefined while the meter is postpaid. */
export function prepaidCredit(parts: MeterParts, role: CreditRole): PrepaidCredit | undefined {
  const { payment } = parts;
  const { mode, rules } = payment.settings;
  if (mode !== 'prepaid') return undefined;
  const { balance } = payment;
  const { isEmergency } = payment.state;
  if (role === 'token') {
    const amount = isEmergency ? Math.max(0, balance) : balance;
    return {
      amount,
      status: amount > 0 ? creditStatus.inUse : creditStatus.exhausted,
      warning: rules.lowCredit,
      preset: 0,
      add(brought) {
        if (brought < 0) return 'other-reason';
        parts.orderPayment({ kind: 'credit', amount: brought });
        return 'success';
      },
      setAmount(value) {
        if (value === amount) return 'success';
        if (value > amount) parts.orderPayment({ kind: 'credit', amount: value - balance });
        else if (value === 0) parts.orderPayment({ kind: 'clear-credit' });
        else return 'other-reason';
        return 'success';
      },
      setWarning: (lowCredit) => changeRules(parts, { lowCredit }),
      setPreset: (value) => taken(value === 0),
      invoke: () => 'other-reason',
    };
  }
  const amount = isEmergency ? rules.emergencyCredit + Math.min(0, balance) : 0;
  return {
    amount,
    status: emergencyStatus(amount, { isEmergency, isOffered: balance <= 0 && rules.emergencyCredit > 0 }),
    warning: 0,
    preset: rules.emergencyCredit,
    add: (brought) => taken(brought === 0),
    setAmount: (value) => taken(value === amount),
    setWarning: (value) => taken(value === 0),
    setPreset: (emergencyCredit) => changeRules(parts, { emergencyCredit }),
    invoke: () => taken(parts.chooseEmergencyCredit()),
  };
}

function emergencyStatus(
  amount: number,
  { isEmergency, isOffered }: { readonly isEmergency: boolean; readonly isOffered: boolean },
): number {
  if (isEmergency) return amount > 0 ? creditStatus.inUse : creditStatus.exhausted;
  return isOffered ? creditStatus.selectable : creditStatus.enabled;
}

const dayS = 86_400;

/** A charge of the account; undefined while the meter is postpaid. */
export function prepaidCharge(parts: MeterParts, role: ChargeRole): PrepaidCharge | undefined {
  const { payment } = parts;
  const { mode, rules } = payment.settings;
  if (mode !== 'prepaid') return undefined;
  // What was counted is charged before anything is said.
  payment.settle();
  const { energyCharged, dailyCharged, debtCharged, debt } = payment.state;
  const paid = { energy: energyCharged, standing: dailyCharged, debt: debtCharged };
  const remaining = role === 'debt' ? debt : 0;
  return {
    paid: paid[role],
    remaining,
    periodS: role === 'energy' ? 0 : dayS,
    unitCharge: unitChargeOf(microPrices(rules.charges, role), role === 'energy'),
    activate(unitCharge) {
      const prices = microPricesIn(unitCharge);
      const charges = prices && withPrices(rules.charges, role, prices);
      return charges ? changeRules(parts, { charges }) : 'other-reason';
    },
    setRemaining(value) {
      if (value === remaining) return 'success';
      if (role !== 'debt' || value < remaining) return 'other-reason';
      parts.orderPayment({ kind: 'debt', amount: value - remaining });
      return 'success';
    },
  };
}

const microPerUnit = 1_000_000;

function microPrices({ perWattHour, perDay, debtPerDay }: ChargeTable, role: ChargeRole): readonly number[] {
  if (role === 'energy') return perWattHour;
  return [(role === 'standing' ? perDay : debtPerDay) * microPerUnit];
}

function withPrices(
  charges: ChargeTable,
  role: ChargeRole,
  micro: readonly number[],
): ChargeTable | undefined {
  if (role === 'energy') return { ...charges, perWattHour: micro };
  const units = (micro[0] ?? 0) / microPerUnit;
  if (!Number.isInteger(units) || micro.length > 1) return undefined;
  return role === 'standing' ? { ...charges, perDay: units } : { ...charges, debtPerDay: units };
}

const longest16 = 2 ** 15 - 1;
const { number, structure, array, octets, obis } = dataOf;

/** Prices as long numbers of one scale, the finest in which all of them fit; what is finer is rounded. */
function unitChargeOf(micro: readonly number[], isEnergy: boolean): Data {
  let scale = -6;
  while (Math.max(0, ...micro) / 10 ** (scale + 6) > longest16) scale++;
  const rows = micro.map((price, index) =>
    structure(octets(Uint8Array.of(index + 1)), number('long', Math.round(price / 10 ** (scale + 6)))),
  );
  const commodity = isEnergy
    ? structure(number('long-unsigned', 3), obis('1.0.1.8.0.255'), number('integer', 2))
    : structure(number('long-unsigned', 0), obis('0.0.0.0.0.0'), number('integer', 0));
  return structure(structure(number('integer', 0), number('integer', scale)), commodity, array(...rows));
}

/** Micro-units by rate; undefined when a price is not a whole number of them. */
function microPricesIn(unitCharge: Data): readonly number[] | undefined {
  const [scaling, , table] = elementsIn(unitCharge);
  const [commodityScale = 0, priceScale = 0] = elementsIn(scaling).map(numberIn);
  const exponent = commodityScale + priceScale + 6;
  // Division by a power of ten keeps whole prices whole; multiplication by a tenth would not.
  const scaled = (price: number) => (exponent < 0 ? price / 10 ** -exponent : price * 10 ** exponent);
  const prices = rowsIn(table).map(([, price]) => scaled(numberIn(price)));
  return prices.every((price) => Number.isSafeInteger(price) && price >= 0) ? prices : undefined;
}
