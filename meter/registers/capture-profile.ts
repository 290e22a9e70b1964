/**
 * A Profile generic whose capture objects can be chosen (Blue Book 4.3.6): at each end of its period, and on command, it keeps one whole
 * number of each captured quantity, with status; configuring it anew clears the buffer, as the standard has it.
 */
import assert from 'node:assert/strict';
import { type ClockEdge, nextMultiple } from './clock-edge.ts';
import { ColumnRing, type Storage } from './column-ring.ts';

/** What a capture object refers to. */
export interface CaptureReference {
  readonly classId: number;
  readonly obis: string;
  readonly attribute: number;
}

/** A quantity that can be captured. */
export interface CapturableQuantity extends CaptureReference {
  readonly title: string;
  readonly scaler: number;
  readonly unit: string;
  readonly storage: Storage;
  /**
   * What of it is kept: the value at the end (`last`), its mean over the time with supply, its highest or lowest value, or by how much
   * it grew (`growth`).
   */
  readonly keep: 'last' | 'mean' | 'highest' | 'lowest' | 'growth';
  /** The value now, in units of the scaler. */
  read(): number;
}

/** How a profile is set up. */
export interface ProfileSetup {
  /** Seconds, divides a day; 0: on command alone. */
  readonly periodSeconds: number;
  readonly quantities: readonly CapturableQuantity[];
  readonly capacity: number;
  /** Bits of the status that the clock gives an entry by its label. */
  readonly statusAt?: (labelMs: number) => number;
}

/** Columns before those of the quantities. */
export const captureColumn = { label: 0, status: 1, firstQuantity: 2 } as const;

/** A profile. */
export class CaptureProfile implements ClockEdge {
  #setup: ProfileSetup;
  #ring: ColumnRing;
  #nextMs: number;
  /** By quantity: sum of value x ms, extreme, or the value at the start. */
  #running: number[];
  #passedMs = 0;
  #status = 0;
  #standing = 0;
  /** Told of each buffer that takes over, and how often that happened: the place to have it outlive the process. */
  onRing: ((ring: ColumnRing, count: number) => void) | undefined;
  #configured = 0;

  constructor(setup: ProfileSetup, meterMs: number) {
    this.#setup = setup;
    this.#ring = ringOf(setup);
    this.#nextMs = firstEdge(setup, meterMs);
    this.#running = setup.quantities.map(startOf);
  }

  get setup(): ProfileSetup {
    return this.#setup;
  }

  get ring(): ColumnRing {
    return this.#ring;
  }

  get nextMs(): number {
    return this.#nextMs;
  }

  /** Time passed while the quantities were what they read now. */
  pass(durationMs: number): void {
    this.#setup.quantities.forEach((quantity, index) => {
      if (quantity.keep === 'last' || quantity.keep === 'growth') return;
      const value = quantity.read();
      const before = this.#running[index] as number;
      if (quantity.keep === 'mean') this.#running[index] = before + value * durationMs;
      else if (this.#passedMs === 0) this.#running[index] = value;
      else this.#running[index] = Math[quantity.keep === 'highest' ? 'max' : 'min'](before, value);
    });
    this.#passedMs += durationMs;
  }

  /** Bits of the status of the running entry. */
  flag(bits: number): void {
    this.#status |= bits;
  }

  /** Bits that hold from now on, for the running entry and those after it. */
  stand(bits: number): void {
    this.#standing = bits;
    this.#status |= bits;
  }

  reach(edgeMs: number): void {
    this.capture(edgeMs);
    this.#nextMs = edgeMs + this.#setup.periodSeconds * 1000;
  }

  reschedule(meterMs: number): void {
    this.#nextMs = firstEdge(this.#setup, meterMs);
  }

  /** Keeps an entry labelled `labelMs` and begins the next. */
  capture(labelMs: number): void {
    const values = this.#setup.quantities.map((quantity, index) => this.#valueOf(quantity, index));
    this.#ring.append([labelMs, this.#status | (this.#setup.statusAt?.(labelMs) ?? 0), ...values]);
    this.#begin();
  }

  /** Clears the buffer. */
  reset(): void {
    this.#ring.clear();
    this.#begin();
  }

  /** Another period, other quantities or another capacity: the buffer is cleared. */
  configure(change: Partial<ProfileSetup>, meterMs: number): void {
    this.#setup = { ...this.#setup, ...change };
    this.#ring = ringOf(this.#setup);
    this.#nextMs = firstEdge(this.#setup, meterMs);
    this.onRing?.(this.#ring, ++this.#configured);
    this.#begin();
  }

  #begin(): void {
    this.#running = this.#setup.quantities.map(startOf);
    this.#passedMs = 0;
    this.#status = this.#standing;
  }

  #valueOf({ keep, read }: CapturableQuantity, index: number): number {
    const running = this.#running[index] as number;
    if (keep === 'growth') return read() - running;
    if (keep === 'last') return read();
    if (this.#passedMs === 0) return 0;
    return keep === 'mean' ? Math.round(running / this.#passedMs) : running;
  }
}

/** Whether a profile can capture at such a period. */
export function isCapturePeriod(periodSeconds: number): boolean {
  return periodSeconds === 0 || (periodSeconds >= 60 && 86_400 % periodSeconds === 0);
}

function startOf({ keep, read }: CapturableQuantity): number {
  return keep === 'growth' ? read() : 0;
}

function ringOf({ quantities, capacity }: ProfileSetup): ColumnRing {
  return new ColumnRing(capacity, ['float64', 'uint8', ...quantities.map(({ storage }) => storage)]);
}

function firstEdge({ periodSeconds }: ProfileSetup, meterMs: number): number {
  assert(isCapturePeriod(periodSeconds), 'a capture period divides a day');
  return periodSeconds === 0 ? Number.POSITIVE_INFINITY : nextMultiple(meterMs, periodSeconds * 1000);
}
