/** Events as they come: replay, order, heartbeat, bounds. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { EventItem, ProblemBody } from '@wattline/model';
import { nowMs, type ServedSystem, serveSystem } from './fixture/served-system.ts';
import { openStream, type StreamReader } from './fixture/stream-reader.ts';
import { mostStreams } from './stream-reply.ts';

const path = '/api/v1/operations/events/stream';

describe('the stream of events', () => {
  let served: ServedSystem;
  before(async () => {
    served = await serveSystem({ meters: 1 });
  });
  after(() => served.close());

  const report = (message: string) =>
    served.system.events.report({
      kind: 'power-fail',
      occurredMs: nowMs,
      receivedMs: nowMs,
      serial: 'WTL0001',
      message,
    });

  const open = (headers: Record<string, string> = {}) => openStream(served, path, headers);

  const eventOf = (block: string): EventItem =>
    JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? '') as EventItem;

  test('begins at once, then tells each event with its number', async () => {
    const stream = await open();
    assert.equal(stream.response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
    assert.match(stream.response.headers.get('content-security-policy') ?? '', /default-src 'self'/);
    assert.match(await stream.next(), /^retry: \d+\n: /);
    await report('first');
    const block = await stream.next();
    const event = eventOf(block);
    assert.deepEqual([event.message, event.title, event.severity], ['first', 'Power failed', 'warning']);
    assert.equal(block.split('\n')[0], `id: ${event.id}`);
    stream.close();
  });

  test('a client that was away gets what it missed, in order, then what is new, each once', async () => {
    await report('seen');
    const [seen] = (await served.get<{ items: EventItem[] }>('/api/v1/operations/events?limit=1')).items;
    await report('missed 1');
    await report('missed 2');
    const stream = await open({ 'last-event-id': String(seen?.id) });
    await report('new');
    await stream.next();
    const messages = [];
    for (let i = 0; i < 3; i++) messages.push(eventOf(await stream.next()).message);
    assert.deepEqual(messages, ['missed 1', 'missed 2', 'new']);
    stream.close();
  });

  test('a silent stream is kept open by a heartbeat', async () => {
    const stream = await open();
    await stream.next();
    await served.machineClock.advance(15_000);
    assert.equal(await stream.next(), ': still here');
    stream.close();
  });

  test('a last id that is no number is refused', async () => {
    const response = await served.ask(path, { headers: { 'last-event-id': 'yesterday' } });
    assert.deepEqual(
      [response.status, ((await response.json()) as ProblemBody).code],
      [400, 'server/bad-query'],
    );
  });

  test('one stream more than are served is refused, and a closed one makes room', async () => {
    const streams: StreamReader[] = [];
    for (let count = 0; count < mostStreams; count++) {
      const stream = await open();
      if (stream.response.status !== 200) break;
      streams.push(stream);
    }
    const refused = await served.ask(path);
    assert.equal(refused.status, 503);
    assert.equal(((await refused.json()) as ProblemBody).code, 'server/too-many-streams');
    for (const stream of streams) stream.close();
    // The server learns of a closed stream when its socket says so.
    for (let tries = 0; tries < 1000; tries++) {
      const figures = await (await served.ask('/metrics')).text();
      if (/^wattline_event_streams 0$/m.test(figures)) break;
    }
    const stream = await open();
    assert.equal(stream.response.status, 200);
    stream.close();
  });
});
