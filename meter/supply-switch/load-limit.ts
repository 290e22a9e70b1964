/**
 * The load limit of a meter: mean power over windows of its clock against a threshold, another one in an emergency; a load that stays over
 * it is disconnected locally, and tried again a few times. Powers come from counted energy, so that the same energy always trips alike.
 */
import {
  type ClockEdge,
  type CountedStretch,
  type EnergyFollower,
  nextMultiple,
} from '../registers/clock-edge.ts';

/** What is allowed. */
export interface LoadLimitSettings {
  readonly isEnabled: boolean;
  /** 0 is not set: nothing is limited. */
  readonly thresholdW: number;
  /** Seconds that the load must stay over it. */
  readonly minOverS: number;
  /** Seconds after which the meter tries again, and how often before it stays off. */
  readonly reconnectAfterS: number;
  readonly mostReconnects: number;
  /** A lower threshold for some time, when its group is one of the meter's. */
  readonly emergency?: {
    readonly groupId: number;
    /** Meter time. */
    readonly fromMs: number;
    readonly durationS: number;
    readonly thresholdW: number;
  };
  readonly emergencyGroups: readonly number[];
}

export const noLoadLimit: LoadLimitSettings = {
  isEnabled: false,
  thresholdW: 0,
  minOverS: 120,
  reconnectAfterS: 300,
  mostReconnects: 3,
  emergencyGroups: [],
};

/** What the limit asks of the meter. */
export type LimitAction = 'exceeded' | 'disconnect' | 'reconnect' | 'restored';

const windowS = 30;
const calmS = 1800;

/** The limit of one meter. */
export class LoadLimit implements ClockEdge, EnergyFollower {
  readonly #act: (action: LimitAction, atMs: number) => void;
  #settings = noLoadLimit;
  #nextMs = Number.POSITIVE_INFINITY;
  #startMs = 0;
  #energyMws = 0;
  #overSinceMs: number | undefined;
  #reconnectMs: number | undefined;
  #reconnects = 0;
  #underSinceMs: number | undefined;
  #isTripped = false;

  constructor(act: (action: LimitAction, atMs: number) => void) {
    this.#act = act;
  }

  get settings(): LoadLimitSettings {
    return this.#settings;
  }

  /** Whether the limit has the load disconnected. */
  get isTripped(): boolean {
    return this.#isTripped;
  }

  get nextMs(): number {
    return this.#nextMs;
  }

  /** The threshold at a meter time, W. */
  thresholdAt(meterMs: number): number {
    const { thresholdW, emergency } = this.#settings;
    return emergency && this.isEmergencyAt(meterMs) ? emergency.thresholdW : thresholdW;
  }

  /** Whether the threshold of the emergency holds at a meter time. */
  isEmergencyAt(meterMs: number): boolean {
    const { emergency, emergencyGroups } = this.#settings;
    return (
      emergency !== undefined &&
      emergencyGroups.includes(emergency.groupId) &&
      meterMs >= emergency.fromMs &&
      meterMs < emergency.fromMs + emergency.durationS * 1000
    );
  }

  /** Another limit opened the load, one of current: it is tried again as after an overload. */
  trip(atMs: number): void {
    if (this.#isTripped) return;
    this.#act('exceeded', atMs);
    this.#trip(atMs);
    this.#begin(atMs);
  }

  /** Other settings; counting of overloads begins anew. */
  configure(settings: LoadLimitSettings, meterMs: number): void {
    this.#settings = settings;
    this.#overSinceMs = undefined;
    this.#reconnects = 0;
    this.#begin(meterMs);
  }

  follow(stretch: CountedStretch): void {
    if (this.#isWatching) this.#energyMws += stretch.energy('delivered');
  }

  reach(edgeMs: number): void {
    const spanMs = edgeMs - this.#startMs;
    const isOver = spanMs > 0 && this.#energyMws / spanMs > this.thresholdAt(edgeMs - 1);
    if (isOver) this.#overload(edgeMs);
    else this.#calm(edgeMs);
    if (this.#reconnectMs !== undefined && edgeMs >= this.#reconnectMs) this.#reconnect(edgeMs);
    this.#begin(edgeMs);
  }

  reschedule(meterMs: number): void {
    this.#overSinceMs = undefined;
    if (this.#reconnectMs !== undefined) this.#reconnectMs = meterMs + this.#settings.reconnectAfterS * 1000;
    this.#begin(meterMs);
  }

  /** A limit whose normal threshold nobody set limits nothing. */
  get #isWatching(): boolean {
    return this.#settings.isEnabled && this.#settings.thresholdW > 0;
  }

  #begin(meterMs: number): void {
    this.#energyMws = 0;
    this.#startMs = meterMs;
    const isNeeded = this.#isWatching || this.#reconnectMs !== undefined;
    this.#nextMs = isNeeded ? nextMultiple(meterMs, windowS * 1000) : Number.POSITIVE_INFINITY;
  }

  #overload(edgeMs: number): void {
    this.#underSinceMs = undefined;
    if (this.#overSinceMs === undefined) {
      this.#overSinceMs = this.#startMs;
      this.#act('exceeded', this.#startMs);
    }
    if (this.#isTripped || edgeMs - this.#overSinceMs < this.#settings.minOverS * 1000) return;
    this.#trip(edgeMs);
  }

  #trip(edgeMs: number): void {
    this.#isTripped = true;
    this.#overSinceMs = undefined;
    this.#reconnectMs =
      this.#reconnects < this.#settings.mostReconnects
        ? edgeMs + this.#settings.reconnectAfterS * 1000
        : undefined;
    this.#act('disconnect', edgeMs);
  }

  #calm(edgeMs: number): void {
    if (this.#overSinceMs !== undefined) this.#act('restored', edgeMs);
    this.#overSinceMs = undefined;
    this.#underSinceMs ??= edgeMs;
    // Half an hour below the limit, and trips of before are forgotten.
    if (!this.#isTripped && edgeMs - this.#underSinceMs >= calmS * 1000) this.#reconnects = 0;
  }

  #reconnect(edgeMs: number): void {
    this.#reconnectMs = undefined;
    this.#isTripped = false;
    this.#reconnects++;
    this.#underSinceMs = undefined;
    this.#act('reconnect', edgeMs);
  }

  /** Somebody closed the switch: the limit watches again. */
  release(): void {
    this.#isTripped = false;
    this.#reconnectMs = undefined;
    this.#reconnects = 0;
  }
}
