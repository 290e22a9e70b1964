/** Events and exceptions: when, how grave, what, and to whom. */
import type { EventItem, ExceptionPage } from '@wattline/model';
import { formatCount, formatMoment, localiseInstants } from '../format.ts';
import { hrefOf } from '../route.ts';
import type { StreamState } from '../use-event-stream.ts';
import { words } from '../words.ts';
import { Empty } from './condition.tsx';
import { SeverityGlyph } from './glyph.tsx';

/** Events, newest first. `today` leaves the date away where it is the same day. */
export function EventList(props: {
  events: readonly EventItem[];
  zone: string;
  today: string;
  label: string;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reachable by keyboard.
    <ol class="events" aria-label={props.label} tabIndex={0}>
      {props.events.map((event) => (
        <li key={event.id} data-severity={event.severity}>
          <SeverityGlyph severity={event.severity} />
          <div>
            <p class="event-head">
              <b>{event.title}</b>
              <time dateTime={event.occurred} title={event.occurred}>
                {formatMoment(Date.parse(event.occurred), props.zone, props.today)}
              </time>
            </p>
            <p class="event-text">{localiseInstants(event.message, props.zone)}</p>
            <p class="event-foot">
              {event.usagePointId && (
                <a href={hrefOf({ screen: 'customer', usagePointId: event.usagePointId })}>
                  {event.usagePointId}
                </a>
              )}
              {event.serial && <span class="code-like">{event.serial}</span>}
              {event.code && <code>{event.code}</code>}
            </p>
          </div>
        </li>
      ))}
    </ol>
  );
}

/** Whether events still flow. */
export function StreamTag({ state }: { state: StreamState }) {
  return (
    <span class="stream" data-stream={state} role="status">
      <span class="stream-dot" aria-hidden="true" />
      {words.operations.stream[state]}
    </span>
  );
}

/** Exceptions by kind with their counts, each kind a filter, and the list. */
export function ExceptionBoard(props: {
  page: ExceptionPage;
  zone: string;
  today: string;
  kind: string | null;
  onKind: (kind: string | null) => void;
}) {
  const { page, kind } = props;
  const counts = page.counts
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => rank[a.severity] - rank[b.severity] || b.count - a.count);
  const all = counts.reduce((sum, { count }) => sum + count, 0);
  if (all === 0)
    return <Empty title={words.operations.noExceptions} text={words.operations.noExceptionsText} />;
  return (
    <div class="exceptions">
      <ul class="kinds" aria-label={words.operations.exceptions}>
        <li>
          <button type="button" aria-pressed={kind === null} onClick={() => props.onKind(null)}>
            <span>{words.operations.allKinds}</span> <b>{formatCount(all)}</b>
          </button>
        </li>
        {counts.map((entry) => (
          <li key={entry.kind}>
            <button
              type="button"
              aria-pressed={kind === entry.kind}
              onClick={() => props.onKind(kind === entry.kind ? null : entry.kind)}
            >
              <SeverityGlyph severity={entry.severity} />
              <span>{entry.title}</span> <b data-count={entry.kind}>{formatCount(entry.count)}</b>
            </button>
          </li>
        ))}
      </ul>
      <EventList
        events={page.items}
        zone={props.zone}
        today={props.today}
        label={words.operations.exceptions}
      />
    </div>
  );
}

const rank = { alarm: 0, warning: 1, info: 2 } as const;
