/** Every call ends in a value or a coded problem. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createApi, urlOf } from './api.ts';

function apiOf(respond: (url: string, init: RequestInit) => Response | Promise<Response>, token?: string) {
  const calls: { url: string; init: RequestInit }[] = [];
  const api = createApi({
    fetch: async (url, init) => {
      calls.push({ url, init });
      return respond(url, init);
    },
    token: () => token ?? null,
  });
  return { api, calls };
}

const json = (body: unknown, status = 200) => Response.json(body, { status });

describe('answers', () => {
  test('a value comes back as it was sent', async () => {
    const { api, calls } = apiOf(() => json({ name: 'Wattline' }));
    assert.deepEqual(await api.get('about'), { ok: true, value: { name: 'Wattline' } });
    assert.equal(calls[0]?.url, '/api/v1/about');
  });
  test("the server's coded problem keeps its code, its message and where", async () => {
    const body = { code: 'server/unknown-usage-point', message: 'no such point', where: { id: 'UP-9' } };
    const { api } = apiOf(() => json(body, 404));
    const answer = await api.get('usage-points/UP-9');
    assert.ok(!answer.ok);
    assert.equal(answer.problem.code, 'server/unknown-usage-point');
    assert.equal(answer.problem.status, 404);
    assert.equal(answer.problem.where.id, 'UP-9');
  });
  test('a server that is gone is a problem, not a throw', async () => {
    const { api } = apiOf(() => Promise.reject(new TypeError('fetch failed')));
    const answer = await api.get('about');
    assert.ok(!answer.ok && answer.problem.code === 'portal/no-connection');
  });
  test('a server that is too slow is named so', async () => {
    const { api } = apiOf(() => Promise.reject(new DOMException('slow', 'TimeoutError')));
    const answer = await api.get('about');
    assert.ok(!answer.ok && answer.problem.code === 'portal/timed-out');
  });
  test('a page of HTML in place of JSON is not understood', async () => {
    for (const status of [200, 502]) {
      const { api } = apiOf(() => new Response('<h1>Bad gateway</h1>', { status }));
      const answer = await api.get('about');
      assert.ok(!answer.ok && answer.problem.code === 'portal/not-understood');
    }
  });
});

describe('requests', () => {
  test('a token goes along when there is one', async () => {
    const { api, calls } = apiOf(() => json({}), 'T-1');
    await api.post('meters/1/read');
    const headers = calls[0]?.init.headers as Headers;
    assert.equal(headers.get('authorization'), 'Bearer T-1');
    assert.equal(calls[0]?.init.method, 'POST');
  });
  test('links of the server are followed as they are; empty parameters are left out', () => {
    assert.equal(
      urlOf('/api/v1/usage-points/UP-1/readings?from=a', { asOf: 'b' }),
      '/api/v1/usage-points/UP-1/readings?from=a&asOf=b',
    );
    assert.equal(urlOf('meters', { q: '', state: undefined, limit: 5 }), '/api/v1/meters?limit=5');
  });
});

describe('lists', () => {
  const pages: Record<string, { items: number[]; next: string | null }> = {
    '': { items: [1, 2], next: 'a' },
    a: { items: [3, 4], next: 'b' },
    b: { items: [5], next: null },
  };
  const respond = (url: string) => json(pages[new URL(url, 'http://x').searchParams.get('cursor') ?? '']);
  test('pages are followed to the end', async () => {
    const answer = await apiOf(respond).api.list('meters', {}, 100);
    assert.deepEqual(answer, { ok: true, value: { items: [1, 2, 3, 4, 5], isCut: false } });
  });
  test('a list is cut at the limit and says so', async () => {
    const answer = await apiOf(respond).api.list('meters', {}, 3);
    assert.deepEqual(answer, { ok: true, value: { items: [1, 2, 3], isCut: true } });
  });
  test('a list whose pages never end is left after a bounded number of them', async () => {
    const { api, calls } = apiOf(() => json({ items: [1], next: 'again' }));
    const answer = await api.list('meters', {}, 1000);
    assert.ok(answer.ok && answer.value.isCut);
    assert.equal(calls.length, 20);
  });
});
