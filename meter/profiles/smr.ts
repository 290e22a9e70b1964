/** The companion profile `smr`: Dutch Smart Meter Requirements (DSMR / SMR 5), electricity meter with M-Bus channels and the values of port P1. */
import type { CompanionProfile, MeterShape, ProfileDefaults } from '../cosem/built-profile.ts';
import type { ClientRow } from '../cosem/clients.ts';
import type { CosemObject } from '../cosem/cosem-object.ts';
import { idisLog } from '../events/tamper-conditions.ts';
import { dailyProfileColumn } from '../registers/daily-profile.ts';
import { alarmObjects, raiseAlarm } from './alarms.ts';
import { billedEnergy, billingDate, billingProfile } from './captured-profiles.ts';
import { frameCounterObject, pushSetupObject, standardObis } from './common-objects.ts';
import {
  activeRate,
  energyRow,
  energyTotal,
  momentaryRegisters,
  ofPhase,
  phaseGroups,
  phaseRegisters,
} from './energy-objects.ts';
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
import { clockTime, dataValue } from './snapshot-profiles.ts';
import { dataObject, type RegisterRow, registers } from './value-objects.ts';

/** Client SAPs of P3: management 1, readout 2, installation 3, public 16. */
const clients: readonly ClientRow[] = [
  { name: 'public', clientSap: 16, role: 'public', mechanism: 'none', protection: 'none' },
  { name: 'management', clientSap: 1, role: 'management', mechanism: 'gmac', protection: 'ae' },
  { name: 'reader', clientSap: 2, role: 'reader', mechanism: 'gmac', protection: 'ae' },
  {
    name: 'installation',
    clientSap: 3,
    role: 'reader',
    mechanism: 'gmac',
    protection: 'ae',
    classes: [1, 3, 7, 8, 15, 72],
  },
];

const status = '0.0.96.10.2.255';
const secondsInDay = 86_400;

export const smrProfile: CompanionProfile = {
  name: 'smr',
  title: 'DSMR / SMR 5 (Netherlands)',
  clients,
  defaults: (): ProfileDefaults => ({ eventScheme: 'idis' }),
  raiseAlarm,
  objects: (shape) => [
    ...managementObjects(clients.map(({ clientSap }) => clientSap)),
    frameCounterObject('0.0.43.1.0.255', 'management', { label: 'Frame counter, management' }),
    frameCounterObject('0.0.43.1.1.255', 'reader', { label: 'Frame counter, readout' }),
    ...p1Objects(shape),
    ...profileObjects(shape),
    ...eventLogObjects(logs),
    ...alarmObjects(),
    errorRegisterObject(),
    ...controlObjects(),
    pushSetupObject('0.0.25.9.0.255', [dataValue(standardObis.logicalDeviceName), clockTime], {
      label: 'Push setup',
    }),
    ...pushScheduleObjects('0.0.25.9.0.255'),
    ...mBusObjects(),
    ...supplyObjects(),
  ],
};

/** What the telegram of P1 carries: registers by tariff, power of each phase, the tariff that runs. */
function p1Objects({ phases, rates }: MeterShape): CosemObject[] {
  const tariffs = Array.from({ length: rates + 1 }, (_, rate) => rate);
  const power = phaseGroups.slice(0, phases).flatMap(({ power: c }, phase): RegisterRow[] =>
    ([1, -1] as const).map((sign) => ({
      obis: `1.0.${sign === 1 ? c : c + 1}.7.0.255`,
      label: `Instantaneous active power ${sign === 1 ? '(+P)' : '(-P)'} L${phase + 1}`,
      unit: 'W',
      scaler: 0,
      as: 'double-long-unsigned',
      value: ofPhase(phase, ({ activeW }) => Math.max(0, sign * activeW)),
    })),
  );
  return [
    ...registers([
      ...tariffs.map((rate) =>
        energyRow(`1.0.1.8.${rate}.255`, energyTotal('delivered', rate), {
          label:
            rate === 0
              ? 'Electricity delivered to client'
              : `Electricity delivered to client, tariff ${rate}`,
          isPublic: rate === 0,
        }),
      ),
      ...tariffs.map((rate) =>
        energyRow(`1.0.2.8.${rate}.255`, energyTotal('received', rate), {
          label:
            rate === 0
              ? 'Electricity delivered by client'
              : `Electricity delivered by client, tariff ${rate}`,
        }),
      ),
      ...phaseRegisters(phases),
      ...power,
      ...momentaryRegisters,
    ]),
    dataObject('0.0.96.14.0.255', (w, parts) => w.octetString(Uint8Array.of(activeRate(parts))), {
      label: 'Tariff indicator electricity',
    }),
    dataObject('1.3.0.2.8.255', (w) => w.octetString(Buffer.from('50')), {
      label: 'Version information for P1 output',
    }),
  ];
}

function profileObjects({ rates }: MeterShape): CosemObject[] {
  const tariffs = Array.from({ length: rates }, (_, index) => index + 1);
  return [
    ...loadProfileObjects(status),
    ringProfile({
      obis: '1.0.99.2.0.255',
      label: 'Daily values',
      ringOf: ({ metrology }) => metrology.dailyProfile.ring,
      capturePeriodSeconds: () => secondsInDay,
      columns: [
        clockColumn,
        codeColumn(status, dailyProfileColumn.status),
        ...tariffs.map((rate) =>
          counterColumn(`1.0.1.8.${rate}.255`, dailyProfileColumn.firstRate + rate - 1),
        ),
        counterColumn('1.0.2.8.0.255', dailyProfileColumn.received),
      ],
    }),
    billingProfile(
      '0.0.98.1.0.255',
      [
        billingDate(clockTime),
        ...tariffs.map((rate) => billedEnergy(`1.0.1.8.${rate}.255`, 'delivered', rate)),
        billedEnergy('1.0.2.8.0.255', 'received'),
      ],
      { label: 'Monthly billing values' },
    ),
    ...billingEndObjects('0.0.98.1.0.255'),
  ];
}

const logs = [
  [idisLog.standard, 'Standard event log'],
  [idisLog.fraud, 'Fraud detection log'],
  [idisLog.disconnector, 'Control log'],
  [3, 'M-Bus event log'],
  [5, 'Communication session log'],
] as const;
