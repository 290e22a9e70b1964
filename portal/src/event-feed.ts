/** The newest events, merged from the list and the stream. */
import type { EventItem } from '@wattline/model';

/** Events kept on a screen. */
export const eventsKept = 120;

/** Newest first by id, each id once, at most {@link eventsKept}. The same event seen again keeps its place. */
export function mergeEvents(known: readonly EventItem[], more: readonly EventItem[]): readonly EventItem[] {
  const byId = new Map<number, EventItem>();
  for (const event of [...known, ...more]) byId.set(event.id, event);
  return [...byId.values()].sort((a, b) => b.id - a.id).slice(0, eventsKept);
}

/** An event out of a message of the stream, or undefined when the message is none. */
export function parseEvent(data: string): EventItem | undefined {
  try {
    const event = JSON.parse(data) as Partial<EventItem> | null;
    const isEvent = typeof event?.id === 'number' && typeof event.message === 'string';
    return isEvent ? (event as EventItem) : undefined;
  } catch {
    return undefined;
  }
}
