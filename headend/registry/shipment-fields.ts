/** The fields of a shipment row, once: their CSV column, their place in JSON, and what they may hold. */
import { mappingOf } from '../collection/mapping.ts';
import { linkKinds } from '../session/link-kinds.ts';

/** What a field may hold: the value taken, or undefined when it is refused. */
interface FieldKind {
  readonly expected: string;
  /** Never quoted in a message. */
  readonly isSecret?: boolean;
  take(value: unknown): string | number | undefined;
}

/** One field. */
export interface ShipmentField extends FieldKind {
  /** Column of the CSV form. */
  readonly column: string;
  /** Where it stands in the JSON form (see `MeterShipment` of model). */
  readonly path: readonly string[];
  /** May be left out; a key only together with its pair. */
  readonly isOptional?: boolean;
}

function text(pattern: RegExp, expected: string): FieldKind {
  return {
    expected,
    take: (value) => (typeof value === 'string' && pattern.test(value) ? value : undefined),
  };
}

function number(options: {
  readonly min: number;
  readonly max: number;
  readonly isInteger: boolean;
}): FieldKind {
  const { min, max, isInteger } = options;
  return {
    expected: `${isInteger ? 'an integer' : 'a number'} from ${min} to ${max}`,
    take(value) {
      const found = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
      const isFit = typeof found === 'number' && found >= min && found <= max;
      return isFit && (!isInteger || Number.isInteger(found)) ? found : undefined;
    },
  };
}

function choice(...values: readonly (string | number)[]): FieldKind {
  return {
    expected: `one of ${values.join(', ')}`,
    take: (value) => values.find((one) => one === value || String(one) === value),
  };
}

const name = text(/^[^\p{Cc}]{1,200}$/u, '1 to 200 printable characters');
const identifier = text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'up to 64 letters, digits, dots, dashes');
/** How long it must be the row's suite says. */
const key = {
  ...text(/^(?:[0-9A-Fa-f]{32}){1,2}$/, '32 hexadecimal digits, 64 in suite 2'),
  isSecret: true,
};

const zone: FieldKind = {
  expected: 'a time zone of the IANA database',
  take(value) {
    if (typeof value !== 'string') return undefined;
    try {
      Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(value);
      return value;
    } catch {
      return undefined;
    }
  },
};

const instant: FieldKind = {
  expected: 'an instant: RFC 3339 text in CSV, milliseconds since 1970 UTC in JSON',
  take(value) {
    if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
    try {
      return typeof value === 'string' ? Temporal.Instant.from(value).epochMilliseconds : undefined;
    } catch {
      return undefined;
    }
  },
};

const profile: FieldKind = {
  expected: 'a companion profile that has a mapping',
  take(value) {
    try {
      return typeof value === 'string' ? mappingOf(value).profile : undefined;
    } catch {
      return undefined;
    }
  },
};

function field(column: string, path: readonly string[], kind: FieldKind): ShipmentField {
  return { ...kind, column, path };
}

const systemTitle = text(/^[0-9A-Fa-f]{16}$/, '16 hexadecimal digits');
const power = number({ min: 0, max: 100_000_000, isInteger: true });
const serial = text(/^[A-Za-z0-9-]{1,32}$/, 'up to 32 letters, digits, dashes');
const registerWh = number({ min: 0, max: Number.MAX_SAFE_INTEGER, isInteger: true });

/**
 * All fields; every one must be there but those that are optional: the keys of the management client and the master key are for the signer,
 * and the reader's keys are missing when, and only when, the meter has one client.
 */
export const shipmentFields: readonly ShipmentField[] = [
  field('serial', ['meter', 'serial'], serial),
  field('usagePointId', ['meter', 'usagePointId'], identifier),
  field('customer', ['usagePoint', 'customer'], name),
  field('address', ['usagePoint', 'address'], name),
  field('kind', ['usagePoint', 'kind'], choice('home', 'shop', 'public')),
  field('zone', ['usagePoint', 'zone'], zone),
  field('substation', ['usagePoint', 'substation'], name),
  field('feeder', ['usagePoint', 'feeder'], name),
  field('transformer', ['usagePoint', 'transformer'], name),
  field('tariffId', ['usagePoint', 'tariffId'], identifier),
  field('solarW', ['usagePoint', 'solarW'], power),
  field('latitude', ['usagePoint', 'latitude'], number({ min: -90, max: 90, isInteger: false })),
  field('longitude', ['usagePoint', 'longitude'], number({ min: -180, max: 180, isInteger: false })),
  field('make', ['meter', 'make'], name),
  field('profile', ['meter', 'profile'], profile),
  field('systemTitle', ['meter', 'systemTitle'], systemTitle),
  field('host', ['meter', 'host'], text(/^[A-Za-z0-9._:[\]-]{1,253}$/, 'a host name or an address')),
  field('port', ['meter', 'port'], number({ min: 1, max: 65_535, isInteger: true })),
  field('intervalSeconds', ['meter', 'intervalSeconds'], choice(300, 600, 900, 1800, 3600)),
  field('installedAt', ['meter', 'installedAtMs'], instant),
  { ...field('route', ['meter', 'route'], identifier), isOptional: true },
  { ...field('link', ['meter', 'link'], choice(...Object.keys(linkKinds))), isOptional: true },
  { ...field('model', ['meter', 'model'], name), isOptional: true },
  { ...field('clients', ['meter', 'clients'], choice(1, 2)), isOptional: true },
  { ...field('replaces', ['replaces', 'serial'], serial), isOptional: true },
  { ...field('finalDeliveredWh', ['replaces', 'finalDeliveredWh'], registerWh), isOptional: true },
  { ...field('initialDeliveredWh', ['replaces', 'initialDeliveredWh'], registerWh), isOptional: true },
  { ...field('finalReceivedWh', ['replaces', 'finalReceivedWh'], registerWh), isOptional: true },
  { ...field('initialReceivedWh', ['replaces', 'initialReceivedWh'], registerWh), isOptional: true },
  { ...field('suite', ['meter', 'suite'], choice(0, 1, 2)), isOptional: true },
  { ...field('readerEk', ['keys', 'reader', 'ek'], key), isOptional: true },
  { ...field('readerAk', ['keys', 'reader', 'ak'], key), isOptional: true },
  { ...field('managementEk', ['keys', 'management', 'ek'], key), isOptional: true },
  { ...field('managementAk', ['keys', 'management', 'ak'], key), isOptional: true },
  { ...field('masterKek', ['keys', 'master', 'kek'], key), isOptional: true },
];

/** The JSON form says the usage point's id twice; both must agree. */
export const usagePointIdPath = ['usagePoint', 'id'] as const;
