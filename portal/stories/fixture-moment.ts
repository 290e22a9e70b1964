/** The moment of a meter with fixed data: three phases with some distortion. */
import type { MeterMoment, MomentDisplay, MomentDisplayPage, MomentWave } from '@wattline/model';

const samplesPerCycle = 80;
const parts = [
  [1, 1, 0],
  [3, 0.12, 2.9],
  [5, 0.07, 0.4],
  [7, 0.03, 1.8],
] as const;

function waveOf(phase: number, amps: number, lagDeg: number): MomentWave {
  const turn = (-2 * Math.PI * phase) / 3;
  const sample = (n: number, rms: number, lagRad: number, distortion: number) =>
    parts.reduce((sum, [order, share, angle]) => {
      const at = order * ((2 * Math.PI * n) / samplesPerCycle + turn - lagRad) + angle;
      return sum + Math.SQRT2 * rms * (order === 1 ? 1 : share * distortion) * Math.cos(at);
    }, 0);
  const harmonics = (rms: number, distortion: number) =>
    Array.from({ length: 31 }, (_, index) => {
      const share = parts.find(([order]) => order === index + 1)?.[1] ?? (index % 2 === 0 ? 0.004 : 0.0004);
      return index === 0 ? rms : rms * share * distortion;
    });
  const samples = Array.from({ length: 2 * samplesPerCycle }, (_, n) => n);
  return {
    voltageAngleDeg: phase === 0 ? 0 : phase === 1 ? -120.1 : 119.8,
    lagDeg,
    thdVoltagePercent: 1.92 + phase / 10,
    thdCurrentPercent: 13.4 - phase,
    voltageHarmonicsV: harmonics(230, 0.12),
    currentHarmonicsA: harmonics(amps, 1),
    voltage: samples.map((n) => sample(n, 230, 0, 0.12)),
    current: samples.map((n) => sample(n, amps, (lagDeg * Math.PI) / 180, 1)),
  };
}

const amps = [5.36, 3.1, 7.92];

const segmentsOf = [0x3f, 0x06, 0x5b, 0x4f, 0x66, 0x6d, 0x7d, 0x07, 0x7f, 0x6f];

function pageOf(code: string, figure: string, unit: string): MomentDisplayPage {
  const digits = figure.replace('.', '').padStart(8);
  const decimals = figure.includes('.') ? figure.length - 1 - figure.indexOf('.') : 0;
  const segments = Array.from(digits, (digit) => (digit === ' ' ? 0 : (segmentsOf[Number(digit)] ?? 0x40)));
  return { code, digits, decimals, unit, segments };
}

export const fixtureDisplay: MomentDisplay = {
  isLit: false,
  dwellS: 8,
  signs: ['L1', 'L2', 'L3', 'communicating'],
  quadrant: 1,
  rate: 2,
  now: pageOf('1.8.0', '24872.41', 'kWh'),
  automatic: [
    pageOf('1.8.0', '24872.41', 'kWh'),
    pageOf('2.8.0', '0.00', 'kWh'),
    pageOf('1.7.0', '3.512', 'kW'),
    pageOf('0.9.1', '120005', ''),
  ],
  manual: [pageOf('1.8.1', '8190.53', 'kWh'), pageOf('32.7.0', '230.4', 'V')],
};

export const fixtureMoment: MeterMoment = {
  serial: 'WTL10000001',
  at: '2026-11-21T12:00:05Z',
  activeW: 3512,
  frequencyHz: 49.98,
  powerFactor: 0.968,
  isConnected: true,
  phases: amps.map((currentA, phase) => ({ voltageV: 230.4 - phase, currentA })),
  registers: [
    { obis: '1.0.1.8.0.255', name: '+A total', value: '24872412', unit: 'Wh' },
    { obis: '1.0.1.8.1.255', name: '+A rate 1', value: '8190533', unit: 'Wh' },
    { obis: '1.0.1.8.2.255', name: '+A rate 2', value: '16681879', unit: 'Wh' },
    { obis: '1.0.2.8.0.255', name: '-A total', value: '0', unit: 'Wh' },
  ],
  log: [{ at: '2026-11-20T03:12:00Z', code: 1 }],
  display: fixtureDisplay,
  wave: {
    origin: 'sampled',
    sampleRateHz: 4000,
    phases: amps.map((current, phase) => waveOf(phase, current, 14 + 3 * phase)),
    events: [{ kind: 'dip', start: '2026-11-21T11:58:02Z', durationMs: 180, extremeV: 171.3, phase: 2 }],
  },
};

/** A meter of one phase without an object for its wave, giving back. */
export const plainMoment: MeterMoment = {
  ...fixtureMoment,
  activeW: -840,
  isConnected: false,
  phases: [{ voltageV: 231.2, currentA: 3.7 }],
  display: {
    ...{ isLit: true, dwellS: 8, quadrant: 3, rate: 1 },
    signs: [
      ...(['L1', 'switch-open', 'tampered', 'communicating'] as const),
      ...(['battery-low', 'clock-invalid', 'credit-low'] as const),
    ],
    now: pageOf('1.7.0', '-.---', 'kW'),
    automatic: [],
    manual: [],
  },
  wave: null,
};
