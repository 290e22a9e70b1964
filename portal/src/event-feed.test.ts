/** Events come from a list and a stream that overlap. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventItem } from '@wattline/model';
import { eventsKept, mergeEvents, parseEvent } from './event-feed.ts';

const event = (id: number): EventItem => ({
  id,
  kind: 'meter-collected',
  title: 'Meter read',
  severity: 'info',
  occurred: '2026-11-21T12:00:00Z',
  received: '2026-11-21T12:00:01Z',
  usagePointId: null,
  serial: null,
  code: null,
  message: `event ${id}`,
});
const ids = (events: readonly EventItem[]) => events.map(({ id }) => id);

test('the newest stands first and an event that comes twice stands once', () => {
  assert.deepEqual(ids(mergeEvents([event(3), event(1)], [event(2), event(3), event(4)])), [4, 3, 2, 1]);
});

test('a screen keeps a bounded number of events', () => {
  const many = Array.from({ length: 500 }, (_, id) => event(id));
  const kept = mergeEvents([], many);
  assert.equal(kept.length, eventsKept);
  assert.equal(kept[0]?.id, 499);
});

test('a message of the stream that is no event is passed over', () => {
  assert.equal(parseEvent('ping'), undefined);
  assert.equal(parseEvent('null'), undefined);
  assert.equal(parseEvent('{"id":"x"}'), undefined);
  assert.equal(parseEvent(JSON.stringify(event(7)))?.id, 7);
});
