/** Objects that the European companion profiles (IDIS, SMR) share: alarms, M-Bus channels, power quality counts, schedules and scripts. */
import type { CosemObject } from '../cosem/cosem-object.ts';
import { dataSetting } from '../cosem/data.ts';
import { octets } from '../cosem/data-type.ts';
import { readable } from '../cosem/interface-class.ts';
import { iecHdlcSetup } from '../cosem/setup/iec-hdlc-setup.ts';
import { iecLocalPortSetup } from '../cosem/setup/iec-local-port-setup.ts';
import { mBusClient } from '../cosem/setup/m-bus-client.ts';
import { mBusMasterPortSetup } from '../cosem/setup/m-bus-master-port-setup.ts';
import { loadProfileColumn } from '../registers/load-profile.ts';
import {
  imageTransferObject,
  scriptTableObject,
  settingsObject,
  singleActionObject,
  specialDaysObject,
} from './behaviour-objects.ts';
import { eventLogProfile, lastCodeOf } from './captured-profiles.ts';
import { carbonObjects } from './carbon-objects.ts';
import {
  activityCalendarObject,
  associationObject,
  associationSnObject,
  clockObject,
  disconnectControlObject,
  limiterObject,
  logicalDeviceNameObject,
  sapAssignmentObject,
  securitySetupObject,
  standardObis,
} from './common-objects.ts';
import { displayObject } from './display-objects.ts';
import { energyRow } from './energy-objects.ts';
import { outageObjects } from './outage-objects.ts';
import { parameterObjects } from './parameter-objects.ts';
import { clockColumn, codeColumn, counterColumn, loadProfile } from './ring-profiles.ts';
import { imageActivationObjects, switchScripts } from './scripts.ts';
import { dataObject, registers, textObject } from './value-objects.ts';

const isPublic = true;

/** Names, clock, associations of the clients given by SAP. */
export function managementObjects(associations: readonly number[]): CosemObject[] {
  return [
    logicalDeviceNameObject({ isPublic, label: 'COSEM logical device name' }),
    textObject('0.0.96.1.0.255', ({ spec }) => spec.serial, {
      isPublic,
      label: 'Device ID 1, manufacturing number',
    }),
    textObject('1.0.0.2.0.255', ({ firmware }) => firmware.running('application').version, {
      label: 'Active firmware identifier',
    }),
    clockObject(),
    sapAssignmentObject(),
    associationObject(standardObis.association),
    ...associations.map((sap, index) => associationObject(`0.0.40.0.${index + 1}.255`, sap)),
    associationSnObject(),
    securitySetupObject(standardObis.securitySetup, 'management'),
    securitySetupObject('0.0.43.0.1.255', 'reader'),
    imageTransferObject(),
    displayObject(),
    ...carbonObjects(),
    ...parameterObjects(),
    settingsObject(iecLocalPortSetup, '0.0.20.0.0.255'),
    settingsObject(iecHdlcSetup, '0.0.22.0.0.255'),
  ];
}

/** Tariff, switch and limiter with their scripts and schedules. */
export function controlObjects(): CosemObject[] {
  return [
    activityCalendarObject(),
    specialDaysObject(),
    scriptTableObject('0.0.10.0.100.255', { label: 'Tariffication script table' }),
    disconnectControlObject(),
    scriptTableObject('0.0.10.0.106.255', {
      label: 'Disconnector script table',
      initial: { 2: switchScripts },
    }),
    singleActionObject('0.0.15.0.1.255', { label: 'Disconnect control schedule' }),
    ...imageActivationObjects(),
    limiterObject({ label: 'Limiter' }),
  ];
}

/** Nothing of the meter is broken as long as it answers. */
export function errorRegisterObject(): CosemObject {
  return dataObject('0.0.97.97.0.255', (writer) => writer.doubleLongUnsigned(0), { label: 'Error register' });
}

/** M-Bus channels 1 to 4: a client each, and the number of the device behind it. */
export function mBusObjects(): CosemObject[] {
  return [
    settingsObject(mBusMasterPortSetup, '0.0.24.6.0.255'),
    ...[1, 2, 3, 4].flatMap((channel) => [
      settingsObject(mBusClient, `0.${channel}.24.1.0.255`, { label: `M-Bus client, channel ${channel}` }),
      settingsObject(dataSetting(octets(0, 32), { access: readable }), `0.${channel}.96.1.0.255`, {
        label: `Equipment identifier, channel ${channel}`,
      }),
    ]),
  ];
}

/** Failures of the supply, and text to the customer. */
export function supplyObjects(): CosemObject[] {
  return [
    ...outageObjects(),
    settingsObject(dataSetting(octets(0, 1024)), '0.0.96.13.0.255', { label: 'Consumer message text' }),
  ];
}

/** Event logs 0-0:99.98.e by the figure e, each with the object of its last code. */
export function eventLogObjects(logs: readonly (readonly [log: number, label: string])[]): CosemObject[] {
  return logs.flatMap(([log, label]) => {
    const codeObis = `0.0.96.11.${log}.255`;
    return [
      dataObject(codeObis, lastCodeOf(log), { label: `Event object, ${label}` }),
      eventLogProfile(`0.0.99.98.${log}.255`, { log, codeObis }, { label }),
    ];
  });
}

/** Load profile 1: energy of each interval with its status, and the registers it captures. */
export function loadProfileObjects(statusObis: string): CosemObject[] {
  return [
    dataObject(statusObis, (w, { metrology }) => w.unsigned(metrology.status), {
      label: 'AMR profile status, load profile 1',
    }),
    loadProfile(
      [
        clockColumn,
        codeColumn(statusObis, loadProfileColumn.status),
        counterColumn('1.0.1.29.0.255', loadProfileColumn.delivered),
        counterColumn('1.0.2.29.0.255', loadProfileColumn.received),
      ],
      { label: 'Load profile with period 1' },
    ),
    ...registers([
      energyRow('1.0.1.29.0.255', ({ metrology }) => metrology.lastDeliveredWh, {
        label: 'Active energy import of the interval',
      }),
      energyRow('1.0.2.29.0.255', ({ metrology }) => metrology.lastReceivedWh, {
        label: 'Active energy export of the interval',
      }),
    ]),
  ];
}
