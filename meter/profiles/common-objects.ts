/** Objects that every companion profile has: clock, associations, security, names of the device. */
import type { DataAccessResult } from '@wattline/protocols/dlms';
import { activityCalendar } from '../cosem/activity-calendar.ts';
import { calendarSource } from '../cosem/activity-calendar-source.ts';
import { associationLn } from '../cosem/association-ln.ts';
import { associationSn } from '../cosem/association-sn.ts';
import { CertificateStore } from '../cosem/certificate-store.ts';
import type { MeterClient, SecuredClient } from '../cosem/clients.ts';
import { clock, noPreset } from '../cosem/clock.ts';
import { type CosemObject, cosemObject, type ObjectOptions } from '../cosem/cosem-object.ts';
import { dataParameter } from '../cosem/data.ts';
import type { DataType } from '../cosem/data-type.ts';
import { disconnectControl } from '../cosem/disconnect-control.ts';
import { numberIn } from '../cosem/fields.ts';
import { limiter } from '../cosem/limiter.ts';
import { type PushObject, pushSetup } from '../cosem/push-setup.ts';
import { sapAssignment } from '../cosem/sap-assignment.ts';
import { securitySetup } from '../cosem/security-setup.ts';
import type { EventName } from '../events/event-codes.ts';
import type { MeterParts } from '../meter-parts.ts';
import { dataObject } from './value-objects.ts';

/** Changes a parameter of the meter: checked, in the journal and in the audit before it holds. */
export function configure(
  { configuration }: MeterParts,
  parameter: string,
  value: Parameters<MeterParts['configuration']['set']>[1],
): DataAccessResult {
  return configuration.set(parameter, value, configuration.by) ? 'other-reason' : 'success';
}

/** SAP of the one logical device of a meter. */
export const serverSap = 1;
/** Largest APDU that the association tells of, octets. */
const maxPduSize = 4096;

export const standardObis = {
  logicalDeviceName: '0.0.42.0.0.255',
  clock: '0.0.1.0.0.255',
  association: '0.0.40.0.0.255',
  securitySetup: '0.0.43.0.0.255',
  sapAssignment: '0.0.41.0.0.255',
  activityCalendar: '0.0.13.0.0.255',
  disconnectControl: '0.0.96.3.10.255',
  limiter: '0.0.17.0.0.255',
} as const;

/** COSEM logical device name, Blue Book 4.1.8.2. */
export function logicalDeviceNameObject(options: ObjectOptions = { isPublic: true }): CosemObject {
  return dataObject(
    standardObis.logicalDeviceName,
    (writer, { logicalDeviceName }) => writer.octetString(logicalDeviceName),
    options,
  );
}

export function clockObject(options: ObjectOptions = { isPublic: true }): CosemObject {
  return cosemObject(
    clock,
    standardObis.clock,
    (view) => ({
      clock: view.parts.clock,
      intervalSeconds: view.parts.metrology.intervalSeconds,
      preset: view.stateOf('clock/preset', noPreset),
      nowMs: () => view.parts.nowMs(),
      setClock: (meterMs) => view.parts.setClock(meterMs),
      synchroniseClock: (meterMs) => view.parts.synchroniseClock(meterMs),
    }),
    options,
  );
}

/** The association of a client by its SAP, or of the one who asks. */
export function associationObject(obis: string, clientSap?: number): CosemObject {
  return cosemObject(
    associationLn,
    obis,
    (view) => ({
      settings: view.settingsOf({ classId: associationLn.classId, obis }),
      of: view.parts.clients.find((client) => client.clientSap === clientSap),
      serverSap,
      securitySetup: standardObis.securitySetup,
      maxPduSize,
      objectsOf: (client) => view.objectsOf(client),
      list: (client, object, isListed) => view.list(client, object, isListed),
      takeSecret: (client, secret) => takeSecret(view.parts, client, secret),
    }),
    { isPublic: clientSap === undefined },
  );
}

/** The association of clients that use short names. */
export function associationSnObject(): CosemObject {
  const obis = standardObis.association;
  return cosemObject(
    associationSn,
    obis,
    (view) => ({
      settings: view.settingsOf({ classId: associationSn.classId, obis }),
      of: undefined,
      securitySetup: standardObis.securitySetup,
      namedFor: (client) => view.namedFor(client),
      takeSecret: (client, secret) => takeSecret(view.parts, client, secret),
    }),
    { isPublic: true },
  );
}

/** Keys and secrets are audited by their names alone. */
function noteKeys(
  parts: MeterParts,
  parameter: string,
  of: { readonly after: readonly string[]; readonly event: EventName },
): void {
  parts.noteChange({ by: parts.configuration.by.name, parameter, before: null, ...of });
}

function takeSecret(parts: MeterParts, client: MeterClient, secret: Uint8Array): void {
  parts.security.takeSecret(client, secret);
  noteKeys(parts, `secret/${client.name}`, { after: [], event: 'secretChanged' });
}

/** Security setup of the keys of a role. */
export function securitySetupObject(obis: string, role: SecuredClient): CosemObject {
  return cosemObject(securitySetup, obis, ({ parts }) => {
    const { security, spec, systemTitle, memory } = parts;
    const { suite } = spec.keys[role];
    return {
      suite,
      policy: security.policyOf(role),
      strengthen: (policy) => security.strengthen(role, policy),
      serverSystemTitle: systemTitle,
      masterKey: security.masterKey,
      takeKeys(updates) {
        security.takeKeys(role, updates);
        noteKeys(parts, `keys/${role}`, { after: updates.map(({ id }) => id), event: 'globalKeyChanged' });
      },
      certificates: new CertificateStore({ memory, systemTitle, suite }),
      nowMs: () => parts.nowMs(),
    };
  });
}

export function sapAssignmentObject(): CosemObject {
  return cosemObject(sapAssignment, standardObis.sapAssignment, ({ parts }) => [
    { sap: serverSap, logicalDeviceName: parts.logicalDeviceName },
  ]);
}

export function activityCalendarObject(): CosemObject {
  return cosemObject(activityCalendar, standardObis.activityCalendar, calendarSource);
}

export function disconnectControlObject(): CosemObject {
  return cosemObject(disconnectControl, standardObis.disconnectControl, ({ parts }) => ({
    disconnect: parts.disconnect,
    operateSwitch: (event) => parts.operateSwitch(event),
    setMode: (mode) => configure(parts, 'control-mode', { mode }),
  }));
}

/** The load limit of the switch. */
export function limiterObject(options: ObjectOptions = {}): CosemObject {
  return cosemObject(
    limiter,
    standardObis.limiter,
    ({ parts }) => ({
      clock: parts.clock,
      limit: parts.supply.limit,
      nowMs: () => parts.nowMs(),
      configure: (settings) => configure(parts, 'load-limit', { ...settings }),
    }),
    options,
  );
}

export function pushSetupObject(
  obis: string,
  objects: readonly PushObject[],
  options: ObjectOptions = {},
): CosemObject {
  return cosemObject(
    pushSetup,
    obis,
    (view) => ({
      settings: view.settingsOf({ classId: pushSetup.classId, obis }),
      destination: view.parts.spec.pushDestination ?? '',
      objects,
      // What the list names that the meter does not have is null-data in the body.
      push(pushed) {
        const value = pushed.map((one) => view.valueOf(one) ?? ({ type: 'null-data' } as const));
        return view.parts.push({ type: 'structure', value }) ? 'success' : 'object-unavailable';
      },
    }),
    options,
  );
}

/** Frame counter, 0-0:43.1.e: the highest invocation counter accepted from clients of a role, for anyone before they associate. */
export function frameCounterObject(
  obis: string,
  role: SecuredClient,
  options: ObjectOptions = {},
): CosemObject {
  return dataObject(
    obis,
    (writer, { guards }) => writer.doubleLongUnsigned(Math.max(0, guards[role].highest())),
    { isPublic: true, ...options },
  );
}

/** A parameter of the meter as a number that clients set: checked, journalled and audited by the meter. */
export function parameterObject(
  obis: string,
  of: {
    /** Of kind unsigned or long-unsigned. */
    readonly type: DataType;
    readonly parameter: string;
    read(parts: MeterParts): number;
    /** The value of the parameter that goes with a number. */
    value(number: number, parts: MeterParts): Parameters<MeterParts['configuration']['set']>[1];
  },
  options: ObjectOptions = {},
): CosemObject {
  return cosemObject(
    dataParameter(of.type),
    obis,
    ({ parts }) => ({
      write: (writer) => {
        const value = of.read(parts);
        return of.type.kind === 'unsigned' ? writer.unsigned(value) : writer.longUnsigned(value);
      },
      set: (value) => configure(parts, of.parameter, of.value(numberIn(value), parts)),
    }),
    options,
  );
}
