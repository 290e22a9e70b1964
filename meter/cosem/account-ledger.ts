/** The credits and charges of an account as they stand in a meter: what is available, what is owed, what is taken first. */
import { type AccountLedger, accountAttribute, referenceList } from './account.ts';
import { charge } from './charge.ts';
import type { MeterView, ObjectName } from './cosem-object.ts';
import { amountOf, credit, creditAttribute, setAmount, setStatus } from './credit.ts';
import { doubleLong, enumerationTo, unsigned } from './data-type.ts';
import { elementsIn, numberIn, obisIn } from './fields.ts';
import { creditNames, creditStatus, prepaidCredit } from './prepaid-ledger.ts';
import { type Settings, settingOf } from './settings.ts';

const amountRemaining = 12;

/** The ledger of an account object. */
export function accountLedger(view: MeterView, account: ObjectName): AccountLedger {
  const settings = view.settingsOf(account);
  const names = (attribute: number) => elementsIn(settingOf(settings, attribute, referenceList)).map(obisIn);
  const referred = (attribute: number, classId: number) =>
    names(attribute).map((obis) => view.settingsOf({ classId, obis }));
  const credits = () => referred(accountAttribute.credits, credit.classId);
  const statusOf = (held: Settings) => numberIn(settingOf(held, creditAttribute.status, enumerationTo(4)));
  const priorityOf = (held: Settings) => numberIn(settingOf(held, creditAttribute.priority, unsigned()));
  const limitOf = (held: Settings) => numberIn(settingOf(held, creditAttribute.limit, doubleLong()));
  /** Credits with something left above their limit, the first to be used first. */
  const usable = () =>
    credits()
      .filter((held) => amountOf(held) > limitOf(held) && statusOf(held) !== creditStatus.selectable)
      .sort((a, b) => priorityOf(a) - priorityOf(b));
  // The prepaid account that opens the switch is the one that counts, once the meter is prepaid.
  const { payment } = view.parts;
  const prepaid = () => payment.settings.mode === 'prepaid';
  return {
    availableCredit: () =>
      prepaid()
        ? Math.max(0, payment.available)
        : credits().reduce((sum, held) => sum + Math.max(0, amountOf(held)), 0),
    amountToClear: () =>
      prepaid()
        ? Math.max(0, -payment.balance)
        : credits().reduce((sum, held) => sum + Math.max(0, -amountOf(held)), 0),
    aggregatedDebt: () =>
      prepaid()
        ? payment.state.debt
        : referred(accountAttribute.charges, charge.classId).reduce(
            (sum, held) => sum + numberIn(settingOf(held, amountRemaining, doubleLong())),
            0,
          ),
    creditInUse() {
      if (!prepaid()) return credits().findIndex((held) => statusOf(held) === creditStatus.inUse) + 1;
      const roles = Object.keys(creditNames) as (keyof typeof creditNames)[];
      const inUse = roles.find((role) => prepaidCredit(view.parts, role)?.status === creditStatus.inUse);
      return inUse ? names(accountAttribute.credits).indexOf(creditNames[inUse]) + 1 : 0;
    },
    spend(amount) {
      let left = amount;
      const order = usable();
      for (const held of order) {
        const taken = Math.min(left, amountOf(held) - limitOf(held));
        setStatus(held, creditStatus.inUse);
        setAmount(held, amountOf(held) - taken);
        left -= taken;
        if (left === 0) return;
      }
      // What no credit covers is owed by the first.
      const first = order[0] ?? credits()[0];
      if (first && left > 0) setAmount(first, amountOf(first) - left);
    },
  };
}
