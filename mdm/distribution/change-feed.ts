/** What changed, in the order in which it became known, for systems downstream; from any position again, as often as wanted. */
import { type Clock, codeOf, type Log, messageOf } from '@wattline/base';
import type { ChannelId } from '@wattline/model';
import type { ReadingsStore } from '@wattline/store/readings';
import type { Registry, Row } from '@wattline/store/registry';
import type { ChannelDirectory } from '../channels/channel-directory.ts';
import { mdmError } from '../errors.ts';
import type { Ledger } from '../ingest/ledger.ts';

/** A stretch of a channel that has new versions. */
export interface Change {
  /** Position: number of the batch that brought it. */
  readonly position: number;
  readonly knownMs: number;
  readonly channel: ChannelId;
  readonly startMs: number;
  readonly endMs: number;
  /** `''` from the meter, else the rule, estimate or edit that made it. */
  readonly method: string;
}

/** A page of changes; `position` is where the next one begins, whether or not anything came. */
export interface ChangePage {
  readonly changes: readonly Change[];
  readonly position: number;
  readonly isLast: boolean;
}

/** Who is told, and how far. */
export interface Subscriber {
  readonly id: string;
  readonly url: string;
  /** Changes up to here were taken. */
  readonly position: number;
  /** Times in a row that a page was not taken. */
  readonly failures: number;
  /** Code of the last of them. */
  readonly lastCode: string | null;
}

/** The feed. */
export interface ChangeFeed {
  /** Changes of batches after `after`; a batch is never cut in two. */
  changes(after: number, limit?: number): Promise<ChangePage>;
  /**
   * Tells `url` from `after` on; an id that is known begins again there.
   * @throws CodedError `mdm/bad-subscriber`, `mdm/too-many-subscribers`
   */
  subscribe(id: string, url: string, after: number): Promise<void>;
  /** @throws CodedError `mdm/unknown-subscriber` */
  unsubscribe(id: string): Promise<void>;
  subscribers(): Promise<readonly Subscriber[]>;
  /**
   * Sends to every subscriber that is due what it has not acknowledged yet; returns how many pages were taken. What the
   * signal cuts short counts as never tried.
   */
  deliver(signal?: AbortSignal): Promise<number>;
  /** Calls `listener` whenever the store may hold more than before; the function returned ends it. */
  watch(listener: () => void): () => void;
}

/** Posts a page to a subscriber; rejects when it was not taken, or when the signal says so. */
export type Post = (url: string, page: ChangePage, signal?: AbortSignal) => Promise<void>;

export interface ChangeFeedParts {
  readonly store: ReadingsStore;
  readonly ledger: Ledger;
  readonly directory: ChannelDirectory;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Log;
  readonly post: Post;
  /** Registers for each carry to the store; the function returned ends it. */
  readonly whenStored: (listener: () => void) => () => void;
}

const pageByDefault = 1000;
const firstRetryMs = 1000;
const longestRetryMs = 3_600_000;
/** Pages sent to one subscriber before others have their turn. */
const pagesPerTurn = 20;
export const mostSubscribers = 100;

/** A feed over its parts. */
export function createChangeFeed(parts: ChangeFeedParts): ChangeFeed {
  const { store, ledger, directory, registry, clock } = parts;

  async function changes(after: number, limit = pageByDefault): Promise<ChangePage> {
    await ledger.flush();
    const rows = await store.changes(after, limit + 1);
    const isLast = rows.length <= limit;
    // The last batch of a full page may go on in the next one: it is left for it, unless it fills the page alone.
    const first = rows[0]?.batch;
    const cut = isLast ? undefined : rows[rows.length - 1]?.batch;
    const isOne = cut !== undefined && cut === first;
    const whole = isOne
      ? await store.changes(after, Number.MAX_SAFE_INTEGER, cut)
      : rows.filter((row) => row.batch !== cut);
    await directory.resolveNumbers(whole.map((row) => row.channel));
    const told = whole.flatMap((row): Change[] => {
      const channel = directory.withNumber(row.channel);
      if (!channel) return [];
      const startMs = row.start * 1000;
      const endMs = startMs + row.slots * row.intervalSeconds * 1000;
      return [
        {
          position: row.batch,
          knownMs: row.knownMs,
          channel: channel.id,
          startMs,
          endMs,
          method: row.method,
        },
      ];
    });
    return { changes: told, position: whole.at(-1)?.batch ?? after, isLast };
  }

  async function serve({ id, url, position, failures }: Row<'subscriber'>, signal?: AbortSignal) {
    let at = position;
    let taken = 0;
    try {
      while (taken < pagesPerTurn && !signal?.aborted) {
        const page = await changes(at);
        if (page.changes.length === 0) break;
        await parts.post(url, page, signal);
        at = page.position;
        await registry
          .updateTable('subscriber')
          .set({ position: at, failures: 0, last_code: null })
          .where('id', '=', id)
          .execute();
        taken++;
        if (page.isLast) break;
      }
    } catch (error) {
      if (signal?.aborted) return taken;
      const waitMs = Math.min(longestRetryMs, firstRetryMs * 2 ** failures);
      const change = {
        failures: failures + 1,
        next_ms: clock.now() + waitMs,
        last_code: codeOf(error),
      };
      await registry.updateTable('subscriber').set(change).where('id', '=', id).execute();
      parts.logger.warn(
        { subscriber: id, code: codeOf(error), error: messageOf(error), waitMs },
        'a subscriber did not take its changes',
      );
    }
    return taken;
  }

  return {
    changes,
    async subscribe(id, url, after) {
      checkUrl(url);
      await expectRoom(registry, id);
      const row = { id, url, position: after, failures: 0, next_ms: 0, last_code: null };
      await registry
        .insertInto('subscriber')
        .values(row)
        .onConflict((on) =>
          on.column('id').doUpdateSet({ url, position: after, failures: 0, next_ms: 0, last_code: null }),
        )
        .execute();
    },
    async unsubscribe(id) {
      const { numDeletedRows } = await registry
        .deleteFrom('subscriber')
        .where('id', '=', id)
        .executeTakeFirst();
      if (numDeletedRows === 0n) throw mdmError('mdm/unknown-subscriber', id);
    },
    async subscribers() {
      const rows = await registry.selectFrom('subscriber').selectAll().orderBy('id').execute();
      return rows.map(({ id, url, position, failures, last_code: lastCode }) => ({
        id,
        url,
        position,
        failures,
        lastCode,
      }));
    },
    watch: parts.whenStored,
    async deliver(signal) {
      const due = await registry
        .selectFrom('subscriber')
        .selectAll()
        .where('next_ms', '<=', clock.now())
        .execute();
      // Side by side: one that answers late keeps nobody else waiting.
      const taken = await Promise.all(due.map((subscriber) => serve(subscriber, signal)));
      return taken.reduce((sum, pages) => sum + pages, 0);
    },
  };
}

/** Pages go to http and https alone, and no secret stands in an address that is listed and logged. */
function checkUrl(url: string): void {
  const parsed = URL.parse(url);
  if (!parsed) throw mdmError('mdm/bad-subscriber', `found '${url.slice(0, 60)}'`);
  const isWeb = parsed.protocol === 'http:' || parsed.protocol === 'https:';
  if (!isWeb) throw mdmError('mdm/bad-subscriber', `found the scheme ${parsed.protocol.slice(0, 20)}`);
  if (parsed.username || parsed.password) throw mdmError('mdm/bad-subscriber', 'found a user or a password');
}

async function expectRoom(registry: Registry, id: string): Promise<void> {
  const ids = await registry.selectFrom('subscriber').select('id').execute();
  if (ids.length < mostSubscribers || ids.some((row) => row.id === id)) return;
  throw mdmError('mdm/too-many-subscribers', `${mostSubscribers} at most`);
}
