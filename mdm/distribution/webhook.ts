/** Changes posted to a subscriber over HTTP as JSON; taken when it answers with 2xx within the time. */
import { messageOf } from '@wattline/base';
import { mdmError } from '../errors.ts';
import type { Post } from './change-feed.ts';

/** Longest that a subscriber may take, ms. */
const longestAnswerMs = 10_000;

export const postOverHttp: Post = async (url, page, signal) => {
  const timeout = AbortSignal.timeout(longestAnswerMs);
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': String(page.position) },
    body: JSON.stringify(page),
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    redirect: 'error',
  }).catch((error: unknown) => {
    throw mdmError('mdm/not-taken', messageOf((error as Error).cause ?? error));
  });
  await response.body?.cancel();
  if (response.ok) return;
  throw mdmError('mdm/not-taken', `expected 2xx, found ${response.status}`, { status: response.status });
};
