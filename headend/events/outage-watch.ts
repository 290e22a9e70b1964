/**
 * Many last gasps under one transformer are one outage. Every gasp is told at once and kept; the outage is told when enough meters of a
 * transformer are dark within a window, again when all of them have told of power, and not once more for each meter in between.
 */
import type { Clock } from '@wattline/base';
import { eventKinds, type SystemEvent } from '@wattline/model';

/** When dark meters are an outage. */
export interface OutageRule {
  /** Meters dark at least ... */
  readonly metersLeast: number;
  /** ... and this share of those under the transformer that the head-end knows. */
  readonly shareLeast: number;
  /** Gasps further apart than this, by the meters' clocks, are no one outage, ms. */
  readonly windowMs: number;
}

/** What holds when nothing else is said. */
export const defaultOutageRule: OutageRule = { metersLeast: 3, shareLeast: 0.3, windowMs: 180_000 };

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

interface Transformer {
  /** When each dark meter went dark. */
  readonly dark: Map<string, number>;
  sinceMs: number | undefined;
}

/** A watch that knows of no outage. */
export function createOutageWatch(clock: Pick<Clock, 'now'>, rule = defaultOutageRule): OutageWatch {
  const transformers = new Map<string, Transformer>();
  const of = (name: string) => {
    const known = transformers.get(name);
    if (known) return known;
    const fresh: Transformer = { dark: new Map(), sinceMs: undefined };
    transformers.set(name, fresh);
    return fresh;
  };
  const tell = (kind: 'outage' | 'outage-over', occurredMs: number, what: string): SystemEvent => ({
    ...{ kind, occurredMs, receivedMs: clock.now() },
    message: `${eventKinds[kind].title}: ${what}`,
  });
  const darken = (it: Transformer, event: SystemEvent, place: { transformer: string; meters: number }) => {
    it.dark.set(event.serial ?? '', event.occurredMs);
    if (it.sinceMs !== undefined) return undefined;
    const together = [...it.dark.values()].filter(
      (atMs) => Math.abs(atMs - event.occurredMs) <= rule.windowMs,
    );
    const isOutage = together.length >= rule.metersLeast && together.length >= rule.shareLeast * place.meters;
    if (!isOutage) return undefined;
    it.sinceMs = Math.min(...together);
    const what = `transformer ${place.transformer}, ${together.length} of ${place.meters} meters so far`;
    return tell('outage', it.sinceMs, what);
  };
  const lighten = (it: Transformer, event: SystemEvent, transformer: string) => {
    const darkMs = it.dark.get(event.serial ?? '');
    // An older return that comes late is of another outage.
    if (darkMs !== undefined && event.occurredMs < darkMs) return undefined;
    it.dark.delete(event.serial ?? '');
    if (it.dark.size > 0) return undefined;
    transformers.delete(transformer);
    if (it.sinceMs === undefined) return undefined;
    const minutes = Math.max(1, Math.round((event.occurredMs - it.sinceMs) / 60_000));
    return tell('outage-over', event.occurredMs, `transformer ${transformer}, after ${minutes} min`);
  };
  return {
    take(event, place) {
      if (event.serial === undefined) return undefined;
      if (event.kind === 'power-fail') return darken(of(place.transformer), event, place);
      const known = transformers.get(place.transformer);
      if (event.kind !== 'power-restore' || !known) return undefined;
      return lighten(known, event, place.transformer);
    },
    outages: () =>
      [...transformers].flatMap(([transformer, { dark, sinceMs }]) =>
        sinceMs === undefined ? [] : [{ transformer, dark: dark.size, sinceMs }],
      ),
  };
}
