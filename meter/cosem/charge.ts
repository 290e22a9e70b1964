/** Charge, class 113 (Blue Book 4.6.4): what is taken from the credit in use, by time, by consumption or by payment. */
import type { ActionOutcome, AttributeDescriptor, Data } from '@wattline/protocols/dlms';
import { encodeDateTime } from '@wattline/protocols/dlms';
import type { MeterClock } from '../clock/clock.ts';
import {
  arrayOf,
  attributeReference,
  bits,
  dataOf,
  dateTime,
  doubleLong,
  doubleLongUnsigned,
  enumeration,
  integer,
  long,
  longUnsigned,
  notSpecified,
  octets,
  structure,
  trigger,
  unsigned,
} from './data-type.ts';
import { elementsIn, numberIn, obisIn, octetsIn, rowsIn } from './fields.ts';
import { type InterfaceClass, managed, readable } from './interface-class.ts';
import { type PrepaidCharge, within32 } from './prepaid-ledger.ts';
import { keptElsewhere, setting, settingOf, type WithSettings } from './settings.ts';

/** The charge behind the object. */
export interface ChargeSource extends WithSettings {
  readonly clock: MeterClock;
  nowMs(): number;
  /** The number an attribute holds: the commodity that is charged for. */
  numberAt(reference: AttributeDescriptor): number | undefined;
  /** Takes an amount from the account's credits. */
  spend(amount: number): void;
  /** The charge of the prepaid account; undefined while the meter is postpaid, and the object collects by itself. */
  readonly prepaid: PrepaidCharge | undefined;
  /** The commodity at the last collection; undefined before the first. */
  readonly state: { commodity: number | undefined };
}

/** Codes of charge_type. */
export const chargeType = { consumption: 0, time: 1, payment: 2 } as const;

const attribute = {
  paid: 2,
  type: 3,
  active: 5,
  passive: 6,
  activation: 7,
  period: 8,
  time: 10,
  amount: 11,
  remaining: 12,
} as const;
const chargeTable = arrayOf(structure({ index: octets(), charge_per_unit: long() }));
const unitCharge = structure({
  charge_per_unit_scaling: structure({ commodity_scale: integer(), price_scale: integer() }),
  commodity_reference: attributeReference,
  charge_table: chargeTable,
});

const money = (amount: number) => dataOf.number('double-long', within32(amount));

export const charge: InterfaceClass<ChargeSource> = {
  classId: 113,
  version: 0,
  name: 'Charge',
  section: '4.6.4',
  attributes: {
    2: keptElsewhere(setting('total_amount_paid', doubleLong(), { access: readable }), {
      shown: ({ prepaid }) => prepaid && money(prepaid.paid),
    }),
    3: setting('charge_type', enumeration(0, 1, 2)),
    4: setting('priority', unsigned()),
    5: keptElsewhere(setting('unit_charge_active', unitCharge, { access: readable }), {
      shown: ({ prepaid }) => prepaid?.unitCharge,
    }),
    6: setting('unit_charge_passive', unitCharge),
    7: setting('unit_charge_activation_time', dateTime),
    8: keptElsewhere(setting('period', doubleLongUnsigned()), {
      shown: ({ prepaid }) => prepaid && dataOf.number('double-long-unsigned', prepaid.periodS),
      set: ({ prepaid }, value) =>
        prepaid && (numberIn(value) === prepaid.periodS ? 'success' : 'other-reason'),
    }),
    9: setting('charge_configuration', bits(2)),
    // The prepaid account keeps sums, not collections.
    10: keptElsewhere(setting('last_collection_time', dateTime, { access: readable }), {
      shown: ({ prepaid }) => prepaid && dataOf.octets(notSpecified['date-time']),
    }),
    11: keptElsewhere(setting('last_collection_amount', doubleLong(), { access: readable }), {
      shown: ({ prepaid }) => prepaid && money(0),
    }),
    12: keptElsewhere(setting('total_amount_remaining', doubleLong(), { access: readable }), {
      shown: ({ prepaid }) => prepaid && money(prepaid.remaining),
    }),
    13: setting('proportion', longUnsigned()),
  },
  methods: {
    1: { name: 'update_unit_charge', clients: managed, parameter: chargeTable, invoke: updateUnitCharge },
    2: {
      name: 'activate_passive_unit_charge',
      clients: managed,
      parameter: trigger,
      invoke({ settings, prepaid }) {
        const passive = settingOf(settings, attribute.passive, unitCharge);
        if (prepaid) return { result: prepaid.activate(passive) };
        settings.write(attribute.active, passive);
        return { result: 'success' };
      },
    },
    3: {
      name: 'collect',
      clients: managed,
      parameter: trigger,
      invoke(source) {
        // The prepaid account collects by itself: energy as it is counted, the rest at the end of a day.
        if (source.prepaid) return { result: source.prepaid.periodS === 0 ? 'success' : 'other-reason' };
        collect(source, source.nowMs());
        return { result: 'success' };
      },
    },
    4: {
      name: 'update_total_amount_remaining',
      clients: managed,
      parameter: doubleLong(),
      invoke: (source, value) =>
        source.prepaid
          ? { result: source.prepaid.setRemaining(source.prepaid.remaining + numberIn(value)) }
          : setRemaining(source, numberOf(source, attribute.remaining) + numberIn(value)),
    },
    5: {
      name: 'set_total_amount_remaining',
      clients: managed,
      parameter: doubleLong(),
      invoke: (source, value) =>
        source.prepaid
          ? { result: source.prepaid.setRemaining(numberIn(value)) }
          : setRemaining(source, numberIn(value)),
    },
  },
  pass(source, { fromMs, toMs }) {
    if (source.prepaid) return;
    const periodMs = numberIn(settingOf(source.settings, attribute.period, doubleLongUnsigned())) * 1000;
    if (periodMs === 0) return;
    // One collection however many periods a jump of the clock skipped: time that was not lived is not charged.
    const edgeMs = Math.floor(toMs / periodMs) * periodMs;
    if (edgeMs > fromMs) collect(source, edgeMs);
  },
};

const numberOf = ({ settings }: WithSettings, index: number) =>
  numberIn(settingOf(settings, index, doubleLong()));

function setRemaining({ settings }: WithSettings, amount: number): ActionOutcome {
  if (Math.abs(amount) >= 2 ** 31) return { result: 'other-reason' };
  settings.write(attribute.remaining, dataOf.number('double-long', amount));
  return { result: 'success' };
}

/** New prices for indices of the passive unit charge; an index that is not there is added. */
function updateUnitCharge({ settings }: ChargeSource, parameter: Data | undefined): ActionOutcome {
  const [scaling, commodity, table] = elementsIn(settingOf(settings, attribute.passive, unitCharge));
  if (!scaling || !commodity) return { result: 'other-reason' };
  const keyOf = (row: Data) => Buffer.from(octetsIn(elementsIn(row)[0])).toString('hex');
  const rows = new Map(elementsIn(table).map((row) => [keyOf(row), row]));
  for (const row of elementsIn(parameter)) rows.set(keyOf(row), row);
  settings.write(attribute.passive, dataOf.structure(scaling, commodity, dataOf.array(...rows.values())));
  return { result: 'success' };
}

/** Takes what is due: the price for a period, or for what was consumed since the last collection; a debt no further than it is owed. */
function collect(source: ChargeSource, atMs: number): void {
  const { settings, clock, state } = source;
  const [scaling, commodity, table] = elementsIn(settingOf(settings, attribute.active, unitCharge));
  const [commodityScale = 0, priceScale = 0] = elementsIn(scaling).map(numberIn);
  const price = numberIn(rowsIn(table)[0]?.[1]) * 10 ** priceScale;
  let units = 1;
  if (numberIn(settingOf(settings, attribute.type, enumeration())) === chargeType.consumption) {
    const [classId, obis, index] = elementsIn(commodity);
    const now =
      source.numberAt({ classId: numberIn(classId), obis: obisIn(obis), attribute: numberIn(index) }) ?? 0;
    units = (now - (state.commodity ?? now)) * 10 ** commodityScale;
    state.commodity = now;
  }
  const due = Math.round(units * price);
  const remaining = numberOf(source, attribute.remaining);
  const amount = remaining > 0 ? Math.min(due, remaining) : due;
  if (remaining > 0) setRemaining(source, remaining - amount);
  if (amount > 0) source.spend(amount);
  settings.write(attribute.amount, dataOf.number('double-long', amount));
  settings.write(attribute.paid, dataOf.number('double-long', numberOf(source, attribute.paid) + amount));
  const { offsetMinutes } = clock.zone.stretchAt(atMs);
  settings.write(attribute.time, dataOf.octets(encodeDateTime(atMs, offsetMinutes)));
}
