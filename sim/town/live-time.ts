/** The present of a town: every few seconds of its time each meter lives on, so that registers grow while people look. */
import type { Clock } from '@wattline/base';
import type { TownMeter } from './town-meter.ts';

/** How the present runs. */
export interface LiveOptions {
  readonly clock: Clock;
  readonly meters: readonly TownMeter[];
  readonly intervalMs: number;
  /** Town time between two steps, ms; a step also ends at each boundary of an interval. */
  readonly stepMs: number;
  /** Told of each meter that lost its supply or got it back in a step. */
  readonly onPower?: (meter: TownMeter, isPowered: boolean) => void;
  /** After each step. */
  readonly onStep?: () => void;
}

/** Runs until the function returned is called. */
export function liveTime(options: LiveOptions): () => void {
  const { clock, meters, intervalMs, stepMs, onPower, onStep } = options;
  let cancel = () => {};
  const step = () => {
    const nowMs = clock.now();
    for (const one of meters) {
      const wasPowered = one.meter.isPowered;
      one.advance(nowMs, false);
      one.show();
      if (one.meter.isPowered !== wasPowered) onPower?.(one, !wasPowered);
    }
    onStep?.();
    const boundaryMs = (Math.floor(nowMs / intervalMs) + 1) * intervalMs;
    cancel = clock.after(Math.min(stepMs, boundaryMs - nowMs), step);
  };
  step();
  return () => cancel();
}
