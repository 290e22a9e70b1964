/** Pages of lists: opaque cursors that name the last item given. */
import type { Page } from '@wattline/model';
import { badQuery } from './problem.ts';

/** Which page is wanted. */
export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string;
}

/** The key after which the page begins; undefined for the first page. `list` keeps cursors of different lists apart. */
export function keyAfter(list: string, cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const plain = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!plain.startsWith(`${list}:`) || plain.length === list.length + 1) {
    throw badQuery('cursor', 'the `next` of a page of this list', cursor);
  }
  return plain.slice(list.length + 1);
}

/** As {@link keyAfter} for lists whose key is a number. */
export function numberAfter(list: string, cursor: string | undefined): number | undefined {
  const key = keyAfter(list, cursor);
  if (key === undefined) return undefined;
  const value = Number(key);
  if (!Number.isSafeInteger(value)) throw badQuery('cursor', 'the `next` of a page of this list', key);
  return value;
}

/** A page out of up to `limit` + 1 rows: the extra one says that there is a next page. */
export function pageOfRows<R, T>(
  rows: readonly R[],
  list: string,
  how: {
    readonly limit: number;
    readonly keyOf: (row: R) => string | number;
    readonly toItem: (row: R) => T;
  },
): Page<T> {
  const shown = rows.slice(0, how.limit);
  const last = shown.at(-1);
  const isMore = rows.length > how.limit && last !== undefined;
  return {
    items: shown.map(how.toItem),
    next: isMore ? Buffer.from(`${list}:${how.keyOf(last)}`).toString('base64url') : null,
  };
}
