/** Starting and closing: token, server file, port, directory; readiness; screens with caches and compression. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { seededRandom } from '@wattline/base';
import type { ProblemBody } from '@wattline/model';
import type { Readiness } from '@wattline/system';
import { keepToken, readServerFile } from './data-files.ts';
import { askRaw } from './fixture/raw-request.ts';
import { type ServedSystem, serveSystem } from './fixture/served-system.ts';

describe('a server that starts', () => {
  let served: ServedSystem;
  before(async () => {
    served = await serveSystem({ meters: 1, isReady: false });
  });
  after(() => served.close());

  test('leaves a token that only its owner may read, and keeps it from run to run', () => {
    const path = join(served.directory, 'token');
    assert.match(readFileSync(path, 'utf8'), /^[0-9a-f]{64}\n$/);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const again = keepToken(served.directory, seededRandom('another'));
    assert.equal(again.token, served.token);
  });

  test('replaces a token file that holds no token', () => {
    const directory = join(served.directory, 'spoiled');
    mkdirSync(directory);
    writeFileSync(join(directory, 'token'), 'letmein\n', { mode: 0o644 });
    const { token } = keepToken(directory, seededRandom('spoiled'));
    assert.match(token, /^[0-9a-f]{64}$/);
    assert.equal(statSync(join(directory, 'token')).mode & 0o777, 0o600);
  });

  test('says where it is in server.json and takes that back when it closes', async () => {
    const dataDirectory = join(served.directory, 'announced');
    const { api } = await served.serveAlso({ dataDirectory });
    assert.deepEqual(readServerFile(dataDirectory), {
      url: api.url,
      pid: process.pid,
      tokenPath: join(dataDirectory, 'token'),
    });
    await api.close();
    assert.equal(existsSync(join(dataDirectory, 'server.json')), false);
  });

  test('a port that is taken is one clear sentence', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', () => resolve()));
    const { port } = other.address() as { port: number };
    const dataDirectory = join(served.directory, 'taken');
    await assert.rejects(served.serveAlso({ port, dataDirectory }), {
      code: 'server/port-taken',
      message: `port ${port} is already in use: stop the other program or choose another with --port`,
    });
    assert.equal(readServerFile(dataDirectory), undefined);
    await new Promise((resolve) => other.close(resolve));
  });

  test('a data directory that cannot be made is one clear sentence', async () => {
    const file = join(served.directory, 'a-file');
    writeFileSync(file, '');
    await assert.rejects(served.serveAlso({ dataDirectory: join(file, 'data') }), {
      code: 'server/no-directory',
      message: /^the data directory .* cannot be written: .*; choose a writable one with --data$/,
    });
  });

  test('an address that is not this machine’s is refused', async () => {
    const dataDirectory = join(served.directory, 'elsewhere');
    await assert.rejects(served.serveAlso({ host: '203.0.113.1', dataDirectory }), {
      code: 'server/cannot-listen',
    });
  });

  test('answers while it collects, and says with 503 how far it is', async () => {
    assert.equal((await served.ask('/healthz')).status, 200);
    const response = await served.ask('/readyz');
    const body = (await response.json()) as Readiness;
    assert.equal(response.status, 503);
    assert.deepEqual([body.phase, body.isReady, body.metersCollected], ['collecting', false, 0]);
    assert.equal((await served.ask('/api/v1/usage-points')).status, 200);
  });
});

describe('the screens', () => {
  let served: ServedSystem;
  let url: string;
  before(async () => {
    served = await serveSystem({ meters: 1 });
    const portalDirectory = join(served.directory, 'dist');
    mkdirSync(join(portalDirectory, 'assets'), { recursive: true });
    writeFileSync(join(portalDirectory, 'index.html'), '<!doctype html><title>Wattline</title>');
    writeFileSync(join(portalDirectory, 'assets', 'main-abc.js'), `// ${'watt '.repeat(2000)}`);
    writeFileSync(join(portalDirectory, '.built'), 'digest');
    const { api } = await served.serveAlso({
      portalDirectory,
      dataDirectory: join(served.directory, 'screens-data'),
    });
    url = api.url;
  });
  after(() => served.close());

  test('the page answers at its root and at every place within it', async () => {
    for (const path of ['/', '/operator', '/customer/UP-0001', '/operator?x=1']) {
      const response = await fetch(`${url}${path}`);
      assert.equal(response.status, 200, path);
      assert.match(await response.text(), /<title>Wattline/);
      assert.equal(response.headers.get('cache-control'), 'no-cache');
    }
  });

  test('a file that is not there, a path outside and an unknown route are no page', async () => {
    for (const path of ['/assets/gone.js', '/favicon.ico', '/api/v1/nope', '/.built']) {
      const response = await fetch(`${url}${path}`);
      assert.equal(response.status, 404, path);
      assert.equal(((await response.json()) as ProblemBody).code, 'server/unknown-route', path);
    }
    assert.equal((await fetch(`${url}/operator`, { method: 'POST' })).status, 404);
    for (const path of ['/../../../../../../etc/hosts.allow', '/..%2f..%2f..%2f..%2f..%2fetc/hosts.allow']) {
      assert.ok((await askRaw(url, { path })).status >= 400, path);
    }
  });

  test('a file named by its content is kept for good, sent compressed, and not sent again', async () => {
    const response = await fetch(`${url}/assets/main-abc.js`, { headers: { 'accept-encoding': 'gzip' } });
    assert.match(response.headers.get('cache-control') ?? '', /immutable/);
    assert.equal(response.headers.get('content-encoding'), 'gzip');
    assert.match(response.headers.get('vary') ?? '', /accept-encoding/i);
    assert.match(await response.text(), /watt watt/);
    const etag = response.headers.get('etag') ?? '';
    const again = await askRaw(url, { path: '/assets/main-abc.js', headers: { 'if-none-match': etag } });
    assert.equal(again.status, 304);
    const plain = await fetch(`${url}/assets/main-abc.js`, { headers: { 'accept-encoding': 'identity' } });
    assert.equal(plain.headers.get('content-encoding'), null);
  });

  test('readings are sent compressed to those who can take it', async () => {
    const path = `${url}/api/v1/usage-points/UP-0001/readings?from=2026-11-01&to=2026-11-20`;
    const zipped = await fetch(path, { headers: { 'accept-encoding': 'gzip, br' } });
    const plain = await fetch(path, { headers: { 'accept-encoding': 'identity' } });
    assert.equal(zipped.headers.get('content-encoding'), 'gzip');
    assert.ok(Number(zipped.headers.get('content-length')) * 5 < Number(plain.headers.get('content-length')));
    assert.deepEqual(await zipped.json(), await plain.json());
  });

  test('screens that are not built are said to be', async () => {
    const portalDirectory = join(served.directory, 'empty');
    mkdirSync(portalDirectory);
    const { api } = await served.serveAlso({
      portalDirectory,
      dataDirectory: join(served.directory, 'empty-data'),
    });
    const response = await fetch(`${api.url}/operator`);
    assert.deepEqual(
      [response.status, ((await response.json()) as ProblemBody).code],
      [404, 'server/no-screens'],
    );
    rmSync(portalDirectory, { recursive: true });
  });
});
