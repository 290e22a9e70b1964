/** The meter's own clock (Blue Book 4.5.1): it may be off and may drift; the wall clock of its zone follows from it. */
import assert from 'node:assert/strict';
import { type Result, success } from '@wattline/base';
import { decodeDateTime } from '@wattline/protocols/dlms';
import { type LocalZone, localZone } from './local-zone.ts';

/** Bit of the clock status: daylight saving is active (Blue Book 4.1.6.1). */
export const daylightSavingActive = 0x80;
const deviationUnspecified = 0x8000;

/** What the clock starts with. */
export interface MeterClockOptions {
  readonly zone: string;
  /** How far it is ahead of true time, ms. */
  readonly offsetMs?: number;
  /** How fast it runs, parts per million; below 0 it loses. */
  readonly driftPpm?: number;
  /** True instant from which the drift counts. */
  readonly startMs: number;
}

/** A clock. True time is that of the world; meter time is what the meter believes, both as UTC ms. */
export class MeterClock {
  readonly zone: LocalZone;
  readonly #driftPpm: number;
  #offsetMs: number;
  #sinceMs: number;

  constructor({ zone, offsetMs = 0, driftPpm = 0, startMs }: MeterClockOptions) {
    assert(Math.abs(driftPpm) < 100_000, `a clock drifts by less than a tenth, not by ${driftPpm} ppm`);
    this.zone = localZone(zone);
    this.#offsetMs = offsetMs;
    this.#driftPpm = driftPpm;
    this.#sinceMs = startMs;
  }

  /** Meter time at a true instant, whole ms. */
  at(trueMs: number): number {
    const drift = this.#driftPpm === 0 ? 0 : Math.round(((trueMs - this.#sinceMs) * this.#driftPpm) / 1e6);
    return trueMs + this.#offsetMs + drift;
  }

  /** From the true instant `trueMs` on the clock is ahead by `offsetMs`, and drifts from there. */
  set(trueMs: number, offsetMs: number): void {
    this.#offsetMs = offsetMs;
    this.#sinceMs = trueMs;
  }

  /** Status octet of a date-time at a meter time. */
  status(meterMs: number): number {
    return this.zone.stretchAt(meterMs).isDaylightSaving ? daylightSavingActive : 0;
  }

  /**
   * The meter time of a date-time from outside; one without deviation is wall clock of the meter's zone, and an hour that occurs
   * twice is meant as `ambiguous` says.
   */
  instantOf(octets: Uint8Array, ambiguous: 'earlier' | 'later' = 'earlier'): Result<number> {
    const decoded = decodeDateTime(octets);
    if (!decoded.ok) return decoded;
    const isLocal = (((octets[9] as number) << 8) | (octets[10] as number)) === deviationUnspecified;
    if (!isLocal) return success(decoded.value.instantMs);
    const wall = Temporal.Instant.fromEpochMilliseconds(decoded.value.instantMs).toZonedDateTimeISO('UTC');
    const local = wall.toPlainDateTime().toZonedDateTime(this.zone.name, { disambiguation: ambiguous });
    return success(local.epochMilliseconds);
  }
}
