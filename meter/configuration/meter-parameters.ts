/** The parameters of a meter, as a table over its parts. To add one, add a row. */

import { type CarbonAccount, type CarbonTable, wrongInTable } from '../carbon/carbon-account.ts';
import type { SynchronisationPolicy } from '../clock/synchronisation.ts';
import type { Display } from '../display/display.ts';
import { isItemName, type ScrollLists } from '../display/scroll-list.ts';
import type { SupplyThresholds } from '../engine/supply-events.ts';
import { type EventName, eventKinds } from '../events/event-codes.ts';
import type { EventRecorder } from '../events/event-recorder.ts';
import { type ConditionName, type TamperCondition, tamperConditions } from '../events/tamper-conditions.ts';
import type { ConditionSettings } from '../events/tamper-detector.ts';
import type { TamperWatch } from '../events/tamper-watch.ts';
import type { Firmware } from '../firmware/firmware.ts';
import type { Payment, PaymentSettings } from '../payment/payment.ts';
import type { GaspTiming } from '../power/last-gasp.ts';
import type { Outages } from '../power/outages.ts';
import { mostRatio, type TransformerRatio, type TransformerRatios } from '../quantities/transformer-ratio.ts';
import { type BillingSchedule, isBillingSchedule } from '../registers/billing.ts';
import type { Bookkeeping } from '../registers/bookkeeping.ts';
import { type CaptureReference, isCapturePeriod } from '../registers/capture-profile.ts';
import { type DemandPeriod, isDemandPeriod } from '../registers/demand.ts';
import type { Metrology } from '../registers/metrology.ts';
import type { ControlMode } from '../supply-switch/disconnect-control.ts';
import type { LoadLimitSettings } from '../supply-switch/load-limit.ts';
import type { OverCurrentSettings } from '../supply-switch/over-current.ts';
import type { SupplySwitch } from '../supply-switch/supply-switch.ts';
import type { TariffKeeper, WaitingTariff } from '../tariff/tariff-keeper.ts';
import type { Json, Parameter } from './configuration.ts';
import {
  between,
  type FieldRule,
  list,
  optional,
  text,
  whole,
  wrongField,
  yesOrNo,
} from './parameter-values.ts';

/** The parts that can be configured. */
export interface ConfigurableParts {
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
  synchronisation: SynchronisationPolicy;
  gaspTiming: GaspTiming;
  supplyThresholds: SupplyThresholds;
}

const day = 86_400;
const instantOrNull: FieldRule = {
  fits: (value) => value === null || Number.isSafeInteger(value),
  expected: 'an instant or null',
};
const mostW = 10_000_000;
const mostMa = 10_000_000;
const asJson = (value: unknown) => JSON.parse(JSON.stringify(value ?? null)) as Json;

/** A parameter whose value is a record with rules for its fields. */
function record<T>(of: {
  readonly title: string;
  readonly event: EventName | ((before: T, after: T) => EventName);
  readonly rules: Readonly<Record<string, FieldRule>>;
  readonly read: () => T;
  /** What else is wrong with it. */
  readonly check?: (value: T) => string | undefined;
  readonly apply: (value: T, meterMs: number) => void;
}): Parameter {
  return {
    title: of.title,
    event: of.event as Parameter['event'],
    read: () => asJson(of.read()),
    check: (value) => wrongField(value, of.rules) ?? of.check?.(value as unknown as T),
    apply: (value, meterMs) => of.apply(value as unknown as T, meterMs),
  };
}

/** The table. */
export function meterParameters(parts: ConfigurableParts): Readonly<Record<string, Parameter>> {
  return {
    ...registerParameters(parts),
    ...profileParameters(parts.books),
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

function supplyParameters(parts: ConfigurableParts): Record<string, Parameter> {
  const mostMs = 3_600_000;
  return {
    'clock-synchronisation': record<SynchronisationPolicy>({
      title: 'Errors of the clock that are let be and such that are slewed, ms, and how fast, ppm',
      event: 'parameterChanged',
      rules: { leastMs: whole(0, mostMs), mostSlewMs: whole(0, mostMs), slewPpm: whole(1, 10_000) },
      read: () => parts.synchronisation,
      apply(policy) {
        parts.synchronisation = policy;
      },
    }),
    'last-gasp': record<GaspTiming>({
      title: 'Time that a power failure must last before it is told, and longest random time after it, ms',
      event: 'parameterChanged',
      rules: { debounceMs: whole(0, mostMs), mostBackOffMs: whole(0, mostMs) },
      read: () => parts.gaspTiming,
      apply(timing) {
        parts.gaspTiming = timing;
      },
    }),
    'supply-events': record<SupplyThresholds>({
      title: 'Dip, swell, interruption, hysteresis and rapid change as shares of the declared voltage',
      event: 'parameterChanged',
      rules: {
        ...{ dip: between(0.5, 1), swell: between(1, 2), interruption: between(0, 0.5) },
        ...{ hysteresis: between(0, 0.1), rapidChange: between(0.005, 0.5) },
      },
      read: () => parts.supplyThresholds,
      apply(thresholds) {
        parts.supplyThresholds = thresholds;
      },
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

function switchParameters({ control, limit, overCurrent }: SupplySwitch): Record<string, Parameter> {
  const emergencyRules = {
    groupId: whole(0, 0xffff),
    fromMs: whole(0, Number.MAX_SAFE_INTEGER),
    durationS: whole(0, 366 * day),
    thresholdW: whole(0, mostW),
  };
  return {
    'control-mode': record<{ mode: ControlMode }>({
      title: 'Control mode of the supply switch',
      event: 'parameterChanged',
      rules: { mode: whole(0, 6) },
      read: () => ({ mode: control.mode }),
      apply: ({ mode }) => control.configure(mode),
    }),
    'load-limit': record<LoadLimitSettings>({
      title: 'Load limit, normal and in an emergency',
      event(before, after) {
        if (before.isEnabled === after.isEnabled) return 'loadLimitChanged';
        return after.isEnabled ? 'loadLimitEnabled' : 'loadLimitDisabled';
      },
      rules: {
        isEnabled: yesOrNo,
        thresholdW: whole(0, mostW),
        minOverS: whole(0, day),
        reconnectAfterS: whole(1, day),
        mostReconnects: whole(0, 100),
        emergency: optional({
          fits: (value) => wrongField(value ?? null, emergencyRules) === undefined,
          expected: 'an emergency',
        }),
        emergencyGroups: list,
      },
      read: () => limit.settings,
      apply: (settings, meterMs) => limit.configure(settings, meterMs),
    }),
    'over-current': record<OverCurrentSettings>({
      title: 'Current of any phase that opens the switch',
      event: 'loadLimitChanged',
      rules: { isEnabled: yesOrNo, thresholdMa: whole(0, mostMa), minOverS: whole(1, day) },
      read: () => overCurrent.settings,
      apply: (settings) => overCurrent.configure(settings),
    }),
  };
}

function eventParameters({ tamper, eventRecorder }: ConfigurableParts): Record<string, Parameter> {
  const unknownIn = (names: readonly string[] = []) => names.find((name) => !Object.hasOwn(eventKinds, name));
  return {
    conditions: {
      title: 'Thresholds and times of tamper and supply conditions',
      event: 'parameterChanged',
      read: () => asJson(tamper.settings),
      check: wrongCondition,
      apply(value) {
        tamper.settings = value as ConditionSettings;
      },
    },
    'event-filter': record<{ notCaptured: EventName[]; notAlarmed: EventName[] }>({
      title: 'Events that are not logged, and such that raise no alarm',
      event: 'eventFilterChanged',
      rules: { notCaptured: list, notAlarmed: list },
      read: () => eventRecorder.filters,
      check({ notCaptured, notAlarmed }) {
        const unknown = unknownIn(notCaptured) ?? unknownIn(notAlarmed);
        return unknown === undefined ? undefined : `'${unknown}' is no event`;
      },
      apply: (filters) => eventRecorder.filter(filters),
    }),
  };
}

/** Which condition or figure is wrong. */
function wrongCondition(value: Json): string | undefined {
  const known = Object.fromEntries(
    Object.keys(tamperConditions).map((name) => [name, optional({ fits: () => true, expected: 'settings' })]),
  );
  const unknown = wrongField(value, known);
  if (unknown) return unknown;
  const finite: FieldRule = { fits: Number.isFinite, expected: 'a number' };
  const rules = {
    threshold: optional(finite),
    release: optional(finite),
    occurrenceS: optional(whole(0, day)),
    restorationS: optional(whole(0, day)),
  };
  for (const [name, settings] of Object.entries(value as Record<string, Json>)) {
    const wrong = wrongField(settings, rules) ?? wrongRelease(name as ConditionName, settings);
    if (wrong) return `${name}: ${wrong}`;
  }
  return undefined;
}

/** A condition that is restored on the wrong side of its threshold would come and go without end. */
function wrongRelease(name: ConditionName, settings: Json): string | undefined {
  const declared: TamperCondition = tamperConditions[name];
  const { when, threshold, release } = { ...declared, ...(settings as Partial<TamperCondition>) };
  const isApart = when === 'above' ? release <= threshold : release >= threshold;
  return isApart
    ? undefined
    : `release ${release}: expected a value ${when === 'above' ? 'at most' : 'at least'} ${threshold}`;
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
