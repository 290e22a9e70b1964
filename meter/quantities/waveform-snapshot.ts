/** The wave behind the quantities at one moment, as the meter shows it to those who look closer: harmonics, angles, two cycles of samples. */
import type { SupplyEventKind, WaveOrigin } from '@wattline/model';

/** One phase. Harmonics by order, index 0 is DC. */
export interface SnapshotPhase {
  readonly voltageAngleRad: number;
  readonly lagRad: number;
  /** Shares of the fundamental. */
  readonly thdVoltage: number;
  readonly thdCurrent: number;
  readonly voltageHarmonicsV: Float64Array;
  readonly currentHarmonicsA: Float64Array;
  /** Codes of two cycles. */
  readonly voltage: Int16Array;
  readonly current: Int16Array;
}

/** A supply event that ended; times are true UTC ms. */
export interface SnapshotEvent {
  readonly kind: SupplyEventKind;
  readonly startMs: number;
  readonly durationMs: number;
  readonly extremeV: number;
  /** From 0. */
  readonly phase: number;
}

/** The snapshot. */
export interface WaveformSnapshot {
  readonly origin: WaveOrigin;
  readonly frequencyHz: number;
  readonly sampleRateHz: number;
  readonly voltsPerCode: number;
  readonly ampsPerCode: number;
  readonly phases: readonly SnapshotPhase[];
  /** The last ones, newest last. */
  readonly events: readonly SnapshotEvent[];
}
