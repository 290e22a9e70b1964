/** What changed, in the order in which it became known, for systems downstream; from any position again, as often as wanted. */
import type { Clock, Log } from '@wattline/base';
import { messageOf } from '@wattline/base';
import type { ChannelId } from '@wattline/model';
import type { ReadingsStore } from '@wattline/store/readings';
import type { Registry } from '@wattline/store/registry';
import type { ChannelDirectory } from '../channels/channel-directory.ts';
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

/** The feed. */
export interface ChangeFeed {
  /** Changes of batches after `after`; a batch is never cut in two. */
  changes(after: number, limit?: number): Promise<ChangePage>;
  subscribe(id: string, url: string, after: number): Promise<void>;
  unsubscribe(id: string): Promise<void>;
  /** Sends to every subscriber that is due what it has not acknowledged yet; returns how many pages were taken. */
  deliver(): Promise<number>;
}

/** Posts a page to a subscriber; rejects when it was not taken. */
export type Post = (url: string, page: ChangePage) => Promise<void>;

export interface ChangeFeedParts {
  readonly store: ReadingsStore;
  readonly ledger: Ledger;
  readonly directory: ChannelDirectory;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Log;
  readonly post: Post;
}

const pageByDefault = 1000;
const firstRetryMs = 1000;
const longestRetryMs = 3_600_000;
/** Pages sent to one subscriber before others have their turn. */
const pagesPerTurn = 20;

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

  async function serve({
    id,
    url,
    position,
    failures,
  }: {
    id: string;
    url: string;
    position: number;
    failures: number;
  }) {
    let at = position;
    let taken = 0;
    try {
      while (taken < pagesPerTurn) {
        const page = await changes(at);
        if (page.changes.length === 0) break;
        await parts.post(url, page);
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
      const waitMs = Math.min(longestRetryMs, firstRetryMs * 2 ** failures);
      const change = {
        failures: failures + 1,
        next_ms: clock.now() + waitMs,
        last_code: messageOf(error).slice(0, 200),
      };
      await registry.updateTable('subscriber').set(change).where('id', '=', id).execute();
      parts.logger.warn(
        { subscriber: id, error: messageOf(error), waitMs },
        'a subscriber did not take its changes',
      );
    }
    return taken;
  }

  return {
    changes,
    async subscribe(id, url, after) {
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
      await registry.deleteFrom('subscriber').where('id', '=', id).execute();
    },
    async deliver() {
      const due = await registry
        .selectFrom('subscriber')
        .selectAll()
        .where('next_ms', '<=', clock.now())
        .execute();
      let taken = 0;
      for (const subscriber of due) taken += await serve(subscriber);
      return taken;
    },
  };
}
