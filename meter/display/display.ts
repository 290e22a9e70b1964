/**
 * The display of a meter: eight digits of seven segments, a code, a unit and annunciators. What it shows is a pure function of the meter
 * and of time; buttons choose the list and light it. A scene is what a screen draws; a text is what a terminal shows.
 */
import type { DisplayItem, ItemName, ScrollLists } from './scroll-list.ts';

/** Lamps and symbols around the digits. */
export interface Annunciators {
  /** Phases that have voltage: L1, L2, L3. */
  readonly phases: readonly boolean[];
  /** Quadrant of the present power, I to IV; undefined without load. */
  readonly quadrant: 1 | 2 | 3 | 4 | undefined;
  /** Rate that counts now. */
  readonly rate: number;
  readonly isSwitchOpen: boolean;
  readonly isTampered: boolean;
  /** Somebody is associated, or was a moment ago. */
  readonly isCommunicating: boolean;
  readonly isBatteryLow: boolean;
  readonly isClockInvalid: boolean;
  readonly isCreditLow: boolean;
}

/** What the display shows of its meter. */
export interface DisplaySource {
  item(name: ItemName): DisplayItem;
  annunciators(): Annunciators;
}

/** A figure as it stands in the digits. */
export interface DisplayPage {
  readonly name: ItemName;
  readonly code: string;
  /** Eight characters from the left: a digit, a letter of seven segments, `-` or a space. */
  readonly digits: string;
  /** Position of the decimal point: so many digits are behind it; 0 for none. */
  readonly decimals: number;
  readonly unit: string;
  /** For each digit its segments, bit 0 is a (top), then b to g clockwise and the middle. */
  readonly segments: readonly number[];
}

/** A moment of the display, to be drawn. */
export interface DisplayScene extends DisplayPage {
  readonly annunciators: Annunciators;
  readonly isLit: boolean;
}

export const digitCount = 8;

/** Segments by character. */
const segmentsOf: Readonly<Record<string, number>> = {
  '0': 0x3f,
  '1': 0x06,
  '2': 0x5b,
  '3': 0x4f,
  '4': 0x66,
  '5': 0x6d,
  '6': 0x7d,
  '7': 0x07,
  '8': 0x7f,
  '9': 0x6f,
  '-': 0x40,
  ' ': 0x00,
  A: 0x77,
  b: 0x7c,
  C: 0x39,
  d: 0x5e,
  E: 0x79,
  F: 0x71,
};

const litMs = 60_000;
const manualMs = 120_000;

/** The buttons: `scroll` goes through the long list, `test` lights every segment. */
export type DisplayButton = 'scroll' | 'test';

/** The display of one meter. */
export class Display {
  readonly #source: DisplaySource;
  lists: ScrollLists;
  #manualIndex: number | undefined;
  #pressedMs = Number.NEGATIVE_INFINITY;
  #isTest = false;

  constructor(source: DisplaySource, lists: ScrollLists) {
    this.#source = source;
    this.lists = lists;
  }

  /** A button is pressed at a meter time. */
  press(button: DisplayButton, meterMs: number): void {
    const isFresh = meterMs - this.#pressedMs > manualMs;
    this.#pressedMs = meterMs;
    this.#isTest = button === 'test';
    if (button === 'test') return;
    // The first press only lights it.
    if (isFresh) this.#manualIndex = undefined;
    else this.#manualIndex = ((this.#manualIndex ?? -1) + 1) % this.#manual.length;
  }

  /** What stands there at a meter time. */
  scene(meterMs: number): DisplayScene {
    const sincePress = meterMs - this.#pressedMs;
    const isLit = sincePress >= 0 && sincePress < litMs;
    const isManual = this.#manualIndex !== undefined && sincePress < manualMs;
    const { automatic, dwellS } = this.lists;
    const turn = Math.floor(meterMs / (dwellS * 1000)) % Math.max(1, automatic.length);
    const name = (isManual ? this.#manual[this.#manualIndex as number] : automatic[turn]) ?? 'delivered';
    const page = this.#isTest && isLit ? testPage(name) : this.page(name);
    return { ...page, annunciators: this.#source.annunciators(), isLit };
  }

  /** A figure as it would stand there now. */
  page(name: ItemName): DisplayPage {
    const { code, unit, decimals, isPairs, read } = this.#source.item(name);
    const value = read();
    const written = (of: number) => (isPairs ? pairs(of) : format(of, decimals));
    const digits = value === undefined ? '-'.repeat(digitCount) : written(value);
    return { name, code, digits, decimals, unit, segments: segments(digits) };
  }

  get #manual(): readonly ItemName[] {
    return [...this.lists.automatic, ...this.lists.manual];
  }
}

function testPage(name: ItemName): DisplayPage {
  const digits = '8'.repeat(digitCount);
  return { name, code: '8.8.8', digits, decimals: 0, unit: '', segments: segments(digits) };
}

function segments(digits: string): number[] {
  return Array.from(digits, (character) => segmentsOf[character] ?? 0);
}

/** Six digits as three pairs: 022528 as 02-25-28. */
function pairs(value: number): string {
  const digits = String(value).padStart(6, '0');
  return `${digits.slice(0, 2)}-${digits.slice(2, 4)}-${digits.slice(4, 6)}`;
}

/** A whole number right-aligned, with zeros up to the point; one that is too long keeps its last digits, as a counter rolls over. */
function format(value: number, decimals: number): string {
  const sign = value < 0 ? '-' : '';
  const figures = String(Math.abs(value)).padStart(decimals + 1, '0');
  return (sign + figures.slice(-(digitCount - sign.length))).padStart(digitCount, ' ');
}
