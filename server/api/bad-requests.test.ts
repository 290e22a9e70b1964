/** What must be refused, and that each refusal says what was expected, what came and where. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { ProblemBody } from '@wattline/model';
import { type ServedSystem, serveSystem } from './fixture/served-system.ts';

const readings = '/api/v1/usage-points/UP-0001/readings';
const explanation = '/api/v1/usage-points/UP-0001/intervals';

/** Request, status, code, and the parameter that `where` names. */
const refusals: readonly (readonly [string, number, string, string | null])[] = [
  ['/api/v1/usage-points?limit=0', 400, 'server/bad-query', 'limit'],
  ['/api/v1/usage-points?limit=1001', 400, 'server/bad-query', 'limit'],
  ['/api/v1/usage-points?limit=ten', 400, 'server/bad-query', 'limit'],
  ['/api/v1/usage-points?limit=1&limit=2', 400, 'server/bad-query', 'limit'],
  ['/api/v1/usage-points?page=2', 400, 'server/bad-query', 'page'],
  ['/api/v1/usage-points?cursor=nonsense', 400, 'server/bad-query', 'cursor'],
  [
    `/api/v1/usage-points?cursor=${Buffer.from('meters:WTL1').toString('base64url')}`,
    400,
    'server/bad-query',
    'cursor',
  ],
  [
    `/api/v1/operations/events?cursor=${Buffer.from('events:x').toString('base64url')}`,
    400,
    'server/bad-query',
    'cursor',
  ],
  ['/api/v1/operations/events?kind=party', 400, 'server/bad-query', 'kind'],
  ['/api/v1/operations/exceptions?kind=bill-issued', 400, 'server/bad-query', 'kind'],
  ['/api/v1/meters?state=sleepy', 400, 'server/bad-query', 'state'],
  [`${readings}?from=yesterday`, 400, 'server/bad-query', 'from'],
  [`${readings}?from=2026-02-30`, 400, 'server/bad-query', 'from'],
  [`${readings}?from=2026-11-01T00:00:00`, 400, 'server/bad-query', 'from'],
  [`${readings}?from=2026-11-01T25:00:00Z`, 400, 'server/bad-query', 'from'],
  [`${readings}?from=2026-11-02&to=2026-11-01`, 400, 'server/bad-query', 'from'],
  [`${readings}?from=2026-11-01&to=2026-11-01`, 400, 'server/bad-query', 'from'],
  [`${readings}?from=2020-01-01&to=2026-11-01`, 400, 'server/span-too-long', null],
  [`${readings}?readingType=gas`, 400, 'server/bad-query', 'readingType'],
  [`${readings}?asOf=2026-11-01`, 400, 'server/bad-query', 'asOf'],
  [`${explanation}/2026-11-01T00:10:00Z/explanation`, 400, 'server/bad-query', 'start'],
  [`${explanation}/noon/explanation`, 400, 'server/bad-query', 'start'],
  ['/api/v1/usage-points/UP-9/readings', 404, 'server/unknown-usage-point', null],
  ['/api/v1/usage-points/UP-9/bills', 404, 'server/unknown-usage-point', null],
  ['/api/v1/bills/nope', 404, 'server/unknown-bill', null],
  ['/api/v1/bills/nope/explanation', 404, 'server/unknown-bill', null],
  ['/api/v1/tariffs/nope', 404, 'server/unknown-tariff', null],
  ['/api/v1/tariffs/nope?version=0', 400, 'server/bad-query', 'version'],
  ['/api/v1/meters/nope', 404, 'server/unknown-meter', null],
  ['/api/v1/nope', 404, 'server/unknown-route', null],
  ['/api/v2/usage-points', 404, 'server/unknown-route', null],
  ['/api', 404, 'server/unknown-route', null],
  [`/api/v1/usage-points/${'x'.repeat(300)}`, 400, 'server/bad-query', null],
  ['/api/v1/usage-points/%zz', 400, 'server/bad-query', null],
];

describe('a request that cannot be answered', () => {
  let served: ServedSystem;
  before(async () => {
    served = await serveSystem({ meters: 1 });
  });
  after(() => served.close());

  for (const [path, status, code, parameter] of refusals) {
    test(`GET ${path.slice(0, 80)} is ${code}`, async () => {
      const response = await served.ask(path);
      const body = (await response.json()) as ProblemBody;
      assert.deepEqual([response.status, body.code], [status, code]);
      assert.ok(body.message.length > 10);
      if (parameter !== null) assert.equal(body.where.parameter, parameter);
      assert.doesNotMatch(JSON.stringify(body), /node_modules|\.ts:\d|at \w+ \(/);
    });
  }

  test('says what was expected, what came and where', async () => {
    const body = (await (await served.ask(`${readings}?from=yesterday`)).json()) as ProblemBody;
    assert.deepEqual(body, {
      code: 'server/bad-query',
      message:
        "from: expected an instant as 2026-11-01T00:00:00Z or a local date as 2026-11-01, found 'yesterday'",
      where: {
        parameter: 'from',
        expected: 'an instant as 2026-11-01T00:00:00Z or a local date as 2026-11-01',
        found: 'yesterday',
      },
    });
  });

  test('an offset whose plus sign was not escaped is understood all the same', async () => {
    const path = `${readings}?from=2026-11-01T00:00:00+01:00&to=2026-11-02T00:00:00Z`;
    assert.equal(
      ((await (await served.ask(path)).json()) as { start: string }).start,
      '2026-10-31T23:00:00Z',
    );
  });

  test('a body that is too large, of another type or no JSON is refused with its code', async () => {
    const post = async (path: string, type: string, body: string) => {
      const headers = { 'content-type': type };
      const response = await served.ask(path, { method: 'POST', isSignedIn: true, headers, body });
      return [response.status, ((await response.json()) as ProblemBody).code];
    };
    const read = '/api/v1/meters/WTL0001/read';
    assert.deepEqual(await post(read, 'application/json', '{"a":'), [400, 'server/bad-body']);
    assert.deepEqual(await post(read, 'application/json', `"${'x'.repeat(2 ** 20)}"`), [
      413,
      'server/body-too-large',
    ]);
    assert.deepEqual(await post(read, 'application/x-thing', 'x'), [415, 'server/bad-media-type']);
    const imports = '/api/v1/imports/readings';
    assert.deepEqual(await post(imports, 'application/json', '{}'), [415, 'server/bad-media-type']);
    const row = `${'x'.repeat(4000)},delivered,2026-11-20T00:00:00Z,7\n`;
    const large = `usage_point,reading_type,start,value\n${row.repeat(9000)}`;
    assert.ok(large.length > 32 * 2 ** 20);
    assert.deepEqual(await post(imports, 'text/csv', large), [413, 'server/body-too-large']);
  });

  test('a month must be named and be one', async () => {
    for (const query of ['', '?month=October', '?month=2026-13']) {
      const response = await served.ask(`/api/v1/usage-points/UP-0001/bills${query}`, {
        method: 'POST',
        isSignedIn: true,
      });
      const body = (await response.json()) as ProblemBody;
      assert.deepEqual(
        [response.status, body.code, body.where.parameter],
        [400, 'server/bad-query', 'month'],
        query,
      );
    }
  });

  test('what is no HTTP is answered in words and closed', async () => {
    const { port } = new URL(served.api.url);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), '127.0.0.1', () => socket.write('\u0000\u0001 hello\r\n\r\n'));
      let text = '';
      socket.setEncoding('utf8');
      socket.on('data', (part) => {
        text += part.toString();
      });
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
    });
    assert.match(answer, /^HTTP\/1\.1 400 [\s\S]*"server\/bad-request"/);
  });

  test('our own mistake is 500 with a code, and says nothing of our insides', async () => {
    const { api } = await served.serveAlso({
      system: {
        ...served.system,
        billing: { ...served.system.billing, tariffs: () => Promise.reject(new Error('secret inside')) },
      },
      dataDirectory: `${served.directory}/broken`,
    });
    const response = await fetch(`${api.url}/api/v1/about`);
    const text = await response.text();
    assert.equal(response.status, 500);
    assert.equal((JSON.parse(text) as ProblemBody).code, 'server/internal');
    assert.doesNotMatch(text, /secret/);
  });
});
