/**
 * The companion profile `is15959`: data exchange for electricity meters in India, IS 15959 part 1 with the smart meters of parts 2 and 3.
 * Logical names after its annexes as they are commonly published; what the meter does not measure (neutral current) is not listed.
 */

import type { Json } from '../configuration/configuration.ts';
import type { CompanionProfile, MeterShape, ProfileDefaults } from '../cosem/built-profile.ts';
import type { ClientRow } from '../cosem/clients.ts';
import type { CosemObject } from '../cosem/cosem-object.ts';
import { longUnsigned, notSpecified, unsigned } from '../cosem/data-type.ts';
import { within32 } from '../cosem/prepaid-ledger.ts';
import { is15959Log } from '../events/tamper-conditions.ts';
import { ratingsOf } from '../meter-spec.ts';
import { captureColumn } from '../registers/capture-profile.ts';
import { dailyProfileColumn } from '../registers/daily-profile.ts';
import { imageTransferObject, scriptTableObject, specialDaysObject } from './behaviour-objects.ts';
import {
  billedEnergy,
  billedMaximum,
  billedNumber,
  billingDate,
  billingProfile,
  capturedProfile,
  eventLogProfile,
  lastCodeOf,
} from './captured-profiles.ts';
import { carbonObjects } from './carbon-objects.ts';
import {
  activityCalendarObject,
  associationObject,
  associationSnObject,
  clockObject,
  disconnectControlObject,
  frameCounterObject,
  limiterObject,
  logicalDeviceNameObject,
  parameterObject,
  pushSetupObject,
  sapAssignmentObject,
  securitySetupObject,
  standardObis,
} from './common-objects.ts';
import { demandObject, maximumObject } from './demand-objects.ts';
import { displayObject } from './display-objects.ts';
import { energyRow, energyTotal, frequencyHz, importW, ofPhase, powerFactor } from './energy-objects.ts';
import { outageObjects } from './outage-objects.ts';
import { parameterObjects } from './parameter-objects.ts';
import { clockColumn, counterColumn, ringProfile } from './ring-profiles.ts';
import { billingEndObjects, imageActivationObjects, switchScripts } from './scripts.ts';
import {
  clockTime,
  dataValue,
  maximumValue,
  registerValue,
  scalerProfile,
  snapshotProfile,
} from './snapshot-profiles.ts';
import { dataObject, type RegisterRow, registers, textObject } from './value-objects.ts';

/** Client SAPs of part 1, table 2, and part 2. */
const clients: readonly ClientRow[] = [
  { name: 'PC', clientSap: 16, role: 'public', mechanism: 'none', protection: 'none' },
  { name: 'MR', clientSap: 32, role: 'reader', mechanism: 'lls', allowsWeak: true, protection: 'ae' },
  { name: 'US', clientSap: 48, role: 'management', mechanism: 'gmac', protection: 'ae' },
  {
    name: 'Push',
    clientSap: 64,
    role: 'reader',
    mechanism: 'gmac',
    protection: 'ae',
    classes: [1, 3, 8, 15, 40],
  },
  {
    name: 'FU',
    clientSap: 80,
    role: 'management',
    mechanism: 'gmac',
    protection: 'ae',
    classes: [1, 8, 9, 15, 18, 22, 64],
  },
  {
    name: 'IHD',
    clientSap: 96,
    role: 'reader',
    mechanism: 'lls',
    allowsWeak: true,
    protection: 'ae',
    classes: [1, 3, 4, 7, 8, 15],
  },
];

/** Demand integration and block load period, seconds: 30 minutes, as most utilities order it. */
const blockSeconds = 1800;
const daysOfBlocks = 35;
const secondsInDay = 86_400;

interface Naming {
  /** Name in the profile, and the one the meter captures it by where that is another. */
  readonly shown: string;
  readonly captured: string;
}

/** Columns of the block load profile; single phase meters name voltage and current without a phase. */
function blockColumns(phases: 1 | 3): Naming[] {
  const same = (obis: string): Naming => ({ shown: obis, captured: obis });
  const voltages =
    phases === 1
      ? [{ shown: '1.0.12.27.0.255', captured: '1.0.32.27.0.255' }]
      : ['1.0.32.27.0.255', '1.0.52.27.0.255', '1.0.72.27.0.255'].map(same);
  const currents =
    phases === 1
      ? [{ shown: '1.0.11.27.0.255', captured: '1.0.31.27.0.255' }]
      : ['1.0.31.27.0.255', '1.0.51.27.0.255', '1.0.71.27.0.255'].map(same);
  const energies = ['1.0.1.29.0.255', '1.0.9.29.0.255', '1.0.2.29.0.255', '1.0.10.29.0.255'].map(same);
  return [...currents, ...voltages, ...energies];
}

export const is15959Profile: CompanionProfile = {
  name: 'is15959',
  title: 'IS 15959 parts 1 to 3 (India)',
  clients,
  defaults: ({ phases }): ProfileDefaults => ({
    eventScheme: 'is15959',
    demand: { periodSeconds: blockSeconds },
    profiles: {
      blockLoad: {
        periodSeconds: blockSeconds,
        capacity: (daysOfBlocks * secondsInDay) / blockSeconds,
        capture: blockColumns(phases).map(({ captured }) => registerValue(captured)),
      },
    },
  }),
  objects: (shape) => [
    ...deviceObjects(),
    ...nameplateObjects(),
    ...instantaneousObjects(shape),
    ...blockLoadObjects(shape),
    ...dailyLoadObjects(),
    ...billingObjects(shape),
    ...eventObjects(),
    ...programmableObjects(),
    ...controlObjects(),
  ],
};

const isPublic = true;

function deviceObjects(): CosemObject[] {
  return [
    clockObject({ isPublic, label: 'Real time clock' }),
    logicalDeviceNameObject({ isPublic, label: 'Logical device name' }),
    sapAssignmentObject(),
    associationObject(standardObis.association),
    associationObject('0.0.40.0.1.255', 16),
    associationObject('0.0.40.0.2.255', 32),
    associationObject('0.0.40.0.3.255', 48),
    associationObject('0.0.40.0.4.255', 64),
    associationObject('0.0.40.0.5.255', 80),
    associationSnObject(),
    securitySetupObject(standardObis.securitySetup, 'management'),
    securitySetupObject('0.0.43.0.2.255', 'reader'),
    frameCounterObject('0.0.43.1.2.255', 'reader', { label: 'Invocation counter, MR' }),
    frameCounterObject('0.0.43.1.3.255', 'management', { label: 'Invocation counter, US' }),
  ];
}

function nameplateObjects(): CosemObject[] {
  const rows = [
    { obis: '0.0.96.1.0.255', label: 'Meter serial number', text: serialOf },
    { obis: '0.0.96.1.1.255', label: 'Manufacturer name', text: () => 'WATTLINE' },
    { obis: '1.0.0.2.0.255', label: 'Firmware version', text: firmwareOf },
    {
      obis: '0.0.94.91.11.255',
      label: 'Meter category',
      text: ({ spec }: Parts) => (spec.phases === 1 ? 'D1' : 'D2'),
    },
    {
      obis: '0.0.94.91.12.255',
      label: 'Current rating',
      text: ({ spec }: Parts) => (spec.phases === 1 ? '5-30A' : '10-60A'),
    },
  ];
  const typeObis = '0.0.94.91.9.255';
  const yearObis = '0.0.96.1.4.255';
  return [
    ...rows.map(({ obis, label, text }) =>
      textObject(obis, text, { isPublic: obis === '0.0.96.1.0.255', label }),
    ),
    // 6: single phase, 7: three phase four wire (part 2, smart meters).
    dataObject(typeObis, (w, { spec }) => w.unsigned(spec.phases === 1 ? 6 : 7), { label: 'Meter type' }),
    dataObject(yearObis, (w, { spec }) => w.longUnsigned(yearOf(spec.startMs)), {
      label: 'Year of manufacture',
    }),
    snapshotProfile(
      '0.0.94.91.10.255',
      [...rows.map(({ obis }) => dataValue(obis)), dataValue(typeObis), dataValue(yearObis)],
      { label: 'Name plate details' },
    ),
  ];
}

type Parts = Parameters<Parameters<typeof textObject>[1]>[0];
const serialOf = ({ spec }: Parts) => spec.serial;
const firmwareOf = ({ firmware }: Parts) => firmware.running('application').version;

function yearOf(atMs: number): number {
  return Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO('UTC').year;
}

/** Voltage, current and power factor: of the one phase without its number, or of each. */
function phaseRows(phases: 1 | 3): RegisterRow[] {
  const groups =
    phases === 1
      ? [{ current: 11, voltage: 12, factor: undefined, name: '' }]
      : [
          { current: 31, voltage: 32, factor: 33, name: ', R' },
          { current: 51, voltage: 52, factor: 53, name: ', Y' },
          { current: 71, voltage: 72, factor: 73, name: ', B' },
        ];
  return groups.flatMap(({ current, voltage, factor, name }, phase): RegisterRow[] => [
    {
      obis: `1.0.${current}.7.0.255`,
      label: `Current${name}`,
      unit: 'A',
      scaler: -2,
      as: 'double-long-unsigned',
      value: ofPhase(phase, ({ currentA }) => currentA),
    },
    {
      obis: `1.0.${voltage}.7.0.255`,
      label: `Voltage${name}`,
      unit: 'V',
      scaler: -1,
      as: 'long-unsigned',
      value: ofPhase(phase, ({ voltageV }) => voltageV),
    },
    ...(factor === undefined
      ? []
      : [
          {
            obis: `1.0.${factor}.7.0.255`,
            label: `Signed power factor${name}`,
            unit: 'none',
            scaler: -3,
            as: 'long',
            value: ofPhase(phase, ({ activeW, apparentVa }) => (apparentVa === 0 ? 1 : activeW / apparentVa)),
          } as const,
        ]),
  ]);
}

const powerRows: readonly RegisterRow[] = [
  {
    obis: '1.0.13.7.0.255',
    label: 'Signed power factor',
    unit: 'none',
    scaler: -3,
    as: 'long',
    value: powerFactor,
  },
  {
    obis: '1.0.14.7.0.255',
    label: 'Frequency',
    unit: 'Hz',
    scaler: -2,
    as: 'long-unsigned',
    value: frequencyHz,
  },
  {
    obis: '1.0.9.7.0.255',
    label: 'Apparent power',
    unit: 'VA',
    scaler: 0,
    as: 'double-long-unsigned',
    value: (parts) => parts.quantities().apparentVa,
  },
  {
    obis: '1.0.1.7.0.255',
    label: 'Active power',
    unit: 'W',
    scaler: 0,
    as: 'double-long-unsigned',
    value: importW,
  },
  {
    obis: '1.0.3.7.0.255',
    label: 'Signed reactive power',
    unit: 'var',
    scaler: 0,
    as: 'double-long',
    value: (parts) => parts.quantities().reactiveVar,
  },
];

const importWh = '1.0.1.8.0.255';
const exportWh = '1.0.2.8.0.255';
const importVah = '1.0.9.8.0.255';
const exportVah = '1.0.10.8.0.255';
const maximumW = '1.0.1.6.0.255';
const maximumVa = '1.0.9.6.0.255';

function instantaneousObjects({ phases, rates }: MeterShape): CosemObject[] {
  const phase = phaseRows(phases);
  const energies: RegisterRow[] = [
    energyRow(importWh, energyTotal('delivered'), { isPublic, label: 'Cumulative energy, kWh (import)' }),
    energyRow(exportWh, energyTotal('received'), { label: 'Cumulative energy, kWh (export)' }),
    {
      ...energyRow(importVah, energyTotal('apparentDelivered'), {
        label: 'Cumulative energy, kVAh (import)',
      }),
      unit: 'VAh',
    },
    {
      ...energyRow(exportVah, energyTotal('apparentReceived'), { label: 'Cumulative energy, kVAh (export)' }),
      unit: 'VAh',
    },
  ];
  const counts: RegisterRow = {
    obis: '0.0.94.91.14.255',
    label: 'Cumulative power ON duration in minutes',
    unit: 'min',
    scaler: 0,
    as: 'double-long-unsigned',
    value: ({ metrology }) => Math.floor(metrology.poweredMs / 60_000),
  };
  const columns = [
    clockTime,
    ...[...phase, ...powerRows, ...energies].map(({ obis }) => registerValue(obis)),
    ...maximumValue(maximumW),
    ...maximumValue(maximumVa),
    registerValue(counts.obis),
    ...['0.0.94.91.0.255', '0.0.0.1.0.255', '0.0.96.2.0.255'].map(dataValue),
    { classId: 70, obis: standardObis.disconnectControl, attribute: 2 },
    { classId: 71, obis: '0.0.17.0.0.255', attribute: 3 },
  ];
  return [
    ...registers([...phase, ...powerRows, ...energies, counts]),
    ...registers(
      Array.from({ length: rates }, (_, index) => [
        energyRow(`1.0.1.8.${index + 1}.255`, energyTotal('delivered', index + 1), {
          label: `Energy, kWh, TZ${index + 1}`,
        }),
        {
          ...energyRow(`1.0.9.8.${index + 1}.255`, energyTotal('apparentDelivered', index + 1), {
            label: `Energy, kVAh, TZ${index + 1}`,
          }),
          unit: 'VAh' as const,
        },
      ]).flat(),
    ),
    demandObject('delivered', { label: 'Demand, kW' }),
    maximumObject('delivered', 0, { label: 'Maximum demand, kW' }),
    maximumObject('apparentDelivered', 0, { label: 'Maximum demand, kVA' }),
    dataObject('0.0.94.91.0.255', (w, { eventRecorder }) => w.doubleLongUnsigned(eventRecorder.tamperCount), {
      label: 'Cumulative tamper count',
    }),
    dataObject('0.0.0.1.0.255', (w, { books }) => w.doubleLongUnsigned(books.billing.count), {
      label: 'Cumulative billing count',
    }),
    dataObject(
      '0.0.96.2.0.255',
      (w, { eventRecorder }) => w.doubleLongUnsigned(transactionsIn(eventRecorder)),
      {
        label: 'Cumulative programming count',
      },
    ),
    snapshotProfile('1.0.94.91.0.255', columns, { label: 'Instantaneous profile' }),
    scalerProfile('1.0.94.91.3.255', columns, { label: 'Scaler profile, instantaneous' }),
  ];
}

const transactionsIn = (recorder: Parts['eventRecorder']) => recorder.log(is15959Log.transaction).ring.length;

function blockLoadObjects({ phases }: MeterShape): CosemObject[] {
  const columns = blockColumns(phases).map(({ shown }) => registerValue(shown));
  return [
    capturedProfile('1.0.99.1.0.255', { name: 'blockLoad', columns }, { label: 'Block load profile' }),
    ...registers(
      columns
        .filter(({ obis }) => obis.includes('.27.'))
        .map(({ obis }): RegisterRow => {
          const isVoltage = /^1\.0\.(12|32|52|72)\./.test(obis);
          return {
            obis,
            label: `Average ${isVoltage ? 'voltage' : 'current'} of the block`,
            unit: isVoltage ? 'V' : 'A',
            scaler: isVoltage ? -1 : -2,
            as: isVoltage ? 'long-unsigned' : 'double-long-unsigned',
            value: lastCaptured(capturedAs(obis, phases), isVoltage ? 10 : 100),
          };
        }),
    ),
    ...registers(
      columns
        .filter(({ obis }) => obis.includes('.29.'))
        .map(
          ({ obis }): RegisterRow => ({
            ...energyRow(obis, lastCaptured(capturedAs(obis, phases), 1), {
              label: 'Energy of the block',
            }),
            unit: /^1\.0\.(9|10)\./.test(obis) ? 'VAh' : 'Wh',
          }),
        ),
    ),
    scalerProfile('1.0.94.91.4.255', columns, { label: 'Scaler profile, block load' }),
  ];
}

const capturedAs = (shown: string, phases: 1 | 3) =>
  blockColumns(phases).find((one) => one.shown === shown)?.captured ?? shown;

/** A quantity of the last block, in units; 0 while blocks do not capture it. */
const lastCaptured =
  (obis: string, perUnit: number) =>
  ({ books }: Parts) => {
    const profile = books.profiles.get('blockLoad');
    const index = profile?.setup.quantities.findIndex((quantity) => quantity.obis === obis) ?? -1;
    if (!profile || index < 0 || profile.ring.length === 0) return 0;
    return profile.ring.at(captureColumn.firstQuantity + index, profile.ring.length - 1) / perUnit;
  };

/** Registers at midnight; apparent energy is not kept by the day. */
function dailyLoadObjects(): CosemObject[] {
  const columns = [registerValue(importWh), registerValue(exportWh)];
  return [
    ringProfile({
      obis: '1.0.99.2.0.255',
      label: 'Daily load profile',
      ringOf: ({ metrology }) => metrology.dailyProfile.ring,
      capturePeriodSeconds: () => secondsInDay,
      columns: [
        clockColumn,
        counterColumn(importWh, dailyProfileColumn.delivered),
        counterColumn(exportWh, dailyProfileColumn.received),
      ],
    }),
    scalerProfile('1.0.94.91.5.255', columns, { label: 'Scaler profile, daily load' }),
  ];
}

function billingObjects({ rates }: MeterShape): CosemObject[] {
  const zones = Array.from({ length: rates }, (_, index) => index + 1);
  const columns = [
    billingDate(dataValue('0.0.0.1.2.255')),
    billedNumber(registerValue('1.0.13.0.0.255'), (w, { powerFactorThousandths }) =>
      w.long(powerFactorThousandths ?? 1000),
    ),
    ...[0, ...zones].map((zone) => billedEnergy(`1.0.1.8.${zone}.255`, 'delivered', zone)),
    ...[0, ...zones].map((zone) => billedEnergy(`1.0.9.8.${zone}.255`, 'apparentDelivered', zone)),
    ...billedMaximum(maximumW, 'delivered'),
    ...billedMaximum(maximumVa, 'apparentDelivered'),
    billedNumber(registerValue('0.0.94.91.13.255'), (w, { powerOnMinutes }) =>
      w.doubleLongUnsigned(powerOnMinutes),
    ),
    billedEnergy(exportWh, 'received'),
    billedEnergy(exportVah, 'apparentReceived'),
  ];
  return [
    billingProfile('1.0.98.1.0.255', columns, { label: 'Billing profile' }),
    dataObject('0.0.0.1.2.255', (w, parts) => writeBillingDate(w, parts), { label: 'Billing date' }),
    ...registers([
      {
        obis: '1.0.13.0.0.255',
        label: 'Average power factor of the billing period',
        unit: 'none',
        scaler: -3,
        as: 'long',
        value: ({ books }) => (books.billing.snapshots.at(-1)?.powerFactorThousandths ?? 1000) / 1000,
      },
      {
        obis: '0.0.94.91.13.255',
        label: 'Power ON duration of the billing period in minutes',
        unit: 'min',
        scaler: 0,
        as: 'double-long-unsigned',
        value: ({ books }) => books.billing.snapshots.at(-1)?.powerOnMinutes ?? 0,
      },
    ]),
    scalerProfile('1.0.94.91.6.255', columns, { label: 'Scaler profile, billing' }),
  ];
}

function writeBillingDate(...[writer, { books, clock }]: Parameters<Parameters<typeof dataObject>[1]>): void {
  const { nextMs } = books.billing;
  const { offsetMinutes } = clock.zone.stretchAt(nextMs);
  writer.dateTime(nextMs, offsetMinutes);
}

const logNames = ['Voltage', 'Current', 'Power failure', 'Transaction', 'Other', 'Non rollover', 'Control'];

/** Event logs 0.0.99.98.e with the code of their last event in 0.0.96.11.e. */
function eventObjects(): CosemObject[] {
  const logs = Object.values(is15959Log);
  return logs.flatMap((log) => {
    const codeObis = `0.0.96.11.${log}.255`;
    const label = `${logNames[log]} related events`;
    const hasSnapshot = log !== is15959Log.power && log < is15959Log.transaction;
    return [
      dataObject(codeObis, lastCodeOf(log), { label: `Event code, ${label}` }),
      eventLogProfile(`0.0.99.98.${log}.255`, { log, codeObis, hasSnapshot }, { label }),
    ];
  });
}

function programmableObjects(): CosemObject[] {
  return [
    parameterObject(
      '1.0.0.8.0.255',
      {
        type: longUnsigned(60),
        parameter: 'demand-period',
        read: ({ books }) => books.demands.of('delivered')?.period.periodSeconds ?? 0,
        value: (periodSeconds) => ({ periodSeconds, numberOfPeriods: 1 }),
      },
      { label: 'Demand integration period' },
    ),
    parameterObject(
      '1.0.0.8.4.255',
      {
        type: longUnsigned(60),
        parameter: 'profile/blockLoad',
        read: ({ books }) => books.profiles.get('blockLoad')?.setup.periodSeconds ?? 0,
        value: (periodSeconds) => ({ periodSeconds }),
      },
      { label: 'Profile capture period' },
    ),
    ...prepaidObjects(),
    ...billingEndObjects('1.0.98.1.0.255'),
    activityCalendarObject(),
    specialDaysObject(),
    scriptTableObject('0.0.10.0.100.255', { label: 'Tariffication script table' }),
  ];
}

/** Payment (IS 15959-2, smart meters): the account of the meter, in hundredths of the currency. */
function prepaidObjects(): CosemObject[] {
  const whole = (obis: string, label: string, read: (parts: Parts) => number) =>
    dataObject(obis, (w, parts) => w.doubleLong(within32(read(parts))), { label });
  const time = (obis: string, label: string, atMs: (parts: Parts) => number | undefined) =>
    dataObject(obis, (w, parts) => writeInstant(w, parts, atMs(parts)), { label });
  return [
    dataObject('0.0.94.96.19.255', (w, { spec }) => w.unsigned(ratingsOf(spec).isBidirectional ? 1 : 0), {
      label: 'Metering mode',
    }),
    parameterObject(
      '0.0.94.96.20.255',
      {
        type: unsigned(0, 1),
        parameter: 'payment',
        read: ({ payment }) => (payment.settings.mode === 'prepaid' ? 1 : 0),
        value: (mode, { payment }) => ({
          ...(JSON.parse(JSON.stringify(payment.settings)) as Record<string, Json>),
          mode: mode === 1 ? 'prepaid' : 'postpaid',
        }),
      },
      { label: 'Payment mode' },
    ),
    whole(
      '0.0.94.96.21.255',
      'Last token recharge amount',
      ({ payment }) => payment.lastRecharge?.amount ?? 0,
    ),
    time('0.0.94.96.22.255', 'Last token recharge time', ({ payment }) => payment.lastRecharge?.atMs),
    whole(
      '0.0.94.96.23.255',
      'Total amount at last recharge',
      ({ payment }) => payment.lastRecharge?.balance ?? 0,
    ),
    whole('0.0.94.96.24.255', 'Current balance amount', ({ payment }) => payment.balance),
    time('0.0.94.96.25.255', 'Current balance time', (parts) => parts.nowMs()),
  ];
}

function writeInstant(
  ...[w, { clock }, atMs]: [...Parameters<Parameters<typeof dataObject>[1]>, number?]
): unknown {
  if (atMs === undefined) return w.octetString(notSpecified['date-time']);
  return w.dateTime(atMs, clock.zone.stretchAt(atMs).offsetMinutes);
}

function controlObjects(): CosemObject[] {
  return [
    disconnectControlObject(),
    scriptTableObject('0.0.10.0.106.255', {
      label: 'Disconnector script table',
      initial: { 2: switchScripts },
    }),
    limiterObject({ label: 'Load limit' }),
    imageTransferObject(),
    displayObject(),
    ...outageObjects(),
    ...carbonObjects(),
    ...parameterObjects(),
    ...imageActivationObjects(),
    pushSetupObject(
      '0.0.25.9.0.255',
      [dataValue(standardObis.logicalDeviceName), clockTime, registerValue(importWh)],
      {
        label: 'Push setup, periodic',
      },
    ),
    pushSetupObject(
      '0.4.25.9.0.255',
      [dataValue(standardObis.logicalDeviceName), clockTime, dataValue('0.0.96.11.2.255')],
      {
        label: 'Push setup, alert',
      },
    ),
  ];
}
