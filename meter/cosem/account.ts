/** Account, class 111 (Blue Book 4.6.2): payment mode, and the credits, charges and tokens that belong together. */
import type { ActionOutcome, Data } from '@wattline/protocols/dlms';
import { encodeDateTime } from '@wattline/protocols/dlms';
import type { MeterClock } from '../clock/clock.ts';
import {
  arrayOf,
  bits,
  dataOf,
  dateTime,
  doubleLong,
  enumeration,
  integer,
  logicalName,
  longUnsigned,
  structure,
  trigger,
  unsigned,
  utf8Text,
} from './data-type.ts';
import { elementsIn, numberIn } from './fields.ts';
import { type InterfaceClass, managed, readable } from './interface-class.ts';
import { type Settings, setting, settingOf, type WithSettings } from './settings.ts';

/** The account behind the object. */
export interface AccountSource extends WithSettings {
  readonly clock: MeterClock;
  nowMs(): number;
  /** Amounts of the credits that the account refers to. */
  readonly ledger: AccountLedger;
}

/** What the account says of its credits, in its currency's smallest unit. */
export interface AccountLedger {
  /** Sum of what credits that are enabled or in use hold above zero. */
  availableCredit(): number;
  /** What credits stand below zero, as a number from 0. */
  amountToClear(): number;
  /** Sum of what charges have left to collect. */
  aggregatedDebt(): number;
  /** Position in credit_reference_list of the credit in use; 0 when none is. */
  creditInUse(): number;
  /** Takes an amount from the credits by priority. */
  spend(amount: number): void;
}

/** Codes of account_status. */
export const accountStatus = { inactive: 1, active: 2, closed: 3 } as const;

export const accountAttribute = {
  mode: 2,
  credits: 9,
  charges: 10,
  activation: 13,
  closure: 14,
  low: 16,
} as const;
const modeAndStatus = structure({ payment_mode: enumeration(1, 2), account_status: enumeration(1, 2, 3) });
export const referenceList = arrayOf(logicalName, 16);
const longest32 = 2 ** 31 - 1;
const bounded = (value: number) => Math.min(longest32, Math.max(0, value));

export const account: InterfaceClass<AccountSource> = {
  classId: 111,
  version: 0,
  name: 'Account',
  section: '4.6.2',
  attributes: {
    2: setting('account_mode_and_status', modeAndStatus, { access: readable }),
    3: {
      name: 'current_credit_in_use',
      type: unsigned(),
      access: readable,
      read: ({ ledger }, { writer }) => void writer.unsigned(ledger.creditInUse()),
    },
    4: {
      name: 'current_credit_status',
      type: bits(8),
      access: readable,
      read: (source, { writer }) => void writer.bitString(Uint8Array.of(statusBits(source)), 8),
    },
    5: {
      name: 'available_credit',
      type: doubleLong(),
      access: readable,
      read: ({ ledger }, { writer }) => void writer.doubleLong(bounded(ledger.availableCredit())),
    },
    6: {
      name: 'amount_to_clear',
      type: doubleLong(),
      access: readable,
      read: ({ ledger }, { writer }) => void writer.doubleLong(-bounded(ledger.amountToClear())),
    },
    7: setting('clearance_threshold', doubleLong()),
    8: {
      name: 'aggregated_debt',
      type: doubleLong(),
      access: readable,
      read: ({ ledger }, { writer }) => void writer.doubleLong(bounded(ledger.aggregatedDebt())),
    },
    9: setting('credit_reference_list', referenceList),
    10: setting('charge_reference_list', referenceList),
    11: setting(
      'credit_charge_configuration',
      arrayOf(
        structure({
          credit_reference: logicalName,
          charge_reference: logicalName,
          collection_configuration: bits(3),
        }),
      ),
    ),
    12: setting(
      'token_gateway_configuration',
      arrayOf(structure({ credit_reference: logicalName, token_proportion: unsigned(0, 100) })),
    ),
    13: setting('account_activation_time', dateTime),
    14: setting('account_closure_time', dateTime),
    15: setting(
      'currency',
      structure({
        currency_name: utf8Text(8),
        currency_scale: integer(),
        // time, consumption, monetary.
        currency_unit: enumeration(0, 1, 2),
      }),
    ),
    16: setting('low_credit_threshold', doubleLong()),
    17: setting('next_credit_available_threshold', doubleLong()),
    18: setting('max_provision', longUnsigned()),
    19: setting('max_provision_period', doubleLong()),
  },
  methods: {
    1: {
      name: 'activate_account',
      clients: managed,
      parameter: trigger,
      invoke: (source) => become(source, accountStatus.active, accountAttribute.activation),
    },
    2: {
      name: 'close_account',
      clients: managed,
      parameter: trigger,
      invoke: (source) => become(source, accountStatus.closed, accountAttribute.closure),
    },
    3: {
      name: 'reset_account',
      clients: managed,
      parameter: trigger,
      // Only an account that is closed begins anew (Blue Book 4.6.2, method 3).
      invoke({ settings }) {
        const [mode, status] = elementsIn(settingOf(settings, accountAttribute.mode, modeAndStatus));
        if (!mode || numberIn(status) !== accountStatus.closed) return { result: 'other-reason' };
        setStatus(settings, mode, accountStatus.inactive);
        return { result: 'success' };
      },
    },
  },
};

function become(
  { settings, clock, nowMs }: AccountSource,
  next: number,
  timeAttribute: number,
): ActionOutcome {
  const [mode, status] = elementsIn(settingOf(settings, accountAttribute.mode, modeAndStatus));
  const isAllowed =
    next === accountStatus.active
      ? numberIn(status) === accountStatus.inactive
      : numberIn(status) === accountStatus.active;
  if (!mode || !isAllowed) return { result: 'other-reason' };
  setStatus(settings, mode, next);
  const atMs = nowMs();
  const { offsetMinutes } = clock.zone.stretchAt(atMs);
  settings.write(timeAttribute, dataOf.octets(encodeDateTime(atMs, offsetMinutes)));
  return { result: 'success' };
}

function setStatus(settings: Settings, mode: Data, status: number): void {
  settings.write(accountAttribute.mode, dataOf.structure(mode, dataOf.number('enum', status)));
}

/** Bits: in credit, low credit, next credit enabled, next credit selectable, next credit selected, selected in use, out of credit, reserved. */
function statusBits({ settings, ledger }: AccountSource): number {
  const available = ledger.availableCredit();
  const low = numberIn(settingOf(settings, accountAttribute.low, doubleLong()));
  return (available > 0 ? 0x80 : 0x02) | (available > 0 && available <= low ? 0x40 : 0);
}
