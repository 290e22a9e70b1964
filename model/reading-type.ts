/** Reading types: what a channel's number means. Direction is said once, here: delivered is +A, received is -A. */
import { CodedError } from '@wattline/base';

/** Units as CIM UnitSymbol spells them (IEC 61970-301). */
export type Unit = 'Wh' | 'varh' | 'VAh' | 'W' | 'var' | 'VA' | 'V' | 'A' | 'Hz';

/** A reading type in the words of IEC 61968-9 Annex C; values are integers of `10^scale` unit. */
export interface ReadingType {
  /** Our short id, part of every channel id and URL. */
  readonly id: string;
  /** Its name on a screen. */
  readonly title: string;
  /** `interval` is a quantity over [start, end); `register` is a total that stood at an instant. */
  readonly kind: 'interval' | 'register';
  readonly direction: 'delivered' | 'received' | 'none';
  readonly unit: Unit;
  readonly scale: number;
  /** OBIS code A-B:C.D.E*F in the text form of the head-end (IEC 62056-61), with `0` where the channel stands. */
  readonly obis: string;
  /** Tariff rate (TOU register) or 0 for the total. */
  readonly rate: number;
}

/** All reading types; to add one, add a row. */
export const readingTypes = [
  {
    id: 'delivered',
    title: 'Energy delivered',
    kind: 'interval',
    direction: 'delivered',
    unit: 'Wh',
    scale: 0,
    obis: '1.0.1.29.0.255',
    rate: 0,
  },
  {
    id: 'received',
    title: 'Energy received',
    kind: 'interval',
    direction: 'received',
    unit: 'Wh',
    scale: 0,
    obis: '1.0.2.29.0.255',
    rate: 0,
  },
  {
    id: 'delivered-total',
    title: 'Register +A',
    kind: 'register',
    direction: 'delivered',
    unit: 'Wh',
    scale: 0,
    obis: '1.0.1.8.0.255',
    rate: 0,
  },
  {
    id: 'delivered-rate-1',
    title: 'Register +A rate 1',
    kind: 'register',
    direction: 'delivered',
    unit: 'Wh',
    scale: 0,
    obis: '1.0.1.8.1.255',
    rate: 1,
  },
  {
    id: 'delivered-rate-2',
    title: 'Register +A rate 2',
    kind: 'register',
    direction: 'delivered',
    unit: 'Wh',
    scale: 0,
    obis: '1.0.1.8.2.255',
    rate: 2,
  },
  {
    id: 'received-total',
    title: 'Register -A',
    kind: 'register',
    direction: 'received',
    unit: 'Wh',
    scale: 0,
    obis: '1.0.2.8.0.255',
    rate: 0,
  },
  {
    id: 'delivered-reactive',
    title: 'Reactive energy +R',
    kind: 'interval',
    direction: 'delivered',
    unit: 'varh',
    scale: 0,
    obis: '1.0.3.29.0.255',
    rate: 0,
  },
  {
    id: 'received-reactive',
    title: 'Reactive energy -R',
    kind: 'interval',
    direction: 'received',
    unit: 'varh',
    scale: 0,
    obis: '1.0.4.29.0.255',
    rate: 0,
  },
  {
    id: 'delivered-apparent',
    title: 'Apparent energy +S',
    kind: 'interval',
    direction: 'delivered',
    unit: 'VAh',
    scale: 0,
    obis: '1.0.9.29.0.255',
    rate: 0,
  },
  {
    id: 'received-apparent',
    title: 'Apparent energy -S',
    kind: 'interval',
    direction: 'received',
    unit: 'VAh',
    scale: 0,
    obis: '1.0.10.29.0.255',
    rate: 0,
  },
  {
    id: 'voltage',
    title: 'Mean voltage',
    kind: 'interval',
    direction: 'none',
    unit: 'V',
    scale: -1,
    obis: '1.0.12.27.0.255',
    rate: 0,
  },
  {
    id: 'current',
    title: 'Mean current',
    kind: 'interval',
    direction: 'none',
    unit: 'A',
    scale: -2,
    obis: '1.0.11.27.0.255',
    rate: 0,
  },
  {
    id: 'check',
    title: 'Energy delivered, by the check meter',
    kind: 'interval',
    direction: 'delivered',
    unit: 'Wh',
    scale: 0,
    obis: '1.1.1.29.0.255',
    rate: 0,
  },
] as const satisfies readonly ReadingType[];

export type ReadingTypeId = (typeof readingTypes)[number]['id'];

/**
 * The reading type of an id.
 * @throws CodedError `model/unknown-reading-type`
 */
export function readingTypeOf(id: string): ReadingType {
  const found = readingTypes.find((type) => type.id === id);
  if (!found) {
    const known = readingTypes.map((type) => type.id).join(', ');
    throw new CodedError('model/unknown-reading-type', `expected a reading type (${known}), found '${id}'`);
  }
  return found;
}
