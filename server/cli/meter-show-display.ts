/** The display of a meter in a terminal: three lines of segments between its code and its signs. */
import { type DisplaySign, displaySigns, type MomentDisplay } from '@wattline/model';

/** For each line of a digit the segments of its three characters, as bits: a is 1, then b to g. */
const lines: readonly (readonly [left: number, middle: number, right: number])[] = [
  [0, 0x01, 0],
  [0x20, 0x40, 0x02],
  [0x10, 0x08, 0x04],
];
const digitWidth = 4;
const quadrants = ['QI', 'QII', 'QIII', 'QIV'];
const signTexts: Readonly<Record<DisplaySign, string>> = {
  ...{ L1: 'L1', L2: 'L2', L3: 'L3', 'switch-open': 'OPEN', tampered: 'TAMPER' },
  ...{ communicating: 'COM', 'battery-low': 'BATT', 'clock-invalid': 'CLOCK', 'credit-low': 'CREDIT' },
};

/** The glass, framed. */
export function renderDisplay({ now, rate, signs, quadrant }: MomentDisplay): string[] {
  const { segments, decimals, code, unit } = now;
  const point = decimals === 0 ? -1 : segments.length - 1 - decimals;
  const digits = lines.map((marks, line) =>
    segments.map((driven, place) => digitLine(driven, marks, line === 2 && place === point)).join(''),
  );
  const signLine = displaySigns.flatMap((sign) => [
    cell(signTexts[sign], signs.includes(sign)),
    ...(sign === 'L3' ? [(quadrants[(quadrant ?? 0) - 1] ?? '').padEnd(4)] : []),
  ]);
  const width = Math.max(segments.length * digitWidth, signLine.join(' ').length);
  const head = `${code.padEnd(12)}T${rate}`.padEnd(width - unit.length) + unit;
  const rows = [head, ...digits.map((row) => row.padStart(width)), signLine.join(' ')];
  const rule = `+${'-'.repeat(width + 2)}+`;
  return [rule, ...rows.map((row) => `| ${row.padEnd(width)} |`), rule];
}

const cell = (text: string, isOn: boolean) => (isOn ? text : ' '.repeat(text.length));

function digitLine(driven: number, [left, middle, right]: (typeof lines)[number], hasPoint: boolean): string {
  const mark = (bits: number, sign: string) => ((driven & bits) === 0 ? ' ' : sign);
  return `${mark(left, '|')}${mark(middle, '_')}${mark(right, '|')}${hasPoint ? '.' : ' '}`;
}
