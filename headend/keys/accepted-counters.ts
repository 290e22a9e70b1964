/**
 * The highest invocation counter taken of each peer (Green Book 9.2.3.3.7.3): in memory to be judged by, on disk before anybody is told.
 *
 * A row for each push is too much in a storm: the rows of a thousand meters lie on as many pages of the disk. So what a large group
 * took goes there as one row of a journal. The rows of the counters themselves follow when the journal grows long, some at a time, and
 * when it is next opened; until then the journal is read with them.
 */
import type { ReplayGuard } from '@wattline/protocols/dlms';
import { compileInsert, compileStatement, parameter, type Registry } from '@wattline/store/registry';
import type { RegistryWriter } from '../registry/registry-writer.ts';

/** A guard that can be asked without being moved, and waited for. */
export interface AcceptedCounter extends ReplayGuard {
  /** Whether a number would be taken, without taking it. */
  isFresh(counter: number): boolean;
  /** Resolves when the last number taken is on disk; those of many peers go there together. */
  onDisk(): Promise<void>;
}

/** The guards of all peers, by scope without `/accepted`. */
export interface AcceptedCounters {
  of(scope: string): AcceptedCounter;
  /** Keeps the last number taken, inside a transaction. */
  keep(transaction: Registry, scope: string): Promise<void>;
}

interface Guard extends AcceptedCounter {
  readonly row: string;
  /** The same as it stands in a line of the journal. */
  readonly key: string;
  /** The last number taken; -1 before the first. */
  value: number;
}

/** Groups of fewer go into the rows at once. */
const journalFrom = 8;
/** Lines a journal may have before rows follow, when nothing else is said. */
const usualLines = 4_096;
/** Rows that follow with one group. */
const rowsPerGroup = 128;

/** Reads what was taken; what the journal held is in the rows afterwards. */
export async function openAcceptedCounters(options: {
  readonly registry: Registry;
  readonly writer: RegistryWriter;
  /** Lines the journal may have before rows follow. */
  readonly journalLines?: number;
}): Promise<AcceptedCounters> {
  const { registry, writer, journalLines = usualLines } = options;
  const holder = await foldJournal(registry);
  const journal = createJournal(holder, { writer, journalLines });
  const guards = new Map<string, Guard>();
  let gathering: { readonly taken: Set<Guard>; readonly kept: Promise<void> } | undefined;

  const onDisk = (guard: Guard): Promise<void> => {
    if (gathering) {
      gathering.taken.add(guard);
      return gathering.kept;
    }
    const taken = new Set([guard]);
    const kept = writer.write(async (transaction) => {
      // What is taken from here on belongs to the next group.
      gathering = undefined;
      const known = [...taken].filter(({ value }) => value >= 0);
      if (known.length < journalFrom) await keepHighest(transaction, known.map(rowOf));
      else await journal.add(transaction, known);
    });
    void kept.then(journal.shorten, () => {});
    gathering = { taken, kept };
    return kept;
  };
  const guardOf = (row: string, value: number): Guard => {
    const guard: Guard = {
      row,
      key: JSON.stringify(row),
      value,
      isFresh: (counter) => counter > guard.value,
      accept(counter) {
        if (counter <= guard.value) return false;
        guard.value = counter;
        return true;
      },
      onDisk: () => onDisk(guard),
    };
    guards.set(row, guard);
    return guard;
  };
  const rows = await registry
    .selectFrom('invocation_counter')
    .select(['scope', 'value'])
    .where('scope', 'like', '%/accepted')
    .execute();
  for (const { scope, value } of rows) guardOf(scope, value);
  const of = (scope: string) => {
    const row = `${scope}/accepted`;
    return guards.get(row) ?? guardOf(row, -1);
  };
  return {
    of,
    async keep(transaction, scope) {
      const guard = of(scope);
      if (guard.value >= 0) await keepHighest(transaction, [rowOf(guard)]);
    },
  };
}

function rowOf({ row, value }: Guard) {
  return { scope: row, value };
}

/** A number is kept only when it is higher than the one that stands: a row that was not is none that was affected. */
export const keepHighest = compileInsert<'invocation_counter', unknown>(
  ['scope', 'value'],
  (registry, rows) =>
    registry
      .insertInto('invocation_counter')
      .values(rows)
      .onConflict((conflict) =>
        conflict
          .column('scope')
          .doUpdateSet((row) => ({ value: row.ref('excluded.value') }))
          .whereRef('invocation_counter.value', '<', 'excluded.value'),
      ),
);

const addLine = compileInsert<'accepted_counter', unknown>(['holder', 'line', 'body'], (registry, rows) =>
  registry.insertInto('accepted_counter').values(rows),
);

const dropLines = compileStatement<unknown>((registry) =>
  registry.deleteFrom('accepted_counter').where('holder', '=', parameter).where('line', '<', parameter),
);

/** Lines of one process; several on one registry do not touch each other's. */
function createJournal(
  holder: number,
  { writer, journalLines }: { readonly writer: RegistryWriter; readonly journalLines: number },
) {
  /** Guards whose rows lag, with the first line they stand in, in the order of those. */
  let lagging = new Map<Guard, number>();
  let next = 0;
  let first = 0;
  let isFollowing = false;

  /** Some rows follow, and the lines that nobody needs any more go, in one transaction. */
  const follow = async () => {
    const following = [...lagging].slice(0, rowsPerGroup);
    // Who is taken again meanwhile lags anew, with a later line.
    for (const [guard] of following) lagging.delete(guard);
    const [oldest = next] = lagging.values();
    try {
      await writer.write(async (transaction) => {
        await keepHighest(
          transaction,
          following.map(([guard]) => rowOf(guard)),
        );
        await dropLines(transaction, [holder, oldest]);
      });
      first = oldest;
    } catch {
      lagging = new Map([...following, ...[...lagging].filter(([guard]) => !isAmong(following, guard))]);
    } finally {
      isFollowing = false;
    }
  };
  return {
    /** Adds a line; may be run again when the transaction fails. */
    async add(transaction: Registry, taken: readonly Guard[]): Promise<void> {
      const line = next++;
      // An object of a hundred names that no other has costs far more than its text.
      let body = '';
      for (const guard of taken) {
        body += `${body && ','}${guard.key}:${guard.value}`;
        if (!lagging.has(guard)) lagging.set(guard, line);
      }
      await addLine(transaction, [{ holder, line, body: `{${body}}` }]);
    },
    /** Lets rows follow when there are many lines. */
    shorten(): void {
      if (isFollowing || next - first < journalLines) return;
      isFollowing = true;
      void follow();
    },
  };
}

function isAmong(rows: readonly (readonly [Guard, number])[], guard: Guard): boolean {
  return rows.some(([one]) => one === guard);
}

/** What journals hold goes to the rows; resolves to a number that no other process has for its lines. */
async function foldJournal(registry: Registry): Promise<number> {
  return registry.transaction().execute(async (transaction) => {
    const lines = await transaction.deleteFrom('accepted_counter').returning('body').execute();
    for (const { body } of lines) {
      const taken = Object.entries(JSON.parse(body) as Record<string, number>);
      await keepHighest(
        transaction,
        taken.map(([scope, value]) => ({ scope, value })),
      );
    }
    const { value } = await transaction
      .insertInto('fact')
      .values({ name: 'accepted-counter-holder', value: '1' })
      .onConflict((conflict) =>
        conflict.column('name').doUpdateSet((row) => ({
          value: row.cast<string>(row(row.cast<number>('fact.value', 'bigint'), '+', 1), 'text'),
        })),
      )
      .returning('value')
      .executeTakeFirstOrThrow();
    return Number(value);
  });
}
