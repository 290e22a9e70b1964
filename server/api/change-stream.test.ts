/** The change feed over HTTP: streamed from any position at the client's pace, posted to whom a person named. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { silentLog, virtualClock } from '@wattline/base';
import type { ChangePage, Subscriber } from '@wattline/mdm';
import { channelIdOf, type ProblemBody, quality } from '@wattline/model';
import Fastify from 'fastify';
import { changeStreamRoute } from './change-stream.ts';
import type { ApiContext } from './context.ts';
import { type ApiDocument, answerChecker } from './fixture/openapi-check.ts';
import {
  deliver,
  intervalSeconds,
  type ServedSystem,
  serveSystem,
  startMs,
} from './fixture/served-system.ts';
import { openStream, type StreamReader } from './fixture/stream-reader.ts';
import { heartbeatMs, mostStreams } from './stream-reply.ts';

const path = '/api/v1/changes/stream';
/** Longer than the running stack waits before it tells subscribers. */
const quietMs = 10_000;

interface WirePage {
  readonly position: number;
  readonly isLast: boolean;
  readonly changes: readonly {
    readonly position: number;
    readonly channel: string;
    readonly start: string;
  }[];
}

let served: ServedSystem;
let check: ReturnType<typeof answerChecker>;
before(async () => {
  served = await serveSystem();
  await deliver(served.system, 'UP-0001');
  check = answerChecker(await served.get<ApiDocument>('/api/openapi.json'));
});
after(() => served.close());

/** One half hour comes in; returns its channel. */
async function bring(usagePointId: string, slot: number): Promise<string> {
  const channel = channelIdOf(usagePointId, 'received');
  await served.system.mdm.ingest({
    id: `news-${usagePointId}-${slot}`,
    origin: { source: 'dlms', reference: 'x-news' },
    receivedMs: served.clock.now(),
    blocks: [
      {
        channel,
        startMs: startMs + slot * intervalSeconds * 1000,
        intervalSeconds,
        value: Float64Array.of(7),
        quality: Uint16Array.of(quality.measured),
      },
    ],
  });
  await served.system.mdm.settled();
  return channel;
}

function pageOf(block: string): WirePage {
  const page = JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? '') as WirePage;
  assert.equal(block.split('\n')[0], `id: ${page.position}`);
  return page;
}

/** Reads until `position` was told; returns all changes up to there. */
async function readTo(stream: StreamReader, position: number) {
  const changes = [];
  for (;;) {
    const page = pageOf(await stream.next());
    changes.push(...page.changes);
    if (page.position >= position) return changes;
  }
}

describe('the stream of changes', () => {
  test('tells what the pages tell, then what is stored from now on, each once', async () => {
    const known = await served.get<WirePage>('/api/v1/changes?after=0&limit=10000');
    assert.ok(known.changes.length > 1);
    const stream = await openStream(served, `${path}?after=0`);
    assert.equal(stream.response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
    assert.match(await stream.next(), /^retry: \d+\n: /);
    assert.deepEqual(await readTo(stream, known.position), known.changes);
    const channel = await bring('UP-0001', 0);
    const { changes } = pageOf(await stream.next());
    assert.deepEqual([changes[0]?.channel, changes[0]?.start], [channel, '2026-10-11T23:00:00Z']);
    assert.ok(changes.every(({ position }) => position > known.position));
    stream.close();
  });

  test('a client that comes back goes on after its last id, whatever the address says', async () => {
    const { position } = await served.get<WirePage>('/api/v1/changes?after=0&limit=10000');
    const channel = await bring('UP-0002', 1);
    const byHeader = await openStream(served, `${path}?after=0`, { 'last-event-id': String(position) });
    const byParameter = await openStream(served, `${path}?Last-Event-ID=${position}`);
    for (const stream of [byHeader, byParameter]) {
      await stream.next();
      const { changes } = pageOf(await stream.next());
      assert.equal(changes[0]?.channel, channel);
      assert.ok(changes.every((change) => change.position > position));
      stream.close();
    }
  });

  test('clients at the same position are all told of the same change', async () => {
    const { position } = await served.get<WirePage>('/api/v1/changes?after=0&limit=10000');
    const streams = [];
    for (let count = 0; count < 5; count++) {
      const stream = await openStream(served, `${path}?after=${position}`);
      await stream.next();
      streams.push(stream);
    }
    const channel = await bring('UP-0003', 2);
    for (const stream of streams) {
      assert.equal(pageOf(await stream.next()).changes[0]?.channel, channel);
      stream.close();
    }
  });

  test('a silent stream is kept open by a heartbeat', async () => {
    const { position } = await served.get<WirePage>('/api/v1/changes?after=0&limit=10000');
    const stream = await openStream(served, `${path}?after=${position}`);
    await stream.next();
    await served.machineClock.advance(heartbeatMs);
    assert.equal(await stream.next(), ': still here');
    stream.close();
  });

  test('a position that is none is refused', async () => {
    for (const bad of ['?after=-1', '?after=yesterday', '?Last-Event-ID=1.5', '?since=1']) {
      const response = await served.ask(`${path}${bad}`);
      const { code } = (await response.json()) as ProblemBody;
      assert.deepEqual([response.status, code], [400, 'server/bad-query'], bad);
    }
  });

  test('one stream more than are served is refused', async () => {
    const streams: StreamReader[] = [];
    let refused: Response | undefined;
    for (let count = 0; count <= mostStreams && !refused; count++) {
      const stream = await openStream(served, path);
      if (stream.response.status === 200) streams.push(stream);
      else refused = stream.response;
    }
    assert.equal(refused?.status, 503);
    for (const stream of streams) stream.close();
  });

  test('a client that reads nothing is given a few pages, not the whole feed, and dropped after a beat', async () => {
    let pages = 0;
    const change = { knownMs: 0, channel: 'x'.repeat(2 ** 20), startMs: 0, endMs: 1, method: '' };
    const changes = async (position: number): Promise<ChangePage> => {
      pages++;
      const next = position + 1;
      return { changes: [{ ...change, position: next }], position: next, isLast: false } as ChangePage;
    };
    const machineClock = virtualClock();
    const feed = { changes, watch: () => () => {} };
    const app = Fastify();
    const context = { system: { mdm: { feed } }, machineClock, log: silentLog } as unknown as ApiContext;
    app.setValidatorCompiler(() => () => true);
    app.addSchema({ $id: 'Problem', type: 'object' });
    const streams = changeStreamRoute(app, context);
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1', () => {
      socket.pause();
      socket.write(`GET /changes/stream?after=0 HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    });
    socket.on('error', () => {});
    while (pages === 0) await new Promise(setImmediate);
    for (let beats = 0; beats < 1000 && streams.count() > 0; beats++) await machineClock.advance(heartbeatMs);
    assert.equal(streams.count(), 0);
    assert.ok(pages < 50, `${pages} pages of 1 MiB were fetched for nobody`);
    socket.destroy();
    await app.close();
  });
});

describe('subscribers of changes', () => {
  const subscribers = '/api/v1/changes/subscribers';
  async function ask<T>(operation: string, to: string, body?: object, status = 200): Promise<T> {
    const post = body && { method: 'POST', body: JSON.stringify(body) };
    const headers = { 'content-type': 'application/json' };
    const response = await served.ask(to, { ...post, ...(post ? { headers } : {}), isSignedIn: true });
    assert.equal(response.status, status, to);
    return (await check(operation, response)) as T;
  }

  test('are added and listed with a login alone', async () => {
    assert.equal((await served.ask(subscribers)).status, 401);
    const refused = await served.ask(subscribers, { method: 'POST' });
    assert.equal(refused.status, 401);
  });

  test('are told at http and https alone, without a secret in the address', async () => {
    for (const url of ['ftp://host/x', 'file:///etc/passwd', 'javascript:1', 'host/x', 'http://a:b@host/']) {
      const problem = await ask<ProblemBody>('addSubscriber', subscribers, { id: 'x', url }, 400);
      assert.equal(problem.code, 'mdm/bad-subscriber', url);
    }
    await ask('addSubscriber', subscribers, { id: 'a/b', url: 'http://127.0.0.1/' }, 400);
    assert.deepEqual(await ask('listSubscribers', subscribers), { items: [] });
  });

  test('get what is stored by POST from the running stack, and no more once removed', async () => {
    const { position } = await served.get<WirePage>('/api/v1/changes?after=0&limit=10000');
    let take = (_page: ChangePage) => {};
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        response.end();
        take(JSON.parse(Buffer.concat(parts).toString()) as ChangePage);
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/changes`;
    await ask('addSubscriber', subscribers, { id: 'billing', url, after: position });
    const told = new Promise<void>((done) => {
      take = (page) => {
        if (page.changes.some((change) => change.channel === 'UP-0001/received')) done();
      };
    });
    await served.system.bringUp(null, () => {});
    await bring('UP-0001', 3);
    await served.clock.advance(quietMs);
    await told;
    // The answer is on its way back to the feed, which writes the position when it has it.
    for (let at = position; at === position; ) {
      const { items } = await ask<{ items: Subscriber[] }>('listSubscribers', subscribers);
      at = items[0]?.position ?? 0;
    }
    await ask('removeSubscriber', `${subscribers}/billing/remove`, {});
    assert.deepEqual(await ask('listSubscribers', subscribers), { items: [] });
    await ask('removeSubscriber', `${subscribers}/billing/remove`, {}, 404);
    server.close();
  });
});
