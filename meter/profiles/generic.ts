/** The companion profile `generic`: every supported class at its standard logical name (IEC 62056-6-1), for those who test a client. */

import type { CompanionProfile, ProfileDefaults } from '../cosem/built-profile.ts';
import { chargeType } from '../cosem/charge.ts';
import type { CosemObject } from '../cosem/cosem-object.ts';
import { dataOf } from '../cosem/data-type.ts';
import { iec6205541Attributes } from '../cosem/iec-62055-41-attributes.ts';
import { chargeNames, creditNames } from '../cosem/prepaid-ledger.ts';
import { powerQualityProfile } from '../registers/standard-profiles.ts';
import {
  accountObject,
  arbitratorObject,
  arrayManagerObject,
  chargeObject,
  compactDataObject,
  creditObject,
  parameterMonitorObject,
  registerActivationObject,
  registerMonitorObject,
  registerTableObject,
  scheduleObject,
  scriptTableObject,
  sensorManagerObject,
  settingsObject,
  singleActionObject,
  specialDaysObject,
  statusMappingObject,
  tokenGatewayObject,
} from './behaviour-objects.ts';
import { capturedProfile } from './captured-profiles.ts';
import { associationSnObject } from './common-objects.ts';
import { demandObject, maximumObject } from './demand-objects.ts';
import { demoProfile } from './demo.ts';
import { imageActivationObjects, switchScripts } from './scripts.ts';
import { setupObjects } from './setup-objects.ts';

const { array, obis: nameOf } = dataOf;
/** Code of credit_type. */
const emergencyCredit = 2;
const accountObis = '0.0.19.0.0.255';

export const genericProfile: CompanionProfile = {
  name: 'generic',
  title: 'every supported class at its standard logical name',
  clients: demoProfile.clients,
  defaults: ({ phases }): ProfileDefaults => ({ profiles: { powerQuality: powerQualityProfile(phases) } }),
  objects: (shape) => [
    ...demoProfile.objects(shape),
    demandObject('delivered'),
    capturedProfile(
      '1.0.99.14.0.255',
      { name: 'powerQuality', columns: powerQualityProfile(shape.phases).capture },
      { label: 'Power quality profile' },
    ),
    ...Array.from({ length: shape.rates + 1 }, (_, rate) => maximumObject('delivered', rate)),
    ...behaviourObjects(),
    ...setupObjects(),
    associationSnObject(),
    ...paymentObjects(),
  ],
};

function behaviourObjects(): CosemObject[] {
  return [
    scriptTableObject('0.0.10.0.106.255', {
      label: 'Disconnector script table',
      initial: { 2: switchScripts },
    }),
    specialDaysObject(),
    scheduleObject('0.0.12.0.0.255'),
    singleActionObject('0.0.15.0.1.255', { label: 'Disconnect control schedule' }),
    ...imageActivationObjects(),
    registerActivationObject(),
    registerMonitorObject('0.0.16.0.0.255'),
    registerTableObject('0.0.61.0.0.255'),
    compactDataObject('0.0.66.0.0.255'),
    statusMappingObject('0.0.96.5.0.255'),
    parameterMonitorObject(),
    sensorManagerObject('0.0.15.6.0.255'),
    arbitratorObject('0.0.3.20.0.255'),
    arrayManagerObject(),
  ];
}

function paymentObjects(): CosemObject[] {
  const named = (names: Readonly<Record<string, string>>) => array(...Object.values(names).map(nameOf));
  const type = (value: number) => ({ initial: { 3: dataOf.number('enum', value) } });
  const byTime = type(chargeType.time);
  return [
    accountObject(accountObis, { initial: { 9: named(creditNames), 10: named(chargeNames) } }),
    creditObject('token'),
    creditObject('emergency', type(emergencyCredit)),
    chargeObject('energy', { accountObis }),
    chargeObject('standing', { accountObis, ...byTime }),
    chargeObject('debt', { accountObis, ...byTime }),
    tokenGatewayObject(),
    settingsObject(iec6205541Attributes, '0.0.19.50.0.255'),
  ];
}
