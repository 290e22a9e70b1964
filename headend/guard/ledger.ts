/** The guard's ledger: every line names the hash of the line before, so that a line altered, left out or put in is seen. */
import { createHash } from 'node:crypto';
import type { Registry } from '@wattline/store/registry';
import { guardError } from './errors.ts';
import type { LedgerEntry } from './guard-state.ts';

/** A line as it was written. */
export interface LedgerLine {
  readonly seq: number;
  readonly atMs: number;
  readonly entry: LedgerEntry;
  readonly hash: string;
}

/** The ledger of one registry. */
export interface Ledger {
  /** The last line's instant, 0 when there is none: the clock never goes below it. */
  lastMs(): number;
  /** Hash of the last line: kept elsewhere it shows whether the end was cut off. */
  head(): string;
  /** Appends lines in one transaction; resolves when they are on disk. Appends run one after the other. */
  append(atMs: number, ...entries: readonly LedgerEntry[]): Promise<void>;
}

const genesis = '0'.repeat(64);

/**
 * Opens the ledger, checks the chain from its first line and tells each line in order.
 * @throws CodedError `guard/ledger-broken` with the first line that does not follow.
 */
export async function openLedger(registry: Registry, onLine: (line: LedgerLine) => void): Promise<Ledger> {
  let seq = 0;
  let head = genesis;
  let lastMs = 0;
  const pageSize = 1000;
  for (;;) {
    const rows = await registry
      .selectFrom('guard_ledger')
      .selectAll()
      .where('seq', '>', seq)
      .orderBy('seq')
      .limit(pageSize)
      .execute();
    for (const row of rows) {
      const hash = lineHash(head, row.seq, row.at_ms, row.body);
      if (row.seq !== seq + 1 || row.previous !== head || row.hash !== hash || row.at_ms < lastMs) {
        throw guardError('guard/ledger-broken', `line ${row.seq} after line ${seq}`, { line: row.seq });
      }
      const entry = JSON.parse(row.body) as LedgerEntry;
      ({ seq, hash: head, at_ms: lastMs } = row);
      onLine({ seq, atMs: lastMs, entry, hash });
    }
    if (rows.length < pageSize) break;
  }
  let queue: Promise<unknown> = Promise.resolve();
  const appendNow = async (atMs: number, entries: readonly LedgerEntry[]) => {
    const lines: { seq: number; at_ms: number; body: string; previous: string; hash: string }[] = [];
    let previous = head;
    // Instants never fall, whatever the clock says: windows are reckoned from them.
    const at = Math.max(atMs, lastMs);
    for (const entry of entries) {
      const body = JSON.stringify(entry);
      const number = seq + lines.length + 1;
      const hash = lineHash(previous, number, at, body);
      lines.push({ seq: number, at_ms: at, body, previous, hash });
      previous = hash;
    }
    await registry
      .transaction()
      .execute((transaction) => transaction.insertInto('guard_ledger').values(lines).execute());
    seq += lines.length;
    head = previous;
    lastMs = at;
    for (const [i, { seq: number, at_ms, hash }] of lines.entries()) {
      onLine({ seq: number, atMs: at_ms, entry: entries[i] as LedgerEntry, hash });
    }
  };
  return {
    lastMs: () => lastMs,
    head: () => head,
    append(atMs, ...entries) {
      const done = queue.then(() => appendNow(atMs, entries));
      queue = done.catch(() => undefined);
      return done;
    },
  };
}

function lineHash(previous: string, seq: number, atMs: number, body: string): string {
  return createHash('sha256').update(`${previous}\n${seq}\n${atMs}\n${body}`).digest('hex');
}
