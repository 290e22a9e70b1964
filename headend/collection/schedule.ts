/** When each meter is read: once an interval after its boundary, spread out; sooner or later after a failure, by back-off. */
import type { Clock, Random } from '@wattline/base';
import type { ExchangeOutcome } from '../headend.ts';
import type { HeadendPolicy } from '../policy.ts';
import type { FleetMeter } from '../registry/fleet.ts';

/** The running schedule. */
export interface Schedule {
  /** Takes a meter in, or forgets its back-off: it is due in this interval if it lacks the last one. */
  add(entry: FleetMeter): void;
  /** Leaves a meter out from now on; a read that runs is not ended. */
  remove(serial: string): void;
  /** Ends all timers. */
  close(): void;
}

export interface ScheduleOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly policy: HeadendPolicy;
  /** Reads the meter; a rejection counts as a failure. `attempts` is how often it failed in a row: who fails often waits behind others. */
  readonly read: (entry: FleetMeter, attempts: number) => Promise<ExchangeOutcome>;
}

interface Place {
  readonly entry: FleetMeter;
  /** Where in the spread the meter has its place, 0 to 1: the same in every interval. */
  readonly place: number;
}

interface Slot extends Place {
  attempts: number;
  cancel: () => void;
  isReading: boolean;
}

/** A schedule that is empty until meters are added. */
export function createSchedule(options: ScheduleOptions): Schedule {
  const { clock, random, policy, read } = options;
  const slots = new Map<string, Slot>();
  let isClosed = false;

  const arm = (slot: Slot, atMs: number) => {
    slot.cancel();
    slot.cancel = clock.after(Math.max(0, atMs - clock.now()), () => void visit(slot));
  };
  const visit = async (slot: Slot) => {
    slot.isReading = true;
    const isRead = await read(slot.entry, slot.attempts).then(
      ({ outcome }) => outcome === 'answer',
      () => false,
    );
    slot.isReading = false;
    if (isClosed || slots.get(slot.entry.meter.serial) !== slot) return;
    slot.attempts = isRead ? 0 : slot.attempts + 1;
    const pauseMs = backoffOf(slot.attempts, policy, random);
    arm(slot, isRead ? nextVisit(slot, clock.now(), policy) : clock.now() + pauseMs);
  };

  return {
    add(entry) {
      const { serial } = entry.meter;
      const slot = slots.get(serial) ?? {
        entry,
        place: random.fork(`spread/${serial}`).next(),
        attempts: 0,
        cancel: () => {},
        isReading: false,
      };
      slots.set(serial, slot);
      slot.attempts = 0;
      if (slot.isReading || isClosed) return;
      arm(slot, firstVisit(slot, clock.now(), policy));
    },
    remove(serial) {
      slots.get(serial)?.cancel();
      slots.delete(serial);
    },
    close() {
      isClosed = true;
      for (const slot of slots.values()) slot.cancel();
      slots.clear();
    },
  };
}

/** Whole milliseconds from the pause after a boundary to the meter's place. */
function placeOf({ entry, place }: Place, policy: HeadendPolicy): number {
  return Math.round(place * Math.min(policy.spreadMs, stepOf(entry, policy) / 2));
}

/** Time between two reads: whole intervals. */
function stepOf({ meter }: FleetMeter, { visitMs }: HeadendPolicy): number {
  const intervalMs = meter.intervalSeconds * 1000;
  return Math.max(1, Math.ceil(visitMs / intervalMs)) * intervalMs;
}

/** A meter that lacks the interval just ended is due soon; another waits for the next boundary. */
function firstVisit(slot: Slot, nowMs: number, policy: HeadendPolicy): number {
  const stepMs = stepOf(slot.entry, policy);
  const boundaryMs = Math.floor(nowMs / stepMs) * stepMs;
  const isCurrent = (slot.entry.status.lastIntervalMs ?? 0) >= boundaryMs;
  if (isCurrent) return nextVisit(slot, nowMs, policy);
  return Math.max(nowMs, boundaryMs + policy.settleMs) + placeOf(slot, policy);
}

/** The meter's place after the next boundary. */
function nextVisit(slot: Place, nowMs: number, policy: HeadendPolicy): number {
  const stepMs = stepOf(slot.entry, policy);
  const boundaryMs = (Math.floor(nowMs / stepMs) + 1) * stepMs;
  return boundaryMs + policy.settleMs + placeOf(slot, policy);
}

/** Pause after `attempts` failures in a row: doubling, capped, give or take a half so that meters do not return together. */
export function backoffOf(attempts: number, policy: HeadendPolicy, random: Random): number {
  const doubled = policy.backoffMs * 2 ** Math.min(attempts - 1, 30);
  return Math.round(Math.min(policy.backoffMaxMs, doubled) * (0.5 + random.next()));
}
