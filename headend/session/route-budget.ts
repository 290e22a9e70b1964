/** What a route may carry: octets in an hour, and hours for what has time. A concentrator's radio is shared by hundreds of meters. */
import { type Clock, localTime } from '@wattline/base';
import type { Priority } from './session-queue.ts';

/** Hours of the local day, [fromHour, untilHour), over midnight when from is later than until. */
export interface HourWindow {
  readonly zone: string;
  readonly fromHour: number;
  readonly untilHour: number;
}

/** Budgets of all routes. */
export interface RouteBudgets {
  /** Whether a session of this priority may begin on the route now; a person who waits is never held up. */
  mayStart(route: string, priority: Priority): boolean;
  /** Notes what a session took. */
  charge(route: string, octets: number): void;
  close(): void;
}

const hourMs = 3_600_000;

/** Budgets by the clock's hours; `onOpen` is told when what was refused may be asked again. */
export function createRouteBudgets(options: {
  readonly clock: Clock;
  /** Octets in both directions, an hour and route. */
  readonly octetsPerHour: number;
  /** When priority 3 (history, hopeless meters) may run; always without. */
  readonly background?: HourWindow;
  readonly onOpen: () => void;
}): RouteBudgets {
  const { clock, octetsPerHour, background, onOpen } = options;
  const spent = new Map<string, number>();
  let hour = -1;
  let cancel: (() => void) | undefined;
  const enterHour = () => {
    const now = Math.floor(clock.now() / hourMs);
    if (now !== hour) spent.clear();
    hour = now;
  };
  /** Budgets and windows open on the hour. */
  const wait = () => {
    const nowMs = clock.now();
    cancel ??= clock.after((Math.floor(nowMs / hourMs) + 1) * hourMs - nowMs, () => {
      cancel = undefined;
      onOpen();
    });
  };
  return {
    mayStart(route, priority) {
      if (priority === 0) return true;
      enterHour();
      const isWithin = (spent.get(route) ?? 0) < octetsPerHour;
      const isOpen = priority < 3 || !background || isInWindow(clock.now(), background);
      if (!isWithin || !isOpen) wait();
      return isWithin && isOpen;
    },
    charge(route, octets) {
      enterHour();
      spent.set(route, (spent.get(route) ?? 0) + octets);
    },
    close: () => cancel?.(),
  };
}

/** Whether an instant falls into a window of local hours. */
export function isInWindow(atMs: number, { zone, fromHour, untilHour }: HourWindow): boolean {
  const hour = Math.floor(localTime(atMs, zone).minuteOfDay / 60);
  return fromHour <= untilHour ? hour >= fromHour && hour < untilHour : hour >= fromHour || hour < untilHour;
}
