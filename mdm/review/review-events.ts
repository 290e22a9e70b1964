/** Events of a review: what an operator should hear of, one per usage point and kind. */
import type { EventKind, SystemEvent } from '@wattline/model';
import type { StoredVerdict } from '@wattline/store/readings';
import { place } from '../channels/channel.ts';
import type { Reviewed } from './review-task.ts';

const kindOfRule: Readonly<Record<string, EventKind>> = {
  missing: 'reading-missing',
  'sum-check': 'reading-suspect',
  spike: 'reading-suspect',
  'meter-status': 'reading-suspect',
};

interface Told {
  readonly entry: Reviewed;
  readonly kind: EventKind;
  readonly details: string[];
}

/** Details named in an event; more are counted. */
const detailsNamed = 3;

/** A verdict that is new, with the review that gave it. */
export interface Finding {
  readonly entry: Reviewed;
  readonly verdict: StoredVerdict;
}

/** Events for verdicts that newly failed; a peak that the register confirms is no event. */
export function findingEvents(
  fresh: readonly { readonly entry: Reviewed; readonly verdict: StoredVerdict }[],
  nowMs: number,
): SystemEvent[] {
  const told = new Map<string, Told>();
  for (const { entry, verdict } of fresh) {
    const kind = kindOfRule[verdict.rule];
    const { finding, task } = entry;
    const isAboutSuspects = verdict.rule === 'spike' || verdict.rule === 'meter-status';
    const isConfirmed = isAboutSuspects && finding.refuted.length === 0 && finding.undecided.length === 0;
    if (!kind || !verdict.hasFailed || isConfirmed) continue;
    const key = `${kind} ${task.channel.usagePointId}`;
    const before = told.get(key) ?? { entry, kind, details: [] };
    before.details.push(`${task.channel.type.id} ${task.day.date}: ${verdict.detail}`);
    told.set(key, before);
  }
  return [...told.values()].map(({ entry, kind, details }) => {
    const more = details.length > detailsNamed ? ` and ${details.length - detailsNamed} more` : '';
    return {
      kind,
      ...place(entry.task.channel),
      occurredMs: entry.task.day.start * 1000,
      receivedMs: nowMs,
      message: details.slice(0, detailsNamed).join('; ') + more,
    };
  });
}
