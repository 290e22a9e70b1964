/**
 * Many meters behind one concentrator, cell or gateway that cannot be reached are one route that is silent: it is told, and its other meters are no
 * alarms of their own. The first that answers shows that the route does.
 */
import type { Clock } from '@wattline/base';
import type { SystemEvent } from '@wattline/model';
import type { Fleet } from '../registry/fleet.ts';
import { createGroupWatch, type GroupRule } from './group-watch.ts';

/** Meters are found unreachable one after the other, as their visits and retries have it. */
const rule: GroupRule = { metersLeast: 3, shareLeast: 0.5, windowMs: 2 * 3_600_000 };
/** How many meters a route has is counted anew after this, ms. */
const countedMs = 600_000;

/** Follows who can be reached. */
export interface RouteWatch {
  /** The silence of a route that begins or ends with this event, if one does. */
  take(event: SystemEvent): SystemEvent | undefined;
  /** The route whose silence explains this event; undefined when none does. */
  explains(event: SystemEvent): string | undefined;
}

/** A watch over the routes of a fleet. */
export function createRouteWatch(clock: Pick<Clock, 'now'>, fleet: Fleet): RouteWatch {
  const watch = createGroupWatch(
    clock,
    {
      ...{ fails: 'meter-unreachable', returns: 'meter-recovered', begins: 'route-silent' },
      ...{ ends: 'route-back', noun: 'route', endsWith: 'first' },
    },
    rule,
  );
  const routeOf = ({ serial }: SystemEvent) =>
    serial === undefined ? undefined : fleet.get(serial)?.meter.route;
  let sizes = new Map<string | undefined, number>();
  let sizedMs = Number.NEGATIVE_INFINITY;
  const sizeOf = (route: string) => {
    if (clock.now() - sizedMs >= countedMs) {
      sizedMs = clock.now();
      sizes = new Map();
      for (const { meter } of fleet.standing()) sizes.set(meter.route, (sizes.get(meter.route) ?? 0) + 1);
    }
    return sizes.get(route) ?? 0;
  };
  return {
    take(event) {
      const name = routeOf(event);
      return name === undefined ? undefined : watch.take(event, { name, meters: sizeOf(name) });
    },
    explains(event) {
      const name = event.kind === 'meter-unreachable' ? routeOf(event) : undefined;
      return name !== undefined && watch.isFailed(name) ? name : undefined;
    },
  };
}
