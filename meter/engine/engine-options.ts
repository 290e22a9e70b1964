/** What the engine is told. */
import type { Calibration } from './calibration.ts';
import type { FlickerLamp } from './flicker.ts';
import type { SupplyEvent, SupplyThresholds } from './supply-events.ts';
import type { KernelKind } from './window-kernel.ts';
import type { WindowReading } from './window-reading.ts';

/** How the meter is wired: elements are phases against neutral, or Uab with Ia and Ucb with Ic. */
export const wirings = {
  'one-phase': { elements: 1, isLineToLine: false },
  'three-phase four-wire': { elements: 3, isLineToLine: false },
  'three-phase three-wire': { elements: 2, isLineToLine: true },
} as const;

/** A wiring by name. */
export type Wiring = keyof typeof wirings;

/** The options. */
export interface EngineOptions {
  readonly wiring: Wiring;
  readonly sampleRateHz: number;
  readonly nominalHz: 50 | 60;
  readonly calibration: Calibration;
  /** Declared supply voltage, V: events and the least voltage that has a frequency are shares of it. */
  readonly declaredV: number;
  /** Apparent power as the root of P^2 + Q^2 of the sums, or as the sum of U I; default vector. */
  readonly apparent?: 'vector' | 'arithmetic';
  /** Highest harmonic; default 31 at 8 kHz, 50 from 16 kHz, 15 below; what the sample rate cannot carry is refused. */
  readonly highestOrder?: number;
  /** Active power of one phase below which it counts as not loaded (anti-creep), W; default 0. */
  readonly creepW?: number;
  /** Whether DC is taken out of powers and RMS values; default true. */
  readonly removesDc?: boolean;
  /** Cycles of a window, even; default 10 of 50 Hz, 12 of 60 Hz. */
  readonly windowCycles?: number;
  /** Seconds of the clock (UTC) at sample 0: windows begin anew at each 10-minute tick. Without it they follow without end. */
  readonly clockS?: number;
  /** How the work on every sample is done; default WebAssembly where it is to be had. The readings are the same. */
  readonly kernel?: KernelKind;
  /** Whether interharmonics are measured; costs as much as all the rest. */
  readonly interharmonics?: boolean;
  readonly supplyThresholds?: Partial<SupplyThresholds>;
  /** Measures flicker for this lamp; not at all when left out. */
  readonly flickerLamp?: FlickerLamp;
  readonly onWindow?: (reading: WindowReading) => void;
  readonly onSupplyEvent?: (event: SupplyEvent) => void;
  /** Short-term flicker of a phase at the end of each 10 min. */
  readonly onFlicker?: (phase: number, pst: number, endS: number) => void;
}

/** The highest order that a sample rate carries at the highest frequency within 0.01 %. */
export function highestOrderAt(sampleRateHz: number): number {
  if (sampleRateHz >= 16_000) return 50;
  return sampleRateHz >= 8000 ? 31 : Math.min(31, Math.floor((0.267 * sampleRateHz) / 69));
}
