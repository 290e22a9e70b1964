/** Credit, class 112 (Blue Book 4.6.3): an amount that charges are taken from, by order of priority; the prepaid account's own while the meter is prepaid. */
import type { ActionOutcome } from '@wattline/protocols/dlms';
import {
  bits,
  dataOf,
  dateTime,
  doubleLong,
  enumeration,
  enumerationTo,
  trigger,
  unsigned,
} from './data-type.ts';
import { numberIn } from './fields.ts';
import { type InterfaceClass, managed, readable } from './interface-class.ts';
import { creditStatus, type PrepaidCredit, within32 } from './prepaid-ledger.ts';
import { keptElsewhere, type Settings, setting, settingOf, type WithSettings } from './settings.ts';

/** The credit behind the object. */
export interface CreditSource extends WithSettings {
  /** The credit of the prepaid account; undefined while the meter is postpaid, and the object keeps an amount of its own. */
  readonly prepaid: PrepaidCredit | undefined;
}

/** Attributes that hold what the account reads and writes. */
export const creditAttribute = {
  amount: 2,
  priority: 4,
  warning: 5,
  limit: 6,
  status: 8,
  preset: 9,
  threshold: 10,
} as const;

const money = (amount: number | undefined) =>
  amount === undefined ? undefined : dataOf.number('double-long', within32(amount));

export const credit: InterfaceClass<CreditSource> = {
  classId: 112,
  version: 0,
  name: 'Credit',
  section: '4.6.3',
  attributes: {
    2: keptElsewhere(setting('current_credit_amount', doubleLong(), { access: readable }), {
      shown: ({ prepaid }) => money(prepaid?.amount),
    }),
    // token, reserved, emergency, time based, consumption based credit.
    3: setting('credit_type', enumeration(0, 1, 2, 3, 4)),
    4: setting('priority', unsigned()),
    5: keptElsewhere(setting('warning_threshold', doubleLong()), {
      shown: ({ prepaid }) => money(prepaid?.warning),
      set: ({ prepaid }, value) => prepaid?.setWarning(numberIn(value)),
    }),
    6: setting('limit', doubleLong()),
    7: setting('credit_configuration', bits(5)),
    8: keptElsewhere(setting('credit_status', enumerationTo(4), { access: readable }), {
      shown: ({ prepaid }) => prepaid && dataOf.number('enum', prepaid.status),
    }),
    9: keptElsewhere(setting('preset_credit_amount', doubleLong()), {
      shown: ({ prepaid }) => money(prepaid?.preset),
      set: ({ prepaid }, value) => prepaid?.setPreset(numberIn(value)),
    }),
    10: setting('credit_available_threshold', doubleLong()),
    11: setting('period', dateTime),
  },
  methods: {
    1: {
      name: 'update_amount',
      clients: managed,
      parameter: doubleLong(),
      invoke: ({ settings, prepaid }, value) =>
        prepaid
          ? { result: prepaid.add(numberIn(value)) }
          : setAmount(settings, amountOf(settings) + numberIn(value)),
    },
    2: {
      name: 'set_amount_to_value',
      clients: managed,
      parameter: doubleLong(),
      invoke: ({ settings, prepaid }, value) =>
        prepaid ? { result: prepaid.setAmount(numberIn(value)) } : setAmount(settings, numberIn(value)),
    },
    3: {
      name: 'invoke_credit',
      clients: managed,
      parameter: trigger,
      // The preset amount is added, and a credit that waited to be chosen is in use (Blue Book 4.6.3, method 3).
      invoke({ settings, prepaid }) {
        if (prepaid) return { result: prepaid.invoke() };
        const preset = numberIn(settingOf(settings, creditAttribute.preset, doubleLong()));
        const outcome = setAmount(settings, amountOf(settings) + preset);
        if (outcome.result === 'success') setStatus(settings, creditStatus.inUse);
        return outcome;
      },
    },
  },
};

const longest32 = 2 ** 31;

export function amountOf(settings: Settings): number {
  return numberIn(settingOf(settings, creditAttribute.amount, doubleLong()));
}

/** Sets an amount; a credit above its limit is enabled again. */
export function setAmount(settings: Settings, amount: number): ActionOutcome {
  if (amount < -longest32 || amount >= longest32) return { result: 'other-reason' };
  settings.write(creditAttribute.amount, dataOf.number('double-long', amount));
  const limit = numberIn(settingOf(settings, creditAttribute.limit, doubleLong()));
  const status = numberIn(settingOf(settings, creditAttribute.status, enumerationTo(4)));
  if (amount <= limit && status !== creditStatus.enabled) setStatus(settings, creditStatus.exhausted);
  if (amount > limit && status === creditStatus.exhausted) setStatus(settings, creditStatus.enabled);
  return { result: 'success' };
}

export function setStatus(settings: Settings, status: number): void {
  settings.write(creditAttribute.status, dataOf.number('enum', status));
}
