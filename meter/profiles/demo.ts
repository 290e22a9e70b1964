/** The companion profile `demo`: objects as data, after IDIS package 2 and the Blue Book's standard codes (IEC 62056-6-1). */
import type { AxdrWriter } from '@wattline/protocols/dlms';
import { activityCalendar } from '../cosem/activity-calendar.ts';
import { associationLn } from '../cosem/association-ln.ts';
import { clock } from '../cosem/clock.ts';
import { type CosemObject, cosemObject } from '../cosem/cosem-object.ts';
import { data } from '../cosem/data.ts';
import { disconnectControl } from '../cosem/disconnect-control.ts';
import { clockColumn, type ProfileColumnSource, profileGeneric } from '../cosem/profile-generic.ts';
import { pushSetup } from '../cosem/push-setup.ts';
import { type RegisterSource, register, writeCounter } from '../cosem/register.ts';
import { sapAssignment } from '../cosem/sap-assignment.ts';
import { securitySetup } from '../cosem/security-setup.ts';
import { eventLogColumn } from '../events/event-log.ts';
import type { MeterParts } from '../meter-parts.ts';
import { powerPushSetup } from '../power/power-push.ts';
import { dailyProfileColumn } from '../registers/daily-profile.ts';
import { loadProfileColumn } from '../registers/load-profile.ts';
import { tariffCalendar } from '../tariff/tariff-calendar.ts';

const serverSap = 1;
const obis = {
  logicalDeviceName: '0.0.42.0.0.255',
  serial: '0.0.96.1.0.255',
  clock: '0.0.1.0.0.255',
  profileStatus: '0.0.96.10.1.255',
  eventCode: '0.0.96.11.0.255',
  outageCount: '0.0.96.7.21.255',
  lastOutage: '0.0.96.7.19.255',
  deliveredTotal: '1.0.1.8.0.255',
  receivedTotal: '1.0.2.8.0.255',
  lastDelivered: '1.0.1.29.0.255',
  lastReceived: '1.0.2.29.0.255',
  association: '0.0.40.0.0.255',
  securitySetup: '0.0.43.0.0.255',
} as const;

const deliveredRate = (rate: number) => `1.0.1.8.${rate}.255`;

/** The objects of a meter. */
export function demoProfile(parts: MeterParts): readonly CosemObject[] {
  const { spec, logicalDeviceName, systemTitle, clients, metrology, outages } = parts;
  const objects: CosemObject[] = [
    cosemObject(data, obis.logicalDeviceName, (w) => w.octetString(logicalDeviceName), { isPublic: true }),
    cosemObject(data, obis.serial, (w) => w.octetString(Buffer.from(spec.serial, 'latin1')), {
      isPublic: true,
    }),
    cosemObject(
      clock,
      obis.clock,
      {
        clock: parts.clock,
        intervalSeconds: spec.intervalSeconds,
        nowMs: () => parts.nowMs(),
        setClock: (meterMs) => parts.setClock(meterMs),
      },
      { isPublic: true },
    ),
    ...frameCounters(parts),
    ...energyObjects(parts),
    ...momentaryObjects(parts),
    ...profileObjects(parts),
    cosemObject(data, obis.profileStatus, (w) => w.unsigned(metrology.status)),
    cosemObject(data, obis.eventCode, (w) => w.unsigned(parts.events.lastCode)),
    cosemObject(data, obis.outageCount, (w) => w.longUnsigned(outages.count & 0xffff)),
    cosemObject(register, obis.lastOutage, {
      scaler: 0,
      unit: 's',
      write: (w) => w.doubleLongUnsigned(outages.lastSeconds),
    }),
    cosemObject(activityCalendar, '0.0.13.0.0.255', tariffCalendar(spec.tariff)),
    cosemObject(disconnectControl, '0.0.96.3.10.255', parts),
    cosemObject(pushSetup, powerPushSetup, {
      destination: spec.pushDestination ?? '',
      objects: [
        { classId: 1, obis: obis.logicalDeviceName, attribute: 2 },
        { classId: 40, obis: powerPushSetup, attribute: 1 },
        { classId: 8, obis: obis.clock, attribute: 2 },
        { classId: 1, obis: obis.eventCode, attribute: 2 },
        { classId: 3, obis: obis.lastOutage, attribute: 2 },
      ],
    }),
    cosemObject(
      associationLn,
      obis.association,
      { objects: () => objects, clients, serverSap, securitySetup: obis.securitySetup },
      { isPublic: true },
    ),
    cosemObject(sapAssignment, '0.0.41.0.0.255', [{ sap: serverSap, logicalDeviceName }]),
    cosemObject(securitySetup, obis.securitySetup, { suite: 0, serverSystemTitle: systemTitle }),
  ];
  return objects;
}

/**
 * Frame counters, 0-0:43.1.e: the highest invocation counter accepted from a client, which any client may read before it associates;
 * e is the client's SAP, as many head-ends expect it.
 */
function frameCounters({ guards }: MeterParts): CosemObject[] {
  return ([1, 2] as const).map((sap) => {
    const guard = sap === 1 ? guards.management : guards.reader;
    const write = (writer: AxdrWriter) => writer.doubleLongUnsigned(Math.max(0, guard.highest()));
    return cosemObject(data, `0.0.43.1.${sap}.255`, write, { isPublic: true });
  });
}

function wattHours(read: () => number): RegisterSource {
  return { scaler: 0, unit: 'Wh', write: (writer) => writeCounter(writer, read()) };
}

function energyObjects({ metrology }: MeterParts): CosemObject[] {
  const { delivered, received } = metrology;
  const rates = Array.from({ length: delivered.rateCount }, (_, index) => index + 1);
  return [
    cosemObject(
      register,
      obis.deliveredTotal,
      wattHours(() => delivered.total.wattHours),
      { isPublic: true },
    ),
    ...rates.map((rate) =>
      cosemObject(
        register,
        deliveredRate(rate),
        wattHours(() => delivered.rate(rate)),
      ),
    ),
    cosemObject(
      register,
      obis.receivedTotal,
      wattHours(() => received.wattHours),
    ),
    cosemObject(
      register,
      obis.lastDelivered,
      wattHours(() => metrology.lastDeliveredWh),
    ),
    cosemObject(
      register,
      obis.lastReceived,
      wattHours(() => metrology.lastReceivedWh),
    ),
  ];
}

/** Group C of voltage and current by phase L1, L2, L3. */
const voltageGroup = [32, 52, 72];
const currentGroup = [31, 51, 71];

function momentaryObjects(parts: MeterParts): CosemObject[] {
  const momentary = (
    code: string,
    scaler: number,
    unit: RegisterSource['unit'],
    write: (writer: AxdrWriter) => unknown,
  ) => cosemObject(register, code, { scaler, unit, write });
  const asLongUnsigned = (read: () => number) => (writer: AxdrWriter) =>
    writer.longUnsigned(Math.min(0xffff, Math.round(read())));
  const asWatts = (read: () => number) => (writer: AxdrWriter) =>
    writer.doubleLongUnsigned(Math.round(Math.max(0, read())));
  const quantities = () => parts.quantities();
  const phases = Array.from({ length: parts.spec.phases }, (_, index) => index);
  const phase = (index: number) => quantities().phases[index];
  return [
    ...phases.flatMap((index) => [
      momentary(
        `1.0.${voltageGroup[index]}.7.0.255`,
        -1,
        'V',
        asLongUnsigned(() => (phase(index)?.voltageV ?? 0) * 10),
      ),
      momentary(
        `1.0.${currentGroup[index]}.7.0.255`,
        -2,
        'A',
        asLongUnsigned(() => (phase(index)?.currentA ?? 0) * 100),
      ),
    ]),
    momentary(
      '1.0.1.7.0.255',
      0,
      'W',
      asWatts(() => quantities().activeW),
    ),
    momentary(
      '1.0.2.7.0.255',
      0,
      'W',
      asWatts(() => -quantities().activeW),
    ),
    momentary(
      '1.0.14.7.0.255',
      -2,
      'Hz',
      asLongUnsigned(() => quantities().frequencyHz * 100),
    ),
    momentary('1.0.13.7.0.255', -3, 'none', (writer) =>
      writer.long(Math.round(quantities().powerFactor * 1000)),
    ),
  ];
}

function profileObjects({ clock: own, metrology, events, spec }: MeterParts): CosemObject[] {
  const { loadProfile, dailyProfile, delivered } = metrology;
  const load = loadProfile.ring;
  const daily = dailyProfile.ring;
  const status = (ring: typeof load): ProfileColumnSource => ({
    classId: 1,
    obis: obis.profileStatus,
    attribute: 2,
    write: (writer, entry) => writer.unsigned(ring.at(loadProfileColumn.status, entry)),
  });
  const energy = (code: string, ring: typeof load, column: number): ProfileColumnSource => ({
    classId: 3,
    obis: code,
    attribute: 2,
    write: (writer, entry) => writeCounter(writer, ring.at(column, entry)),
  });
  const rates = Array.from({ length: delivered.rateCount }, (_, index) =>
    energy(deliveredRate(index + 1), daily, dailyProfileColumn.firstRate + index),
  );
  return [
    cosemObject(profileGeneric, '1.0.99.1.0.255', {
      ring: load,
      clock: own,
      capturePeriodSeconds: spec.intervalSeconds,
      columns: [
        clockColumn(load, own),
        status(load),
        energy(obis.lastDelivered, load, loadProfileColumn.delivered),
        energy(obis.lastReceived, load, loadProfileColumn.received),
      ],
    }),
    cosemObject(profileGeneric, '1.0.99.2.0.255', {
      ring: daily,
      clock: own,
      capturePeriodSeconds: 86_400,
      columns: [
        clockColumn(daily, own),
        status(daily),
        energy(obis.deliveredTotal, daily, dailyProfileColumn.delivered),
        ...rates,
        energy(obis.receivedTotal, daily, dailyProfileColumn.received),
      ],
    }),
    cosemObject(profileGeneric, '0.0.99.98.0.255', {
      ring: events.ring,
      clock: own,
      capturePeriodSeconds: 0,
      columns: [
        clockColumn(events.ring, own),
        {
          classId: 1,
          obis: obis.eventCode,
          attribute: 2,
          write: (writer, entry) => writer.unsigned(events.ring.at(eventLogColumn.code, entry)),
        },
      ],
    }),
  ];
}
