/** Who may call what: everything is refused unless it was declared free. */
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ProblemBody } from '@wattline/model';
import type { ApiDocument } from './fixture/openapi-check.ts';
import { askRaw } from './fixture/raw-request.ts';
import { type ServedSystem, serveSystem } from './fixture/served-system.ts';

describe('access', () => {
  let served: ServedSystem;
  let serveUrl: string;
  let serveToken: string;
  let operations: { method: string; path: string; isOpen: boolean; isWrite: boolean }[];

  before(async () => {
    served = await serveSystem();
    const dataDirectory = mkdtempSync(join(served.directory, 'serve-'));
    const other = await served.serveAlso({ mode: 'serve', town: null, dataDirectory });
    serveUrl = other.api.url;
    serveToken = other.token;
    const api = await served.get<ApiDocument>('/api/openapi.json');
    operations = Object.entries(api.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { security = [] }]) => ({
        method: method.toUpperCase(),
        path: path.replace(/\{\w+\}/g, 'x'),
        isOpen: security.length === 0,
        isWrite: security.length > 0 && !security.some((way) => Object.keys(way).length === 0),
      })),
    );
  });
  after(() => served.close());

  test('writing needs a login even in a town on this machine', async () => {
    const writes = operations.filter(({ isWrite }) => isWrite);
    assert.ok(writes.length > 40, `only ${writes.length} found`);
    for (const { method, path } of writes) {
      const response = await served.ask(path, { method });
      assert.equal(response.status, 401, path);
      assert.equal(((await response.json()) as ProblemBody).code, 'server/login-required');
      assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer/);
    }
  });

  test('a town on this machine may be read without login', async () => {
    assert.equal((await served.ask('/api/v1/usage-points')).status, 200);
  });

  test('in serve mode every route but health and the reference needs a login', async () => {
    const open = operations.filter(({ isOpen }) => isOpen).map(({ path }) => path);
    assert.deepEqual(open.sort(), ['/api/docs', '/api/docs.css', '/api/openapi.json', '/healthz', '/readyz']);
    for (const { method, path, isOpen } of operations) {
      const { status } = await fetch(`${serveUrl}${path}`, { method });
      assert.equal(status === 401, !isOpen, `${method} ${path}: ${status}`);
    }
    const authorization = `Bearer ${serveToken}`;
    const signedIn = await fetch(`${serveUrl}/api/v1/usage-points`, { headers: { authorization } });
    assert.equal(signedIn.status, 200);
  });

  test('a town that listens beyond this machine needs a login for reading too', async () => {
    const dataDirectory = mkdtempSync(join(served.directory, 'open-'));
    const { api, token } = await served.serveAlso({ host: '0.0.0.0', dataDirectory });
    assert.equal((await fetch(`${api.url}/api/v1/about`)).status, 401);
    const headers = { authorization: `Bearer ${token}` };
    assert.equal((await fetch(`${api.url}/api/v1/about`, { headers })).status, 200);
  });

  test('a wrong, shortened or malformed token is refused', async () => {
    const wrong = [
      `Bearer ${'0'.repeat(64)}`,
      `Bearer ${served.token.slice(0, 63)}`,
      `Bearer ${served.token}0`,
      `Basic ${served.token}`,
      served.token,
      'Bearer ',
    ];
    for (const authorization of wrong) {
      const response = await served.ask('/api/v1/meters/WTL0001/read', {
        method: 'POST',
        headers: { authorization },
      });
      assert.equal(response.status, 401, authorization);
      assert.equal(((await response.json()) as ProblemBody).code, 'server/login-refused');
    }
  });

  test('a page that points its own name at this machine is refused', async () => {
    for (const host of [
      'evil.example',
      'evil.example:8080',
      '127.0.0.1.evil.example',
      'localhost.evil.example',
    ]) {
      const { status, body } = await askRaw(served.api.url, { path: '/api/v1/about', headers: { host } });
      assert.equal(status, 421, host);
      assert.equal((JSON.parse(body) as ProblemBody).code, 'server/host-refused');
    }
    for (const host of ['localhost:1', '127.0.0.1', '[::1]:8080', 'LOCALHOST']) {
      assert.equal(
        (await askRaw(served.api.url, { path: '/api/v1/about', headers: { host } })).status,
        200,
        host,
      );
    }
  });

  test('answers keep browsers strict and are not kept by caches', async () => {
    for (const path of ['/api/v1/about', '/api/docs', '/nothing.js']) {
      const { headers } = await served.ask(path);
      assert.match(headers.get('content-security-policy') ?? '', /default-src 'self'/);
      assert.match(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/);
      assert.doesNotMatch(headers.get('content-security-policy') ?? '', /unsafe/);
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.equal(headers.get('referrer-policy'), 'no-referrer');
      assert.equal(headers.get('access-control-allow-origin'), null);
    }
    assert.equal((await served.ask('/api/v1/about')).headers.get('cache-control'), 'no-store');
  });
});
