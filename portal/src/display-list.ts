/** What the page draws of a meter's display: the segments and annunciators that the meter drives, nothing worked out here. */
import type { DisplaySign, MomentDisplay, MomentDisplayPage } from '@wattline/model';
import { words } from './words.ts';

/** Segments in the order of their bits. */
export const allSegments = ['a', 'b', 'c', 'd', 'e', 'f', 'g'] as const;
export type Segment = (typeof allSegments)[number];

/** A place of the display: which segments are on, and whether a point follows. */
export interface DisplayPlace {
  readonly on: ReadonlySet<Segment>;
  readonly hasPoint: boolean;
}

/** The places of a page from the left. */
export function displayPlaces({ segments, decimals }: MomentDisplayPage): DisplayPlace[] {
  const point = decimals === 0 ? -1 : segments.length - 1 - decimals;
  return segments.map((driven, place) => ({
    on: new Set(allSegments.filter((_, bit) => (driven & (1 << bit)) !== 0)),
    hasPoint: place === point,
  }));
}

/** The digits of a page as text, with their point. */
export function displayFigure({ digits, decimals }: MomentDisplayPage): string {
  const at = digits.length - decimals;
  return (decimals === 0 ? digits : `${digits.slice(0, at)}.${digits.slice(at)}`).trim();
}

/** What stands there, or, after so many presses of the button, what that many pages on does. */
export function shownPage({ now, automatic, manual }: MomentDisplay, presses: number): MomentDisplayPage {
  const all = [...automatic, ...manual];
  return presses === 0 ? now : (all[(presses - 1) % Math.max(1, all.length)] ?? now);
}

/** An annunciator with its place from the left, in characters, those that are off included. */
export interface PlacedSign {
  readonly text: string;
  readonly at: number;
}

/** Every annunciator has its own place on the glass; those that are on. */
export function placedSigns({ signs, quadrant }: MomentDisplay): PlacedSign[] {
  const { display } = words.meterPage;
  const placed: PlacedSign[] = [];
  let at = 0;
  const place = (text: string, size: number, isOn: boolean) => {
    if (isOn) placed.push({ text, at });
    at += size + 1;
  };
  for (const [sign, text] of Object.entries(display.signs) as [DisplaySign, string][]) {
    place(text, text.length, signs.includes(sign));
    if (sign !== 'L3') continue;
    place(display.quadrants[(quadrant ?? 1) - 1] ?? '', display.quadrants[2].length, quadrant !== null);
  }
  return placed;
}
