/** Events as they travel. */
import { formatInstant } from '@wattline/base';
import { type EventItem, type EventKind, eventKinds } from '@wattline/model';
import type { Row } from '@wattline/store/registry';
import type { LoggedEvent } from '@wattline/system';

/** An event out of the registry. */
export function itemOfRow(row: Row<'event'>): EventItem {
  return itemOf({
    id: Number(row.id),
    kind: row.kind as EventKind,
    occurredMs: row.occurred_ms,
    receivedMs: row.received_ms,
    ...(row.usage_point_id === null ? {} : { usagePointId: row.usage_point_id }),
    ...(row.serial === null ? {} : { serial: row.serial }),
    ...(row.code === null ? {} : { code: row.code }),
    message: row.message,
  });
}

/** An event as it was just reported. */
export function itemOf(event: LoggedEvent): EventItem {
  const { title, severity } = kindOf(event.kind);
  return {
    id: event.id,
    kind: event.kind,
    title,
    severity,
    occurred: formatInstant(event.occurredMs),
    received: formatInstant(event.receivedMs),
    usagePointId: event.usagePointId ?? null,
    serial: event.serial ?? null,
    code: event.code ?? null,
    message: event.message,
  };
}

/** Title and severity of a kind; one that a later version knew keeps its id as title. */
export function kindOf(kind: EventKind): Pick<EventItem, 'title' | 'severity'> {
  return Object.hasOwn(eventKinds, kind) ? eventKinds[kind] : { title: kind, severity: 'info' };
}
