/** What a meter shows of the present moment, as read from its objects: `GET /api/v1/meters/{serial}/moment`, `wattline meter show`. */

/** One phase. `null` is what the meter has no object for. */
export interface MomentPhase {
  readonly voltageV: number | null;
  readonly currentA: number | null;
}

/** The waveform of one phase; orders run from 1. */
export interface MomentWave {
  /** Angle of the fundamental voltage to that of phase 1, degrees; negative lags. */
  readonly voltageAngleDeg: number;
  /** Angle by which the fundamental current lags its voltage, degrees. */
  readonly lagDeg: number;
  readonly thdVoltagePercent: number;
  readonly thdCurrentPercent: number;
  readonly voltageHarmonicsV: readonly number[];
  readonly currentHarmonicsA: readonly number[];
  /** Samples, V and A. */
  readonly voltage: readonly number[];
  readonly current: readonly number[];
}

/** A dip, swell, interruption or rapid change that the meter saw. */
export interface MomentSupplyEvent {
  readonly kind: SupplyEventKind;
  readonly start: string;
  readonly durationMs: number;
  /** Residual or highest voltage, or largest change, V. */
  readonly extremeV: number;
  /** From 1. */
  readonly phase: number;
}

/** Kinds of supply events; their place is their number on the wire. */
export const supplyEventKinds = ['dip', 'swell', 'interruption', 'rapid-voltage-change'] as const;
export type SupplyEventKind = (typeof supplyEventKinds)[number];

/** Where the samples come from: the converter of the meter, or a model of the wave about the phasors it measured. */
export const waveOrigins = ['sampled', 'modelled'] as const;
export type WaveOrigin = (typeof waveOrigins)[number];

/** A register as it was read: the value is an exact decimal. */
export interface MomentRegister {
  readonly obis: string;
  readonly name: string;
  readonly value: string;
  readonly unit: string;
}

/** An entry of the meter's event log; `code` is a number of its companion profile. */
export interface MomentLogEntry {
  readonly at: string;
  readonly code: number;
}

/** A page of the display: what the figure is called by OBIS (C.D.E), and what stands in the eight places. */
export interface MomentDisplayPage {
  readonly code: string;
  /** Eight characters from the left. */
  readonly digits: string;
  /** Places behind the point; 0 for none. */
  readonly decimals: number;
  readonly unit: string;
  /** The segments of each place as they are driven: bit 0 is a (top), then b to f clockwise, g in the middle. */
  readonly segments: readonly number[];
}

/** Annunciators of the display; their place is their bit on the wire. */
export const displaySigns = [
  ...['L1', 'L2', 'L3', 'switch-open', 'tampered'],
  ...['communicating', 'battery-low', 'clock-invalid', 'credit-low'],
] as const;
export type DisplaySign = (typeof displaySigns)[number];

/** The display as the meter drives it. */
export interface MomentDisplay {
  readonly isLit: boolean;
  /** Seconds for which each page of the automatic list stands. */
  readonly dwellS: number;
  /** Annunciators that are on. */
  readonly signs: readonly DisplaySign[];
  /** Quadrant of the present power, 1 to 4; null without load. */
  readonly quadrant: number | null;
  /** Rate that counts now. */
  readonly rate: number;
  /** What stands there now. */
  readonly now: MomentDisplayPage;
  /** What it shows by itself, one after the other; then what the button adds. */
  readonly automatic: readonly MomentDisplayPage[];
  readonly manual: readonly MomentDisplayPage[];
}

/** The moment. */
export interface MeterMoment {
  readonly serial: string;
  /** By the meter's own clock. */
  readonly at: string;
  readonly activeW: number | null;
  readonly frequencyHz: number | null;
  readonly powerFactor: number | null;
  readonly isConnected: boolean | null;
  readonly phases: readonly MomentPhase[];
  readonly registers: readonly MomentRegister[];
  readonly log: readonly MomentLogEntry[];
  readonly display: MomentDisplay | null;
  readonly wave: {
    readonly origin: WaveOrigin;
    readonly sampleRateHz: number;
    readonly phases: readonly MomentWave[];
    readonly events: readonly MomentSupplyEvent[];
  } | null;
}

/**
 * The object of the waveform: Data (class 1) with a code of the range for manufacturers (IEC 62056-6-1, 5.3.2: C from 128). Its value is a
 * structure: origin (enum), frequency (mHz), size of a code of voltage (uV) and of current (uA), samples a second, phases, supply events;
 * a phase is a structure: voltage angle and lag (0.01 degrees), THD of voltage and current (0.01 %), harmonics of voltage (mV) and of current
 * (0.1 mA) from order 1, samples of voltage and current as octet-strings of signed 16-bit codes; an event: kind (enum), start (date-time),
 * duration (ms), extreme (mV), phase from 1.
 */
export const waveformObis = '1.0.128.7.0.255';

/**
 * The object of the display: Data (class 1) with a code of the range for manufacturers. Its value is a structure: lit (boolean), seconds for
 * each page (unsigned), annunciators (bit-string in the order of `displaySigns`), quadrant (enum, 0 without load), rate (unsigned), the page
 * that stands there, the pages of the automatic and those of the manual list; a page is a structure: code, digits, decimals (unsigned), unit
 * (texts as octet-strings), segments as an octet-string of one octet for each place.
 */
export const displayObis = '0.0.128.21.0.255';
