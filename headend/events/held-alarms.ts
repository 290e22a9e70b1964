/**
 * Alarms that are kept and not raised: a condition of a meter that comes and goes (a loose cover, a voltage about its threshold) is raised once, and then
 * once in a while with how often it came in between. Nothing is lost: what is held back stands in the record as what it is.
 */
import { formatInstant } from '@wattline/base';
import { type EventKind, eventKinds, type SystemEvent } from '@wattline/model';

/** Conditions that chatter; what happens once and matters each time (power, switches, faults of the meter, keys) is never held back. */
const conditions: ReadonlySet<EventKind> = new Set<EventKind>([
  'tamper-cover',
  'tamper-terminal',
  'tamper-magnet',
  'tamper-wiring',
  'voltage-fault',
  'current-fault',
  'load-limit',
  'battery-low',
  'clock-invalid',
]);
/** A condition is raised again so long after it was, by the meter's clock. */
const pauseMs = 3_600_000;
/** Conditions remembered, the last ones raised. */
const mostKept = 50_000;

/** Follows the conditions of meters. */
export interface ChatteringAlarms {
  /** The event as it is to be told: raised, or held back. In the order of the meter's clock. */
  take(event: SystemEvent): SystemEvent;
}

export function createChatteringAlarms(): ChatteringAlarms {
  const raised = new Map<string, { readonly atMs: number; held: number }>();
  return {
    take(event) {
      const { kind, serial, code, occurredMs } = event;
      if (serial === undefined || !conditions.has(kind)) return event;
      const name = `${serial} ${kind} ${code ?? ''}`;
      const before = raised.get(name);
      if (before && Math.abs(occurredMs - before.atMs) < pauseMs) {
        before.held++;
        return holdBack(event, `as at ${formatInstant(before.atMs)}`);
      }
      raised.delete(name);
      if (raised.size >= mostKept) raised.delete(raised.keys().next().value as string);
      raised.set(name, { atMs: occurredMs, held: 0 });
      if (!before || before.held === 0) return event;
      const since = `${before.held} times more since ${formatInstant(before.atMs)}`;
      return { ...event, message: `${event.message} (${since})` };
    },
  };
}

/** An event as one that nobody needs to look at; `why` says what explains it. */
export function holdBack(event: SystemEvent, why: string): SystemEvent {
  return {
    ...event,
    kind: 'alarm-held',
    message: `${eventKinds['alarm-held'].title}: ${event.message}, ${why}`,
  };
}
