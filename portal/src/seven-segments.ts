/** Digits of a seven-segment display as the segments that are on, a to g clockwise from the top with g in the middle. */

const segmentsOf: Readonly<Record<string, string>> = {
  '0': 'abcdef',
  '1': 'bc',
  '2': 'abged',
  '3': 'abgcd',
  '4': 'fgbc',
  '5': 'afgcd',
  '6': 'afgedc',
  '7': 'abc',
  '8': 'abcdefg',
  '9': 'abcdfg',
  '-': 'g',
  ' ': '',
};

/** All segments, so that those that are off can be drawn faintly. */
export const allSegments = ['a', 'b', 'c', 'd', 'e', 'f', 'g'] as const;
export type Segment = (typeof allSegments)[number];

/** A place of the display: its digit and whether a point follows. */
export interface DisplayPlace {
  readonly on: ReadonlySet<string>;
  readonly hasPoint: boolean;
}

/** A number set to the right of so many places; one that does not fit shows its lowest digits, as a meter does. */
export function displayPlaces(text: string, places: number): DisplayPlace[] {
  const found: DisplayPlace[] = [];
  for (const sign of text) {
    const last = found.at(-1);
    if (sign === '.' && last) found[found.length - 1] = { ...last, hasPoint: true };
    else found.push({ on: new Set(segmentsOf[sign] ?? ''), hasPoint: false });
  }
  const shown = found.slice(-places);
  const blank = { on: new Set<string>(), hasPoint: false };
  return [...Array.from({ length: places - shown.length }, () => blank), ...shown];
}
