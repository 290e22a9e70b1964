/** Credit, class 112 (Blue Book 4.6.3): an amount that charges are taken from, by order of priority. */
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
import { type Settings, setting, settingOf, type WithSettings } from './settings.ts';

/** Codes of credit_status. */
export const creditStatus = { enabled: 0, selectable: 1, selected: 2, inUse: 3, exhausted: 4 } as const;

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

export const credit: InterfaceClass<WithSettings> = {
  classId: 112,
  version: 0,
  name: 'Credit',
  section: '4.6.3',
  attributes: {
    2: setting('current_credit_amount', doubleLong(), { access: readable }),
    // token, reserved, emergency, time based, consumption based credit.
    3: setting('credit_type', enumeration(0, 1, 2, 3, 4)),
    4: setting('priority', unsigned()),
    5: setting('warning_threshold', doubleLong()),
    6: setting('limit', doubleLong()),
    7: setting('credit_configuration', bits(5)),
    8: setting('credit_status', enumerationTo(4), { access: readable }),
    9: setting('preset_credit_amount', doubleLong()),
    10: setting('credit_available_threshold', doubleLong()),
    11: setting('period', dateTime),
  },
  methods: {
    1: {
      name: 'update_amount',
      clients: managed,
      parameter: doubleLong(),
      invoke: ({ settings }, value) => setAmount(settings, amountOf(settings) + numberIn(value)),
    },
    2: {
      name: 'set_amount_to_value',
      clients: managed,
      parameter: doubleLong(),
      invoke: ({ settings }, value) => setAmount(settings, numberIn(value)),
    },
    3: {
      name: 'invoke_credit',
      clients: managed,
      parameter: trigger,
      // The preset amount is added, and a credit that waited to be chosen is in use (Blue Book 4.6.3, method 3).
      invoke({ settings }) {
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
