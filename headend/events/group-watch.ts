/**
 * Many meters of one group that fail within a while are one failure, of what they have in common. It is told when enough have failed, and again when
 * it is over; not once more for each meter in between.
 */
import type { Clock } from '@wattline/base';
import { type EventKind, eventKinds, type SystemEvent } from '@wattline/model';

/** When failed meters are a failure of their group. */
export interface GroupRule {
  /** Meters failed at least ... */
  readonly metersLeast: number;
  /** ... and this share of those of the group that the head-end knows. */
  readonly shareLeast: number;
  /** Failures further apart than this are no one failure, ms. */
  readonly windowMs: number;
}

/** What happens to meters, and what it is called when it happens to their group. */
export interface GroupWords {
  readonly fails: EventKind;
  readonly returns: EventKind;
  readonly begins: EventKind;
  readonly ends: EventKind;
  /** What the group is. */
  readonly noun: string;
  /** Whether it is over when the last meter is back, or with the first. */
  readonly endsWith: 'last' | 'first';
}

/** Follows events of meters. */
export interface GroupWatch {
  /** The failure that begins or ends with this event, if one does; the group has `meters` meters. */
  take(
    event: SystemEvent,
    group: { readonly name: string; readonly meters: number },
  ): SystemEvent | undefined;
  isFailed(name: string): boolean;
  /** Groups that have failed, with their failed meters. */
  failed(): { readonly name: string; readonly meters: number; readonly sinceMs: number }[];
}

interface Group {
  /** When each failed meter failed. */
  readonly down: Map<string, number>;
  sinceMs: number | undefined;
}

/** A watch that knows of no failure. */
export function createGroupWatch(clock: Pick<Clock, 'now'>, words: GroupWords, rule: GroupRule): GroupWatch {
  const groups = new Map<string, Group>();
  const tell = (kind: EventKind, occurredMs: number, what: string): SystemEvent => ({
    ...{ kind, occurredMs, receivedMs: clock.now() },
    message: `${eventKinds[kind].title}: ${what}`,
  });
  const fail = (it: Group, event: SystemEvent, { name, meters }: { name: string; meters: number }) => {
    it.down.set(event.serial ?? '', event.occurredMs);
    if (it.sinceMs !== undefined) return undefined;
    const together = [...it.down.values()].filter(
      (atMs) => Math.abs(atMs - event.occurredMs) <= rule.windowMs,
    );
    if (together.length < rule.metersLeast || together.length < rule.shareLeast * meters) return undefined;
    it.sinceMs = Math.min(...together);
    const what = `${words.noun} ${name}, ${together.length} of ${meters} meters so far`;
    return tell(words.begins, it.sinceMs, what);
  };
  const comeBack = (it: Group, event: SystemEvent, name: string) => {
    const downMs = it.down.get(event.serial ?? '');
    // An older return that comes late is of another failure.
    if (downMs !== undefined && event.occurredMs < downMs) return undefined;
    it.down.delete(event.serial ?? '');
    const isOver = it.down.size === 0 || (words.endsWith === 'first' && it.sinceMs !== undefined);
    if (!isOver) return undefined;
    groups.delete(name);
    if (it.sinceMs === undefined) return undefined;
    const minutes = Math.max(1, Math.round((event.occurredMs - it.sinceMs) / 60_000));
    return tell(words.ends, event.occurredMs, `${words.noun} ${name}, after ${minutes} min`);
  };
  return {
    take(event, group) {
      if (event.serial === undefined) return undefined;
      const known = groups.get(group.name);
      if (event.kind === words.returns) return known && comeBack(known, event, group.name);
      if (event.kind !== words.fails) return undefined;
      const it = known ?? { down: new Map<string, number>(), sinceMs: undefined };
      groups.set(group.name, it);
      return fail(it, event, group);
    },
    isFailed: (name) => groups.get(name)?.sinceMs !== undefined,
    failed: () =>
      [...groups].flatMap(([name, { down, sinceMs }]) =>
        sinceMs === undefined ? [] : [{ name, meters: down.size, sinceMs }],
      ),
  };
}
