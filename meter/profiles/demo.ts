/** The companion profile `demo`: objects as data, after IDIS package 2 and the Blue Book's standard codes (IEC 62056-6-1). */
import type { CompanionProfile, MeterShape } from '../cosem/built-profile.ts';
import type { ClientRow } from '../cosem/clients.ts';
import type { CosemObject } from '../cosem/cosem-object.ts';
import { dataSetting } from '../cosem/data.ts';
import { octets } from '../cosem/data-type.ts';
import { eventLogColumn } from '../events/event-log.ts';
import { powerPushSetup } from '../power/power-push.ts';
import { dailyProfileColumn } from '../registers/daily-profile.ts';
import { loadProfileColumn } from '../registers/load-profile.ts';
import { imageTransferObject, settingsObject } from './behaviour-objects.ts';
import { carbonObjects } from './carbon-objects.ts';
import {
  activityCalendarObject,
  associationObject,
  clockObject,
  disconnectControlObject,
  frameCounterObject,
  limiterObject,
  logicalDeviceNameObject,
  pushSetupObject,
  sapAssignmentObject,
  securitySetupObject,
  standardObis,
} from './common-objects.ts';
import { displayObject } from './display-objects.ts';
import {
  deliveredWh,
  energyRow,
  furtherTotals,
  momentaryRegisters,
  phaseRegisters,
  rateWh,
  receivedWh,
} from './energy-objects.ts';
import { longOutageObjects } from './outage-objects.ts';
import { parameterObjects } from './parameter-objects.ts';
import { clockColumn, codeColumn, counterColumn, loadProfile, ringProfile } from './ring-profiles.ts';
import { dataObject, registers, textObject } from './value-objects.ts';
import { waveformObjects } from './waveform-objects.ts';

const clients: readonly ClientRow[] = [
  { name: 'public', clientSap: 16, role: 'public', mechanism: 'none', protection: 'none' },
  { name: 'reader', clientSap: 2, role: 'reader', mechanism: 'gmac', protection: 'ae' },
  { name: 'management', clientSap: 1, role: 'management', mechanism: 'gmac', protection: 'ae' },
];

const obis = {
  serial: '0.0.96.1.0.255',
  profileStatus: '0.0.96.10.1.255',
  eventCode: '0.0.96.11.0.255',
  outageCount: '0.0.96.7.21.255',
  lastOutage: '0.0.96.7.19.255',
  deliveredTotal: '1.0.1.8.0.255',
  receivedTotal: '1.0.2.8.0.255',
  lastDelivered: '1.0.1.29.0.255',
  lastReceived: '1.0.2.29.0.255',
} as const;
const deliveredRate = (rate: number) => `1.0.1.8.${rate}.255`;
const isPublic = true;

export const demoProfile: CompanionProfile = {
  name: 'demo',
  title: 'Wattline demonstration, after IDIS package 2',
  clients,
  objects: (shape) => [
    logicalDeviceNameObject(),
    textObject(obis.serial, ({ spec }) => spec.serial, { isPublic }),
    clockObject(),
    frameCounterObject('0.0.43.1.1.255', 'management'),
    frameCounterObject('0.0.43.1.2.255', 'reader'),
    ...energyObjects(shape),
    ...registers([...phaseRegisters(shape.phases), ...momentaryRegisters]),
    ...profileObjects(shape),
    ...waveformObjects(shape),
    displayObject(),
    ...carbonObjects(),
    ...parameterObjects(),
    dataObject(obis.profileStatus, (w, { metrology }) => w.unsigned(metrology.status)),
    dataObject(obis.eventCode, (w, { eventRecorder }) => w.unsigned(eventRecorder.lastCode & 0xff)),
    dataObject(obis.outageCount, (w, { outages }) => w.longUnsigned(outages.count & 0xffff)),
    ...registers([
      {
        obis: obis.lastOutage,
        unit: 's',
        scaler: 0,
        as: 'double-long-unsigned',
        value: ({ outages }) => outages.lastSeconds,
      },
    ]),
    ...longOutageObjects(),
    activityCalendarObject(),
    disconnectControlObject(),
    pushSetupObject(powerPushSetup, [
      { classId: 1, obis: standardObis.logicalDeviceName, attribute: 2 },
      { classId: 40, obis: powerPushSetup, attribute: 1 },
      { classId: 8, obis: standardObis.clock, attribute: 2 },
      { classId: 1, obis: obis.eventCode, attribute: 2 },
      { classId: 3, obis: obis.lastOutage, attribute: 2 },
    ]),
    associationObject(standardObis.association),
    sapAssignmentObject(),
    securitySetupObject(standardObis.securitySetup, 'management'),
    securitySetupObject('0.0.43.0.1.255', 'reader'),
    ...serviceObjects(),
  ],
};

/** What a utility works on from afar: firmware, load limit, text and signal to the customer. */
function serviceObjects(): CosemObject[] {
  return [
    textObject('1.0.0.2.0.255', ({ firmware }) => firmware.running('application').version, {
      label: 'Active firmware identifier',
    }),
    imageTransferObject(),
    limiterObject({ label: 'Limiter' }),
    settingsObject(dataSetting(octets(0, 1024)), '0.0.96.13.0.255', { label: 'Consumer message text' }),
    settingsObject(dataSetting(octets(0, 64)), '0.0.96.13.1.255', { label: 'Consumer message code' }),
  ];
}

function energyObjects({ rates }: MeterShape): CosemObject[] {
  return registers([
    energyRow(obis.deliveredTotal, deliveredWh, { isPublic }),
    ...Array.from({ length: rates }, (_, index) => energyRow(deliveredRate(index + 1), rateWh(index + 1))),
    energyRow(obis.receivedTotal, receivedWh),
    ...furtherTotals(),
    energyRow(obis.lastDelivered, ({ metrology }) => metrology.lastDeliveredWh),
    energyRow(obis.lastReceived, ({ metrology }) => metrology.lastReceivedWh),
  ]);
}

function profileObjects({ rates }: MeterShape): CosemObject[] {
  return [
    loadProfile([
      clockColumn,
      codeColumn(obis.profileStatus, loadProfileColumn.status),
      counterColumn(obis.lastDelivered, loadProfileColumn.delivered),
      counterColumn(obis.lastReceived, loadProfileColumn.received),
    ]),
    ringProfile({
      obis: '1.0.99.2.0.255',
      ringOf: ({ metrology }) => metrology.dailyProfile.ring,
      capturePeriodSeconds: () => 86_400,
      columns: [
        clockColumn,
        codeColumn(obis.profileStatus, loadProfileColumn.status),
        counterColumn(obis.deliveredTotal, dailyProfileColumn.delivered),
        ...Array.from({ length: rates }, (_, index) =>
          counterColumn(deliveredRate(index + 1), dailyProfileColumn.firstRate + index),
        ),
        counterColumn(obis.receivedTotal, dailyProfileColumn.received),
      ],
    }),
    ringProfile({
      obis: '0.0.99.98.0.255',
      ringOf: ({ events }) => events.ring,
      capturePeriodSeconds: () => 0,
      columns: [clockColumn, codeColumn(obis.eventCode, eventLogColumn.code)],
    }),
  ];
}
