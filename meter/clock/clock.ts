/**
 * The meter's own clock (Blue Book 4.5.1): it may be off, drifts with its crystal, is stepped or slewed when it is set; the wall clock of
 * its zone follows from it. Leap seconds are none of its business: its days have 86,400 s, and a time source that has seen one is a
 * second away, which the next synchronisation takes in.
 */
import assert from 'node:assert/strict';
import { type Result, success } from '@wattline/base';
import { decodeDateTime } from '@wattline/protocols/dlms';
import { type LocalZone, localZone } from './local-zone.ts';

/** Bits of the clock status (Blue Book 4.1.6.1). */
export const clockStatus = { invalid: 0x01, doubtful: 0x02, daylightSavingActive: 0x80 } as const;
export const { daylightSavingActive } = clockStatus;
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
  /** Its battery was empty while there was no supply, and nobody has set it since. */
  isInvalid = false;
  #driftPpm: number;
  #offsetMs: number;
  #sinceMs: number;
  /** What is still to be slewed, ms, from `#sinceMs` on at so many parts per million. */
  #slewMs = 0;
  #slewPpm = 0;

  constructor({ zone, offsetMs = 0, driftPpm = 0, startMs }: MeterClockOptions) {
    assertDrift(driftPpm);
    this.zone = localZone(zone);
    this.#offsetMs = offsetMs;
    this.#driftPpm = driftPpm;
    this.#sinceMs = startMs;
  }

  /** Meter time at a true instant, whole ms. */
  at(trueMs: number): number {
    return trueMs + this.#offsetMs + this.#gainedBy(trueMs);
  }

  /** From the true instant `trueMs` on the clock is ahead by `offsetMs`, and drifts from there. */
  set(trueMs: number, offsetMs: number): void {
    this.#offsetMs = offsetMs;
    this.#sinceMs = trueMs;
    this.#slewMs = 0;
    this.isInvalid = false;
  }

  /** From `trueMs` on it runs by `ppm` fast: the crystal is warmer, colder or older. Time goes on without a step. */
  drift(trueMs: number, ppm: number): void {
    assertDrift(ppm);
    this.#settle(trueMs);
    this.#driftPpm = ppm;
  }

  /** From `trueMs` on it gains `byMs` (loses, below 0) at `ppm`, beside its drift: no instant is left out or comes twice. */
  slew(trueMs: number, byMs: number, ppm: number): void {
    assert(ppm > 0 && ppm < 500_000, 'a slewed clock goes forward');
    this.#settle(trueMs);
    this.#slewMs = byMs;
    this.#slewPpm = ppm;
  }

  /** Status octet of a date-time at a meter time. */
  status(meterMs: number): number {
    const daylight = this.zone.stretchAt(meterMs).isDaylightSaving ? clockStatus.daylightSavingActive : 0;
    return daylight | (this.isInvalid ? clockStatus.invalid : 0);
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

  #gainedBy(trueMs: number): number {
    const elapsedMs = trueMs - this.#sinceMs;
    const drift = this.#driftPpm === 0 ? 0 : Math.round((elapsedMs * this.#driftPpm) / 1e6);
    return drift + this.#slewedBy(elapsedMs);
  }

  #slewedBy(elapsedMs: number): number {
    if (this.#slewMs === 0) return 0;
    const most = Math.max(0, Math.floor((elapsedMs * this.#slewPpm) / 1e6));
    return Math.sign(this.#slewMs) * Math.min(Math.abs(this.#slewMs), most);
  }

  /** Puts into the offset what was gained, so that another rate may begin. */
  #settle(trueMs: number): void {
    const slewed = this.#slewedBy(trueMs - this.#sinceMs);
    this.#offsetMs += this.#gainedBy(trueMs);
    this.#slewMs -= slewed;
    this.#sinceMs = trueMs;
  }
}

function assertDrift(ppm: number): void {
  assert(Math.abs(ppm) < 100_000, `a clock drifts by less than a tenth, not by ${ppm} ppm`);
}
