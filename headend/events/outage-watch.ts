/** Many last gasps under one transformer are one outage; every gasp is told at once and kept, and it is over when all of them have power. */
import type { Clock } from '@wattline/base';
import type { SystemEvent } from '@wattline/model';
import { createGroupWatch, type GroupRule } from './group-watch.ts';

/** What holds when nothing else is said; times are those of the meters' clocks. */
export const defaultOutageRule: GroupRule = { metersLeast: 3, shareLeast: 0.3, windowMs: 180_000 };

/** Follows power events of meters. */
export interface OutageWatch {
  /** The outage that begins or ends with this event, if one does; `transformer` has `meters` meters. */
  take(
    event: SystemEvent,
    place: { readonly transformer: string; readonly meters: number },
  ): SystemEvent | undefined;
  /** Transformers that are out, with their dark meters. */
  outages(): { readonly transformer: string; readonly dark: number; readonly sinceMs: number }[];
}

/** A watch that knows of no outage. */
export function createOutageWatch(clock: Pick<Clock, 'now'>, rule = defaultOutageRule): OutageWatch {
  const watch = createGroupWatch(
    clock,
    {
      ...{ fails: 'power-fail', returns: 'power-restore', begins: 'outage', ends: 'outage-over' },
      ...{ noun: 'transformer', endsWith: 'last' },
    },
    rule,
  );
  return {
    take: (event, { transformer, meters }) => watch.take(event, { name: transformer, meters }),
    outages: () =>
      watch.failed().map(({ name, meters, sinceMs }) => ({ transformer: name, dark: meters, sinceMs })),
  };
}
