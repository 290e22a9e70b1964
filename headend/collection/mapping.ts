/** What a meter's companion profile means in the words of model, as data: to read another make, add a row. */
import { quality, type ReadingTypeId } from '@wattline/model';
import type { Mechanism, Protection } from '@wattline/protocols/dlms';
import { headendError } from '../errors.ts';
import type { EventLogMapping } from '../events/event-codes.ts';

/** What a captured column means: the clock, the status word, or the value of a reading type. */
export type ColumnMeaning = 'clock' | 'status' | ReadingTypeId;

/** A captured attribute, as it stands in capture_objects, and what it means. */
export interface ColumnMapping {
  readonly classId: number;
  readonly obis: string;
  readonly attribute: number;
  readonly meaning: ColumnMeaning;
}

/** A Profile generic (class 7) of the meter. */
export interface ProfileMapping {
  readonly obis: string;
  /** `end`: the clock of an entry is the end of its interval. `instant`: it is when the registers stood so. */
  readonly label: 'end' | 'instant';
  readonly columns: readonly ColumnMapping[];
}

/** A companion profile. */
export interface MeterMapping {
  /** Name of the companion profile, as in the shipment. */
  readonly profile: string;
  /** How to associate as the client that reads. */
  readonly reader: {
    readonly clientSap: number;
    readonly serverSap: number;
    readonly mechanism: Mechanism;
    readonly protection: Protection;
  };
  /** Logical devices of the meter by SAP, and the associations that the paper of the profile names; what a meter really has it tells itself. */
  readonly logicalDevices: readonly { readonly sap: number; readonly what: string }[];
  readonly associations: readonly {
    readonly clientSap: number;
    readonly serverSap: number;
    readonly mechanism: Mechanism;
    readonly what: string;
  }[];
  /** Where the meter tells, without security, the highest invocation counter it took of that client; undefined when it does not. */
  readonly counter?: { readonly clientSap: number; readonly obis: string };
  readonly clockObis: string;
  readonly intervals: ProfileMapping;
  readonly registers: ProfileMapping;
  /** Bits of the status word and the quality flags they stand for. */
  readonly status: readonly { readonly bit: number; readonly name: string; readonly flags: number }[];
  /** Logs of events that the reader may see. */
  readonly eventLogs: readonly EventLogMapping[];
  /** Where the reader finds the active firmware identifier (Data, class 1); undefined where the profile does not say. */
  readonly firmwareObis?: string;
  /** Event codes in pushes. */
  readonly pushEvents: Readonly<Record<number, 'power-fail' | 'power-restore'>>;
}

const clock = { classId: 8, obis: '0.0.1.0.0.255', attribute: 2, meaning: 'clock' } as const;
const status = { classId: 1, obis: '0.0.96.10.1.255', attribute: 2, meaning: 'status' } as const;

function register(obis: string, meaning: ReadingTypeId): ColumnMapping {
  return { classId: 3, obis, attribute: 2, meaning };
}

/** AMR profile status of the IDIS package 2 companion; bit 0x08, daylight saving, says nothing of quality. */
const amrStatus: MeterMapping['status'] = [
  { bit: 0x80, name: 'power down', flags: quality.powerFail },
  { bit: 0x20, name: 'clock adjusted', flags: quality.clockDoubtful },
  { bit: 0x02, name: 'clock invalid', flags: quality.clockDoubtful },
  { bit: 0x04, name: 'data not valid', flags: quality.suspect },
  { bit: 0x01, name: 'critical error', flags: quality.suspect },
];

/** SAP 1 is the management logical device (Green Book 9.4.1.3). */
const managementDevice = { sap: 1, what: 'management logical device' };

/** Public client 16 and management client 1 are the standard's (Green Book 9.4.1.3), the reader 2 is of most profiles. */
const usualClients: MeterMapping['associations'] = [
  { clientSap: 1, serverSap: 1, mechanism: 'gmac', what: 'management client' },
  { clientSap: 2, serverSap: 1, mechanism: 'gmac', what: 'client that reads' },
  { clientSap: 16, serverSap: 1, mechanism: 'none', what: 'public client' },
];

/** All companion profiles known. */
export const meterMappings: readonly MeterMapping[] = [
  {
    profile: 'demo',
    logicalDevices: [managementDevice],
    associations: usualClients,
    reader: { clientSap: 2, serverSap: 1, mechanism: 'gmac', protection: 'ae' },
    counter: { clientSap: 16, obis: '0.0.43.1.2.255' },
    clockObis: '0.0.1.0.0.255',
    intervals: {
      obis: '1.0.99.1.0.255',
      label: 'end',
      columns: [
        clock,
        status,
        register('1.0.1.29.0.255', 'delivered'),
        register('1.0.2.29.0.255', 'received'),
      ],
    },
    registers: {
      obis: '1.0.99.2.0.255',
      label: 'instant',
      columns: [
        clock,
        status,
        register('1.0.1.8.0.255', 'delivered-total'),
        register('1.0.1.8.1.255', 'delivered-rate-1'),
        register('1.0.1.8.2.255', 'delivered-rate-2'),
        register('1.0.2.8.0.255', 'received-total'),
      ],
    },
    status: amrStatus,
    eventLogs: [{ obis: '0.0.99.98.0.255', scheme: 'idis', clock: 0, code: 1 }],
    firmwareObis: '1.0.0.2.0.255',
    pushEvents: { 1: 'power-fail', 2: 'power-restore' },
  },
  {
    // IDIS package 2 and 3, direct connection; DSMR's smart meter requirements have the same profiles.
    profile: 'idis',
    logicalDevices: [managementDevice],
    associations: [
      ...usualClients,
      { clientSap: 102, serverSap: 1, mechanism: 'none', what: 'pre-established, for pushes' },
    ],
    reader: { clientSap: 2, serverSap: 1, mechanism: 'gmac', protection: 'ae' },
    counter: { clientSap: 16, obis: '0.0.43.1.1.255' },
    clockObis: '0.0.1.0.0.255',
    intervals: {
      obis: '1.0.99.1.0.255',
      label: 'end',
      columns: [
        clock,
        status,
        register('1.0.1.29.0.255', 'delivered'),
        register('1.0.2.29.0.255', 'received'),
      ],
    },
    registers: {
      obis: '1.0.99.2.0.255',
      label: 'instant',
      columns: [
        clock,
        { ...status, obis: '0.0.96.10.2.255' },
        register('1.0.1.8.0.255', 'delivered-total'),
        register('1.0.1.8.1.255', 'delivered-rate-1'),
        register('1.0.1.8.2.255', 'delivered-rate-2'),
        register('1.0.2.8.0.255', 'received-total'),
      ],
    },
    status: amrStatus,
    eventLogs: [0, 1, 2, 4].map((log) => ({
      obis: `0.0.99.98.${log}.255`,
      scheme: 'idis' as const,
      clock: 0,
      code: 1,
    })),
    firmwareObis: '1.0.0.2.0.255',
    pushEvents: { 1: 'power-fail', 2: 'power-restore' },
  },
];

/**
 * The mapping of a companion profile.
 * @throws CodedError `headend/profile-unknown`
 */
export function mappingOf(profile: string): MeterMapping {
  const found = meterMappings.find((mapping) => mapping.profile === profile);
  if (!found) {
    const known = meterMappings.map((mapping) => mapping.profile).join(', ');
    const what = `expected a companion profile (${known}), found '${profile.slice(0, 40)}'`;
    throw headendError('headend/profile-unknown', what);
  }
  return found;
}

/** The quality of a value measured under a status word. */
export function qualityOf(mapping: MeterMapping, statusWord: number): number {
  let bits: number = quality.measured;
  for (const { bit, flags } of mapping.status) if ((statusWord & bit) !== 0) bits |= flags;
  return bits;
}

/** Reading types that a profile gives, in the order of its columns. */
export function readingTypesOf(profile: ProfileMapping): ReadingTypeId[] {
  return profile.columns.flatMap(({ meaning }) =>
    meaning === 'clock' || meaning === 'status' ? [] : [meaning],
  );
}
