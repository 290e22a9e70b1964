/** What a display shows one after another, as data: by itself, and more of it by the button. */

/** A figure: what it is called by OBIS, how it is read and written. */
export interface DisplayItem {
  /** OBIS code as the display abbreviates it: C.D.E. */
  readonly code: string;
  readonly unit: DisplayUnit;
  /** Digits after the point. */
  readonly decimals: number;
  /** Three pairs of digits with dashes between, as clocks and dates are written. */
  readonly isPairs?: true;
  /** The value in units of the last digit, a whole number; undefined shows dashes. */
  read(): number | undefined;
}

/** Units that the segments can show. */
export const displayUnits = ['kWh', 'kvarh', 'kVAh', 'kW', 'kVA', 'V', 'A', 'Hz', 'PF', ''] as const;
export type DisplayUnit = (typeof displayUnits)[number];

/** What can be put into a list, beside the registers of rates. */
const figureNames = [
  'date',
  'time',
  'delivered',
  'received',
  'reactive',
  'apparent',
  'demand',
  'maximum-demand',
  'voltage',
  'current',
  'power',
  'power-factor',
  'frequency',
  'balance',
  'serial',
  'tamper-count',
  'legal-checksum',
] as const;
export type FigureName = (typeof figureNames)[number];
export type ItemName = FigureName | `rate-${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8}`;

/** Whether a text names something that can be shown. */
export function isItemName(name: unknown): name is ItemName {
  if (typeof name !== 'string') return false;
  return (figureNames as readonly string[]).includes(name) || /^rate-[1-8]$/.test(name);
}

/** Lists of a companion profile. */
export interface ScrollLists {
  /** Shown without anybody touching the meter. */
  readonly automatic: readonly ItemName[];
  /** Added by the button. */
  readonly manual: readonly ItemName[];
  /** Seconds for each figure. */
  readonly dwellS: number;
}

/** Lists by companion profile; others show those of `demo`. */
export const scrollLists: Readonly<Record<string, ScrollLists>> = {
  demo: {
    automatic: ['delivered', 'received', 'power', 'time'],
    manual: [
      'rate-1',
      'rate-2',
      'maximum-demand',
      'voltage',
      'current',
      'power-factor',
      'frequency',
      'date',
      'serial',
      'legal-checksum',
    ],
    dwellS: 8,
  },
  is15959: {
    automatic: ['date', 'time', 'delivered', 'apparent', 'maximum-demand'],
    manual: [
      'serial',
      'rate-1',
      'rate-2',
      'rate-3',
      'rate-4',
      'voltage',
      'current',
      'power-factor',
      'power',
      'received',
      'tamper-count',
      'balance',
      'legal-checksum',
    ],
    dwellS: 10,
  },
};
