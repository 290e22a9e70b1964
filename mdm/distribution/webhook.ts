/** Changes posted to a subscriber over HTTP as JSON; taken when it answers with 2xx within the time. */
import { CodedError } from '@wattline/base';
import type { Post } from './change-feed.ts';

/** Longest that a subscriber may take, ms. */
const longestAnswerMs = 10_000;

export const postOverHttp: Post = async (url, page) => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': String(page.position) },
    body: JSON.stringify(page),
    signal: AbortSignal.timeout(longestAnswerMs),
    redirect: 'error',
  });
  await response.body?.cancel();
  if (response.ok) return;
  throw new CodedError('mdm/not-taken', `expected 2xx, found ${response.status}`, {
    status: response.status,
  });
};
