/** The parameters of a meter, as a table over its parts. To add one, add a row. */

import { type CarbonAccount, type CarbonTable, wrongInTable } from '../carbon/carbon-account.ts';
import type { Display } from '../display/display.ts';
import { isItemName, type ScrollLists } from '../display/scroll-list.ts';
import type { EventRecorder } from '../events/event-recorder.ts';
import type { TamperWatch } from '../events/tamper-watch.ts';
import type { Firmware } from '../firmware/firmware.ts';
import type { Payment, PaymentSettings } from '../payment/payment.ts';
import type { Outages } from '../power/outages.ts';
import { mostRatio, type TransformerRatio, type TransformerRatios } from '../quantities/transformer-ratio.ts';
import { type BillingSchedule, isBillingSchedule } from '../registers/billing.ts';
import type { Bookkeeping } from '../registers/bookkeeping.ts';
import { type CaptureReference, isCapturePeriod } from '../registers/capture-profile.ts';
import { type DemandPeriod, isDemandPeriod } from '../registers/demand.ts';
import type { Metrology } from '../registers/metrology.ts';
import type { SupplySwitch } from '../supply-switch/supply-switch.ts';
import type { TariffKeeper, WaitingTariff } from '../tariff/tariff-keeper.ts';
import type { Parameter } from './configuration.ts';
import { eventParameters } from './event-parameters.ts';
import { type FieldRule, list, optional, text, whole, wrongField } from './parameter-values.ts';
import { asJson, record } from './record-parameter.ts';
import { type SupplySettings, supplyParameters } from './supply-parameters.ts';
import { switchParameters } from './switch-parameters.ts';

/** The parts that can be configured. */
export interface ConfigurableParts extends SupplySettings {
  readonly books: Bookkeeping;
  readonly supply: SupplySwitch;
  readonly tariff: TariffKeeper;
  readonly tamper: TamperWatch;
  readonly eventRecorder: EventRecorder;
  readonly payment: Payment;
  readonly carbon: CarbonAccount;
  readonly firmware: Firmware;
  readonly display: Display;
  readonly transformers: TransformerRatio;
  readonly metrology: Metrology;
  readonly outages: Outages;
}

const day = 86_400;
const instantOrNull: FieldRule = {
  fits: (value) => value === null || Number.isSafeInteger(value),
  expected: 'an instant or null',
};

/** The table. */
export function meterParameters(parts: ConfigurableParts): Readonly<Record<string, Parameter>> {
  return {
    ...registerParameters(parts),
    ...profileParameters(parts.books),
    'load-profile': loadProfileParameter(parts.metrology),
    ...switchParameters(parts.supply),
    ...eventParameters(parts),
    ...customerParameters(parts),
    ...supplyParameters(parts),
    tariff: tariffParameter(parts.tariff),
    'register-mask': maskParameter(parts.tariff, parts.metrology.energies.rateCount),
    'transformer-ratios': ratioParameter(parts.transformers),
    'long-outage': record<{ seconds: number }>({
      title: 'Seconds from which on a power failure is a long one',
      event: 'parameterChanged',
      rules: { seconds: whole(1, 0xffff) },
      read: () => ({ seconds: parts.outages.longFromS }),
      apply({ seconds }) {
        parts.outages.longFromS = seconds;
      },
    }),
    'firmware-activation': record<{ atMs: number | null }>({
      title: 'Instant at which a verified firmware is activated',
      event: 'firmwareScheduled',
      rules: { atMs: instantOrNull },
      read: () => ({ atMs: Number.isFinite(parts.firmware.nextMs) ? parts.firmware.nextMs : null }),
      apply: ({ atMs }) => parts.firmware.activateAt(atMs),
    }),
  };
}

function registerParameters({ books }: ConfigurableParts): Record<string, Parameter> {
  const { demands, billing } = books;
  return {
    'demand-period': record<DemandPeriod>({
      title: 'How demand is formed',
      event: 'demandPeriodChanged',
      rules: { periodSeconds: whole(60, day), numberOfPeriods: whole(1, 60) },
      read: () => demands.demands[0]?.period ?? { periodSeconds: 900, numberOfPeriods: 1 },
      check: (period) =>
        isDemandPeriod(period) ? undefined : 'periodSeconds: expected a length that divides a day',
      apply(period, meterMs) {
        for (const demand of demands.demands) demand.configure(period, meterMs);
      },
    }),
    'demand-lockout': record<{ seconds: number }>({
      title: 'Lock-out after a reset of the maximum demand',
      event: 'parameterChanged',
      rules: { seconds: whole(0, 40 * day) },
      read: () => ({ seconds: demands.lockoutSeconds }),
      apply({ seconds }) {
        demands.lockoutSeconds = seconds;
      },
    }),
    'billing-schedule': record<BillingSchedule>({
      title: 'When billing periods end',
      event: 'billingDateChanged',
      rules: { dayOfMonth: whole(1, 28), hour: whole(0, 23), minute: whole(0, 59) },
      read: () => billing.schedule,
      check: (schedule) =>
        isBillingSchedule(schedule) ? undefined : 'expected an instant that every month has',
      apply: (schedule, meterMs) => billing.configure(schedule, meterMs),
    }),
    'billing-close': record<{ atMs: number }>({
      title: 'End of the billing period by command, with reset of the maximum demand',
      event: 'demandReset',
      rules: { atMs: whole(0, Number.MAX_SAFE_INTEGER) },
      read: () => ({ atMs: billing.snapshots.at(-1)?.atMs ?? 0 }),
      check: ({ atMs }) =>
        demands.isLockedOut(atMs) ? 'the lock-out after the last reset still runs' : undefined,
      apply: (_, meterMs) => void billing.close(meterMs),
    }),
  };
}

function loadProfileParameter(metrology: Metrology): Parameter {
  return record<{ periodSeconds: number }>({
    title: 'Capture period of load profile 1; with another one the profile begins anew',
    event: 'capturePeriodChanged',
    rules: { periodSeconds: whole(60, 3600) },
    read: () => ({ periodSeconds: metrology.intervalSeconds }),
    check: ({ periodSeconds }) =>
      3600 % periodSeconds === 0 ? undefined : 'periodSeconds: expected a length that divides an hour',
    apply({ periodSeconds }, meterMs) {
      if (periodSeconds !== metrology.intervalSeconds) metrology.captureEvery(periodSeconds, meterMs);
    },
  });
}

function profileParameters(books: Bookkeeping): Record<string, Parameter> {
  const parameters: Record<string, Parameter> = {};
  for (const [name, profile] of books.profiles) {
    const quantitiesOf = (capture: readonly CaptureReference[]) => books.quantitiesOf(capture);
    parameters[`profile/${name}`] = record<{ periodSeconds: number; capture?: readonly CaptureReference[] }>({
      title: `Capture period and capture objects of the profile '${name}'`,
      event: 'capturePeriodChanged',
      rules: { periodSeconds: whole(0, day), capture: optional(list) },
      read: () => ({
        periodSeconds: profile.setup.periodSeconds,
        capture: profile.setup.quantities.map(({ classId, obis, attribute }) => ({
          classId,
          obis,
          attribute,
        })),
      }),
      check({ periodSeconds, capture = [] }) {
        if (!isCapturePeriod(periodSeconds))
          return 'periodSeconds: expected 0 or a length that divides a day';
        const found = quantitiesOf(capture);
        return 'unknown' in found ? `capture: ${found.unknown.obis} cannot be captured` : undefined;
      },
      apply({ periodSeconds, capture }, meterMs) {
        const found = capture && quantitiesOf(capture);
        const quantities = found && 'quantities' in found ? found.quantities : profile.setup.quantities;
        profile.configure({ periodSeconds, quantities }, meterMs);
      },
    });
  }
  return parameters;
}

function customerParameters({ payment, carbon, display }: ConfigurableParts): Record<string, Parameter> {
  const most = 1_000_000_000;
  const chargeRules = { perWattHour: list, perDay: whole(0, most), debtPerDay: whole(0, most) };
  const within = (rules: Readonly<Record<string, FieldRule>>): FieldRule => ({
    fits: (value) => wrongField(value ?? null, rules) === undefined,
    expected: `a record of ${Object.keys(rules).join(', ')}`,
  });
  const ruleRules = {
    charges: within(chargeRules),
    emergencyCredit: whole(0, most),
    lowCredit: whole(0, most),
  };
  const minute = whole(0, 1439);
  return {
    payment: record<PaymentSettings>({
      title: 'Postpaid or prepaid, with charges, emergency credit and friendly hours',
      event(before, after) {
        if (before.mode === after.mode) return 'parameterChanged';
        return after.mode === 'prepaid' ? 'prepaidChosen' : 'postpaidChosen';
      },
      rules: {
        mode: {
          fits: (value) => value === 'postpaid' || value === 'prepaid',
          expected: 'postpaid or prepaid',
        },
        rules: within(ruleRules),
        friendly: within({ fromMinute: minute, toMinute: minute, weekdays: list, dates: list }),
      },
      read: () => payment.settings,
      check: ({ rules }) =>
        rules.charges.perWattHour.every((price) => whole(0, most).fits(price))
          ? undefined
          : 'perWattHour: expected whole micro-units for each rate',
      apply: (settings, meterMs) => payment.configure(settings, meterMs),
    }),
    'carbon-factors': {
      title: 'Factors of CO2 by their instant',
      event: 'parameterChanged',
      read: () => asJson(carbon.table),
      check: (value) =>
        Array.isArray(value) ? wrongInTable(value as unknown as CarbonTable) : 'expected a list of factors',
      apply(value) {
        carbon.table = value as unknown as CarbonTable;
      },
    },
    'scroll-lists': record<ScrollLists>({
      title: 'What the display shows by itself and by the button',
      event: 'parameterChanged',
      rules: { automatic: list, manual: list, dwellS: whole(1, 60) },
      read: () => display.lists,
      check({ automatic, manual }) {
        const unknown = [...automatic, ...manual].find((name) => !isItemName(name));
        return unknown === undefined ? undefined : `'${String(unknown)}' is no figure of the display`;
      },
      apply(lists) {
        display.lists = lists;
      },
    }),
  };
}

function tariffParameter(tariff: TariffKeeper): Parameter {
  return record<WaitingTariff>({
    title: 'Passive tariff and the instant at which it takes over',
    event: 'tariffProgrammed',
    rules: {
      tables: {
        fits: (value) => wrongField(value ?? null, tableRules) === undefined,
        expected: 'tables of a tariff',
      },
      atMs: {
        fits: (value) => value === null || Number.isSafeInteger(value),
        expected: 'an instant or null',
      },
    },
    read: () => tariff.waiting ?? { tables: tariff.active ?? emptyTables, atMs: null },
    check({ tables }) {
      const checked = tariff.check(tables);
      return checked.ok ? undefined : checked.error.message;
    },
    apply: (waiting, meterMs) => void tariff.wait(waiting, meterMs),
  });
}

/** The one rate that a mask of registers leaves to count; null gives it back to the calendar. */
function maskParameter(tariff: TariffKeeper, rateCount: number): Parameter {
  return record<{ rate: number | null }>({
    title: 'Rate that a mask of registers leaves to count, or null',
    event: 'parameterChanged',
    rules: {
      rate: {
        fits: (value) => value === null || whole(1, rateCount).fits(value),
        expected: `a rate from 1 to ${rateCount}, or null`,
      },
    },
    read: () => ({ rate: tariff.mask ?? null }),
    apply: ({ rate }, meterMs) => tariff.maskTo(rate ?? undefined, meterMs),
  });
}

function ratioParameter(transformers: TransformerRatio): Parameter {
  const figure = whole(1, mostRatio);
  return record<TransformerRatios>({
    title: 'Ratios of the instrument transformers before the meter, primary over secondary',
    event: 'parameterChanged',
    rules: {
      ...{ currentNumerator: figure, currentDenominator: figure },
      ...{ voltageNumerator: figure, voltageDenominator: figure },
    },
    read: () => transformers.ratios,
    apply: (ratios) => transformers.configure(ratios),
  });
}

const tableRules = { name: text, seasons: list, weeks: list, days: list, specialDays: list };
const emptyTables = { name: '', seasons: [], weeks: [], days: [], specialDays: [] };
