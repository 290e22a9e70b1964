/**
 * Prepaid at the meter: credits that tokens bring and charges that consumption and time take, in whole smallest units of the currency
 * (semantics of classes 111 to 113, Blue Book 4.6). What always holds: all that was brought less all that was taken is the balance; each
 * energy unit is charged once, at the price of the rate that it was counted in.
 */
import assert from 'node:assert/strict';

/** What is charged. Prices are micro-units of the currency: a millionth of the smallest unit, so that a watt-hour has a whole price. */
export interface ChargeTable {
  /** By rate from 1: micro-units for a watt-hour. */
  readonly perWattHour: readonly number[];
  /** Whole units a day, whatever is consumed. */
  readonly perDay: number;
  /** A debt that was there before: whole units a day until it is paid. */
  readonly debtPerDay: number;
}

export const noCharges: ChargeTable = { perWattHour: [], perDay: 0, debtPerDay: 0 };

/** How the account is kept. */
export interface AccountRules {
  readonly charges: ChargeTable;
  /** Credit that a customer may choose when his own is used up, whole units; paid back by the next token. */
  readonly emergencyCredit: number;
  /** Below this the customer is warned. */
  readonly lowCredit: number;
}

export const usualRules: AccountRules = { charges: noCharges, emergencyCredit: 0, lowCredit: 0 };

/** The figures of an account; whole units but for the remainder. */
export interface AccountState {
  /** All that tokens brought. */
  readonly credited: number;
  /** All that was taken, by what it was for. */
  readonly energyCharged: number;
  readonly dailyCharged: number;
  readonly debtCharged: number;
  /** Debt that is left. */
  readonly debt: number;
  /** Micro-units of energy that are less than a whole unit yet. */
  readonly remainderMicro: number;
  readonly isEmergency: boolean;
  /** Registers by rate, Wh, up to which energy is charged. */
  readonly chargedWh: readonly number[];
}

export const emptyAccount: AccountState = {
  credited: 0,
  energyCharged: 0,
  dailyCharged: 0,
  debtCharged: 0,
  debt: 0,
  remainderMicro: 0,
  isEmergency: false,
  chargedWh: [],
};

const microPerUnit = 1_000_000;

/** What is left; below 0 it is owed. */
export function balanceOf({ credited, energyCharged, dailyCharged, debtCharged }: AccountState): number {
  return credited - energyCharged - dailyCharged - debtCharged;
}

/** What may be used before the switch opens: the balance, and emergency credit once it was chosen. */
export function availableOf(state: AccountState, rules: AccountRules): number {
  return balanceOf(state) + (state.isEmergency ? rules.emergencyCredit : 0);
}

/** A token brought credit. Emergency credit that the balance covers again is given back. */
export function credit(state: AccountState, amount: number): AccountState {
  assertWhole(amount);
  const credited = { ...state, credited: state.credited + amount };
  return balanceOf(credited) > 0 ? { ...credited, isEmergency: false } : credited;
}

/** The order to clear takes what is above zero. */
export function clearCredit(state: AccountState): AccountState {
  return { ...state, credited: state.credited - Math.max(0, balanceOf(state)) };
}

/**
 * Charges what the registers counted since the last time, each watt-hour at the price of its rate. The account follows the registers, so
 * that energy is charged once and all of it is, whatever happens to the meter in between.
 */
export function chargeEnergy(
  state: AccountState,
  registersWh: readonly number[],
  { charges }: AccountRules,
): AccountState {
  const micro = registersWh.reduce((sum, wattHours, index) => {
    const counted = wattHours - (state.chargedWh[index] ?? 0);
    assertWhole(counted);
    return sum + counted * (charges.perWattHour[index] ?? charges.perWattHour.at(-1) ?? 0);
  }, state.remainderMicro);
  assert(Number.isSafeInteger(micro), 'a step of energy is charged in whole numbers');
  const units = Math.floor(micro / microPerUnit);
  return {
    ...state,
    energyCharged: state.energyCharged + units,
    remainderMicro: micro - units * microPerUnit,
    chargedWh: [...registersWh],
  };
}

/** A day ended: its standing charge, and a part of the debt while there is any. */
export function chargeDay(state: AccountState, { charges }: AccountRules): AccountState {
  const debtPart = Math.min(state.debt, charges.debtPerDay);
  return {
    ...state,
    dailyCharged: state.dailyCharged + charges.perDay,
    debtCharged: state.debtCharged + debtPart,
    debt: state.debt - debtPart,
  };
}

/** The customer chooses emergency credit; only when his own is used up, and only once until it is paid back. */
export function chooseEmergency(state: AccountState, rules: AccountRules): AccountState | undefined {
  if (state.isEmergency || rules.emergencyCredit === 0 || balanceOf(state) > 0) return undefined;
  return { ...state, isEmergency: true };
}

function assertWhole(amount: number): void {
  assert(Number.isSafeInteger(amount) && amount >= 0, `expected a whole number from 0, found ${amount}`);
}
