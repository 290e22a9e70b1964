/** Who may call what: the Host header against rebinding, the bearer token, and the headers that keep browsers strict. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { serverError } from '../errors.ts';
import type { Access } from './route.ts';

/** How a server may be called. */
export interface AccessPolicy {
  /** The address that is listened on. */
  readonly host: string;
  readonly mode: 'town' | 'serve';
  readonly token: string;
}

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]', '::1']);

/** Whether an address is this machine's own and nobody else's. */
export function isLoopback(host: string): boolean {
  return loopbackNames.has(host) || /^127(\.\d{1,3}){3}$/.test(host);
}

/** On every answer. Styles set by scripts are not held by `style-src`; nothing needs an inline one. */
const securityHeaders = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** Checks every request before anything of it is read; what is not declared open or readable needs a login. */
export function guardAccess(app: FastifyInstance, policy: AccessPolicy): void {
  const expected = digestOf(policy.token);
  const isReadingFree = policy.mode === 'town' && isLoopback(policy.host);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders);
    if (request.url.startsWith('/api/v1/')) reply.header('cache-control', 'no-store');
    checkHost(request, policy.host);
    if (request.is404) return;
    const access: Access = request.routeOptions.config.access ?? 'write';
    if (access === 'open' || (access === 'read' && isReadingFree)) return;
    checkToken(request, expected);
  });
}

/** A page on another site can point a name of its own at 127.0.0.1; the Host header gives it away. */
function checkHost(request: FastifyRequest, host: string): void {
  if (!isLoopback(host)) return;
  const name = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  if (isLoopback(name) || name === host.toLowerCase()) return;
  const what = `expected a request to localhost or 127.0.0.1, found the host '${name.slice(0, 60)}'`;
  throw serverError('server/host-refused', what, { host: name.slice(0, 60) });
}

function checkToken(request: FastifyRequest, expected: Buffer): void {
  const header = request.headers.authorization;
  if (header === undefined) {
    const what = 'expected the header Authorization: Bearer <token>; the token stands in the data directory';
    throw serverError('server/login-required', what, { method: request.method });
  }
  const token = /^Bearer ([0-9a-fA-F]{64})$/.exec(header)?.[1] ?? '';
  if (!timingSafeEqual(digestOf(token.toLowerCase()), expected)) {
    throw serverError('server/login-refused', 'the bearer token is not the one of this server');
  }
}

/** Digests have one length, so that comparing them says nothing of the token's. */
function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
