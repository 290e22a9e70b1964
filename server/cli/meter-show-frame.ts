/** One frame of `wattline meter show`: the moment of a meter as text. */
import type { MeterMoment, MomentWave } from '@wattline/model';
import { BrailleCanvas } from './braille-canvas.ts';
import { renderDisplay } from './meter-show-display.ts';
import { renderTable } from './text-table.ts';

const diagramColumns = 22;
const diagramRows = 11;
const waveColumns = 46;
const waveRows = 5;
const barWidth = 18;
/** Harmonics that are shown of each phase: those of a supply are odd. */
const shownOrders = [3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31];

/** The frame. */
export function renderMoment(moment: MeterMoment): string {
  return [
    headOf(moment),
    '',
    ...(moment.display ? [...renderDisplay(moment.display), ''] : []),
    phasesOf(moment),
    ...waveOf(moment),
    '',
    registersOf(moment),
    ...logOf(moment),
  ].join('\n');
}

const fixed = (value: number | null, digits: number, unit: string) =>
  value === null ? '' : `${value.toFixed(digits)} ${unit}`.trim();

function headOf({ serial, at, activeW, frequencyHz, powerFactor, isConnected }: MeterMoment): string {
  const switchText = isConnected === null ? '' : isConnected ? 'connected' : 'DISCONNECTED';
  const powerText =
    activeW === null ? '' : `${activeW < 0 ? 'gives' : 'takes'} ${(Math.abs(activeW) / 1000).toFixed(3)} kW`;
  const factorText = powerFactor === null ? '' : `power factor ${powerFactor.toFixed(3)}`;
  return [`Meter ${serial}`, at, switchText, powerText, factorText, fixed(frequencyHz, 3, 'Hz')]
    .filter((part) => part !== '')
    .join('   ');
}

function phasesOf({ phases, wave }: MeterMoment): string {
  const rows = phases.map(({ voltageV, currentA }, index) => {
    const own = wave?.phases[index];
    return [
      `L${index + 1}`,
      fixed(voltageV, 1, ''),
      fixed(currentA, 2, ''),
      own ? own.voltageAngleDeg.toFixed(1) : '',
      own ? own.lagDeg.toFixed(1) : '',
      own ? own.thdVoltagePercent.toFixed(2) : '',
      own ? own.thdCurrentPercent.toFixed(2) : '',
    ];
  });
  return renderTable(['phase', 'U, V', 'I, A', 'U angle, °', 'I lags, °', 'THD U, %', 'THD I, %'], rows);
}

function waveOf({ wave, phases }: MeterMoment): string[] {
  if (!wave || wave.phases.length === 0) return [];
  const drawn = beside(phasorDiagram(wave.phases, phases), wavePlot(wave.phases), diagramColumns + 3);
  const origin =
    wave.origin === 'sampled'
      ? 'sampled by the meter'
      : 'modelled about the phasors: this meter has no converter';
  return [
    '',
    `phasors (U line, I dots), two cycles of U and I of L1, ${origin}`,
    ...drawn,
    '',
    ...harmonicBars(wave.phases),
    ...eventsOf(wave),
  ];
}

/** Voltages as lines, currents as dots, each to the largest of its kind; angle 0 points right, lagging turns clockwise. */
function phasorDiagram(waves: readonly MomentWave[], phases: MeterMoment['phases']): string[] {
  const canvas = new BrailleCanvas(diagramColumns, diagramRows);
  const [cx, cy] = [canvas.width / 2 - 0.5, canvas.height / 2 - 0.5];
  const largest = (pick: (phase: MeterMoment['phases'][number]) => number | null) =>
    Math.max(1e-9, ...phases.map((phase) => pick(phase) ?? 0));
  const [mostV, mostA] = [largest(({ voltageV }) => voltageV), largest(({ currentA }) => currentA)];
  for (const [index, { voltageAngleDeg, lagDeg }] of waves.entries()) {
    const { voltageV, currentA } = phases[index] ?? { voltageV: 0, currentA: 0 };
    const tip = (share: number, degrees: number): readonly [number, number] => {
      const rad = (degrees * Math.PI) / 180;
      return [cx + share * cx * Math.cos(rad), cy - share * cy * Math.sin(rad)];
    };
    canvas.line([cx, cy], tip((voltageV ?? 0) / mostV, voltageAngleDeg));
    canvas.line([cx, cy], tip((0.75 * (currentA ?? 0)) / mostA, voltageAngleDeg - lagDeg), 3);
  }
  return canvas.rows();
}

/** Voltage above current of the first phase. */
function wavePlot(waves: readonly MomentWave[]): string[] {
  const [first] = waves;
  if (!first) return [];
  return [...plot(first.voltage), '', ...plot(first.current)];
}

function plot(samples: readonly number[]): string[] {
  const canvas = new BrailleCanvas(waveColumns, waveRows);
  const most = Math.max(1e-9, ...samples.map(Math.abs));
  const place = (n: number): readonly [number, number] => [
    (n / Math.max(1, samples.length - 1)) * (canvas.width - 1),
    ((1 - (samples[n] as number) / most) / 2) * (canvas.height - 1),
  ];
  for (let n = 1; n < samples.length; n++) canvas.line(place(n - 1), place(n));
  return canvas.rows();
}

function beside(left: readonly string[], right: readonly string[], width: number): string[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, row) =>
    `${(left[row] ?? '').padEnd(width)}${right[row] ?? ''}`.trimEnd(),
  );
}

/** Bars of the first phase: shares of the fundamental; a full bar is the largest of its kind. */
function harmonicBars(waves: readonly MomentWave[]): string[] {
  const [first] = waves;
  if (!first) return [];
  const shares = (of: readonly number[]) =>
    shownOrders.map((order) => (of[0] ? (100 * (of[order - 1] ?? 0)) / of[0] : 0));
  const [voltage, current] = [shares(first.voltageHarmonicsV), shares(first.currentHarmonicsA)];
  const [mostV, mostA] = [Math.max(...voltage, 1), Math.max(...current, 1)];
  const lines = shownOrders.map((order, index) => {
    const cell = (percent: number, most: number) =>
      `${percent.toFixed(2).padStart(6)} % ${bar(percent / most).padEnd(barWidth)}`;
    return `${String(order).padStart(3)}  ${cell(voltage[index] ?? 0, mostV)}  ${cell(current[index] ?? 0, mostA)}`.trimEnd();
  });
  return ['harmonics of L1, share of the fundamental: voltage, current', ...lines];
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
function bar(share: number): string {
  const parts = Math.round(Math.min(1, share) * barWidth * 8);
  return '█'.repeat(parts >> 3) + (eighths[parts & 7] ?? '');
}

function eventsOf({ events }: NonNullable<MeterMoment['wave']>): string[] {
  if (events.length === 0) return [];
  const rows = events
    .toReversed()
    .map(({ kind, start, durationMs, extremeV, phase }) => [
      start,
      kind,
      `L${phase}`,
      `${durationMs}`,
      extremeV.toFixed(1),
    ]);
  return ['', renderTable(['supply event', 'kind', 'phase', 'ms', 'V'], rows)];
}

function registersOf({ registers }: MeterMoment): string {
  return renderTable(
    ['register', 'OBIS', 'value', 'unit'],
    registers.map(({ name, obis, value, unit }) => [name, obis, value, unit]),
  );
}

function logOf({ log }: MeterMoment): string[] {
  if (log.length === 0) return [];
  return [
    '',
    renderTable(
      ['event log', 'code'],
      log.map(({ at, code }) => [at, String(code)]),
    ),
  ];
}
