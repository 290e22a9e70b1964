/** The shapes of marks and states on a 12 x 12 field, as path data: the same in SVG and on canvas. */
import type { MeterState } from './feeder-tree.ts';
import type { Mark } from './quality-mark.ts';

/** A shape: what is filled, what is drawn as a line in the same colour, and what is cut out in the ground's colour. */
export interface Shape {
  readonly fill?: string;
  readonly line?: string;
  readonly cut?: string;
  readonly isDashed?: boolean;
  /** Token of its colour. */
  readonly colour: string;
}

const disc = (r: number) => `M${6 - r} 6a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
const octagon = 'M4 1.2h4L10.8 4v4L8 10.8H4L1.2 8V4z';

export const markShapes: Readonly<Record<Mark, Shape>> = {
  measured: { fill: disc(3.6), colour: '--energy' },
  estimated: { line: 'M6 1.4 10.6 6 6 10.6 1.4 6z', colour: '--estimated' },
  edited: { fill: 'M2 2h8v8H2z', cut: 'M4 8l4-4', colour: '--edited' },
  suspect: { fill: 'M6 .9 11.6 10.9H.4z', cut: 'M6 4.4v3M6 8.6v1', colour: '--suspect' },
  missing: { line: 'M2.4 2.4l7.2 7.2M9.6 2.4 2.4 9.6', colour: '--missing' },
  'power-off': { fill: 'M1.5 1.5h9v9h-9z', cut: 'M6.8 2.6 4.4 6.4h3.2L5.2 9.6', colour: '--power-off' },
  'doubtful-clock': { line: `${disc(4.4)}M6 3.2V6l2 1.4`, colour: '--suspect' },
  awaited: { line: disc(3.9), isDashed: true, colour: '--awaited' },
};

export const stateShapes: Readonly<Record<MeterState, Shape>> = {
  ok: { fill: disc(4.2), colour: '--ok' },
  late: { fill: 'M6 1 11.4 10.6H.6z', cut: 'M6 4.4v3M6 8.5v.9', colour: '--warn' },
  unreachable: { line: 'M2.2 2.2l7.6 7.6M9.8 2.2 2.2 9.8', colour: '--alarm' },
  refused: { fill: octagon, cut: 'M3.6 6h4.8', colour: '--alarm' },
  waiting: { line: disc(3.9), isDashed: true, colour: '--awaited' },
};

export const severityShapes: Readonly<Record<'info' | 'warning' | 'alarm', Shape>> = {
  info: { fill: disc(3), colour: '--ink-3' },
  warning: { fill: 'M6 1 11.4 10.6H.6z', cut: 'M6 4.4v3M6 8.5v.9', colour: '--warn' },
  alarm: { fill: octagon, cut: 'M6 3v3.6M6 8.2v.9', colour: '--alarm' },
};
