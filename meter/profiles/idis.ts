/** The companion profile `idis`: IDIS package 2 and 3, electricity meters for direct connection. */
import type { CompanionProfile, MeterShape, ProfileDefaults } from '../cosem/built-profile.ts';
import type { ClientRow } from '../cosem/clients.ts';
import type { CosemObject } from '../cosem/cosem-object.ts';
import { idisLog } from '../events/tamper-conditions.ts';
import { dailyProfileColumn } from '../registers/daily-profile.ts';
import { alarmObjects, raiseAlarm } from './alarms.ts';
import {
  billedEnergy,
  billedMaximum,
  billingDate,
  billingProfile,
  capturedProfile,
} from './captured-profiles.ts';
import { frameCounterObject, pushSetupObject, standardObis } from './common-objects.ts';
import { demandObject, maximumObject } from './demand-objects.ts';
import { activeRate, energyRow, energyTotal, momentaryRegisters, phaseRegisters } from './energy-objects.ts';
import {
  controlObjects,
  errorRegisterObject,
  eventLogObjects,
  loadProfileObjects,
  managementObjects,
  mBusObjects,
  supplyObjects,
} from './european-objects.ts';
import { clockColumn, codeColumn, counterColumn, ringProfile } from './ring-profiles.ts';
import { billingEndObjects, pushScheduleObjects } from './scripts.ts';
import { clockTime, dataValue, registerValue } from './snapshot-profiles.ts';
import { dataObject, registers } from './value-objects.ts';

/** Client SAPs of package 2: public, management, pre-established; the reader has the rights of a data collector. */
const clients: readonly ClientRow[] = [
  { name: 'public', clientSap: 16, role: 'public', mechanism: 'none', protection: 'none' },
  { name: 'management', clientSap: 1, role: 'management', mechanism: 'gmac', protection: 'ae' },
  { name: 'reader', clientSap: 2, role: 'reader', mechanism: 'gmac', protection: 'ae' },
  {
    name: 'pre-established',
    clientSap: 102,
    role: 'reader',
    mechanism: 'gmac',
    protection: 'ae',
    classes: [1, 8, 9, 15, 70],
  },
];

const status1 = '0.0.96.10.1.255';
const status2 = '0.0.96.10.2.255';
const secondsInDay = 86_400;
/** Average voltages of ten minutes: the power quality profile. */
const qualitySeconds = 600;
const voltageMeans = (phases: 1 | 3) => [32, 52, 72].slice(0, phases).map((c) => `1.0.${c}.27.0.255`);

export const idisProfile: CompanionProfile = {
  name: 'idis',
  title: 'IDIS package 2 and 3',
  clients,
  defaults: ({ phases }): ProfileDefaults => ({
    eventScheme: 'idis',
    profiles: {
      powerQuality: {
        periodSeconds: qualitySeconds,
        capacity: (10 * secondsInDay) / qualitySeconds,
        capture: voltageMeans(phases).map(registerValue),
      },
    },
  }),
  raiseAlarm,
  objects: (shape) => [
    ...managementObjects(clients.map(({ clientSap }) => clientSap)),
    frameCounterObject('0.0.43.1.0.255', 'management', { label: 'Frame counter, management' }),
    frameCounterObject('0.0.43.1.1.255', 'reader', { label: 'Frame counter, reader' }),
    ...measurementObjects(shape),
    ...profileObjects(shape),
    ...eventLogObjects(logs),
    ...alarmObjects(),
    errorRegisterObject(),
    ...controlObjects(),
    ...pushObjects(),
    ...mBusObjects(),
    ...supplyObjects(),
  ],
};

const energies = [
  ['1.0.1.8', 'delivered', 'Active energy import (+A)', 'Wh'],
  ['1.0.2.8', 'received', 'Active energy export (-A)', 'Wh'],
  ['1.0.5.8', 'reactiveQ1', 'Reactive energy QI (+Ri)', 'varh'],
  ['1.0.6.8', 'reactiveQ2', 'Reactive energy QII (+Rc)', 'varh'],
  ['1.0.7.8', 'reactiveQ3', 'Reactive energy QIII (-Ri)', 'varh'],
  ['1.0.8.8', 'reactiveQ4', 'Reactive energy QIV (-Rc)', 'varh'],
] as const;

function measurementObjects({ phases, rates }: MeterShape): CosemObject[] {
  return [
    ...registers(
      energies.flatMap(([name, kind, label, unit]) =>
        Array.from({ length: rates + 1 }, (_, rate) => ({
          ...energyRow(`${name}.${rate}.255`, energyTotal(kind, rate), {
            label: rate === 0 ? label : `${label} rate ${rate}`,
            isPublic: rate === 0 && kind === 'delivered',
          }),
          unit,
        })),
      ),
    ),
    ...registers([...phaseRegisters(phases), ...momentaryRegisters]),
    demandObject('delivered', { label: 'Demand register 1, active energy import (+A)' }),
    ...Array.from({ length: rates + 1 }, (_, rate) =>
      maximumObject('delivered', rate, { label: `Maximum demand register 1, +A, rate ${rate}` }),
    ),
    dataObject('0.0.96.14.0.255', (w, parts) => w.octetString(Uint8Array.of(activeRate(parts))), {
      label: 'Currently active energy tariff',
    }),
  ];
}

function profileObjects({ phases, rates }: MeterShape): CosemObject[] {
  const zones = Array.from({ length: rates }, (_, index) => index + 1);
  return [
    ...loadProfileObjects(status1),
    dataObject(status2, (w, { metrology }) => w.unsigned(metrology.status), {
      label: 'AMR profile status, load profile 2',
    }),
    ringProfile({
      obis: '1.0.99.2.0.255',
      label: 'Load profile with period 2',
      ringOf: ({ metrology }) => metrology.dailyProfile.ring,
      capturePeriodSeconds: () => secondsInDay,
      columns: [
        clockColumn,
        codeColumn(status2, dailyProfileColumn.status),
        counterColumn('1.0.1.8.0.255', dailyProfileColumn.delivered),
        ...zones.map((zone) => counterColumn(`1.0.1.8.${zone}.255`, dailyProfileColumn.firstRate + zone - 1)),
        counterColumn('1.0.2.8.0.255', dailyProfileColumn.received),
      ],
    }),
    billingProfile(
      '0.0.98.1.0.255',
      [
        billingDate(clockTime),
        ...[0, ...zones].map((zone) => billedEnergy(`1.0.1.8.${zone}.255`, 'delivered', zone)),
        billedEnergy('1.0.2.8.0.255', 'received'),
        ...billedMaximum('1.0.1.6.0.255', 'delivered'),
      ],
      { label: 'Data of billing period 1' },
    ),
    ...billingEndObjects('0.0.98.1.0.255'),
    capturedProfile(
      '1.0.99.14.0.255',
      { name: 'powerQuality', columns: voltageMeans(phases).map(registerValue) },
      { label: 'Power quality profile' },
    ),
  ];
}

const logs = [
  [idisLog.standard, 'Standard event log'],
  [idisLog.fraud, 'Fraud detection log'],
  [idisLog.disconnector, 'Disconnector control log'],
  [3, 'M-Bus event log'],
  [idisLog.powerQuality, 'Power quality log'],
  [5, 'Communication log'],
] as const;

function pushObjects(): CosemObject[] {
  const named = dataValue(standardObis.logicalDeviceName);
  return [
    pushSetupObject('0.0.25.9.0.255', [named, clockTime, registerValue('1.0.1.8.0.255')], {
      label: 'Push setup, interval 1',
    }),
    pushSetupObject('0.4.25.9.0.255', [named, clockTime, dataValue('0.0.97.98.20.255')], {
      label: 'Push setup, on alarm',
    }),
    pushSetupObject('0.7.25.9.0.255', [named, clockTime], { label: 'Push setup, on power down' }),
    ...pushScheduleObjects('0.0.25.9.0.255'),
  ];
}
