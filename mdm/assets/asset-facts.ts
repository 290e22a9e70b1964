/** What was true of an asset when, and when we knew it: facts from an instant on, appended, taken back, never changed. */
import type { Clock } from '@wattline/base';
import { type Registry, type Row, standingMeter } from '@wattline/store/registry';
import { mdmError } from '../errors.ts';

/** Who says it and why. */
export interface Said {
  readonly author: string;
  readonly reason: string;
}

/** A fact as it is kept; `value` null ends what was true before. */
export interface AssetFact<T = unknown> {
  readonly number: number;
  readonly subject: string;
  readonly attribute: string;
  readonly fromMs: number;
  readonly value: T | null;
  readonly recordedMs: number;
  readonly author: string;
  readonly reason: string;
}

/** Attributes that commands record, beside the levels of the grid. */
export const attributes = {
  break: 'register-break',
  dials: 'rolls-over-at',
  multiplier: 'multiplier',
  meter: standingMeter,
  interval: 'interval-length',
  nodeMeter: 'meter-channel',
  virtual: 'definition',
  rulePack: 'rule-pack',
  tariff: 'tariff',
  serviceLimit: 'service-limit',
} as const;

/** A fact to be recorded. */
export interface NewFact {
  readonly subject: string;
  readonly attribute: string;
  readonly fromMs: number;
  readonly value: unknown;
}

/** Facts in the registry. */
export class AssetFacts {
  private readonly registry: Registry;
  private readonly clock: Clock;

  constructor(registry: Registry, clock: Clock) {
    this.registry = registry;
    this.clock = clock;
  }

  /** Records facts together; their numbers in order. */
  async record(facts: readonly NewFact[], { author, reason }: Said): Promise<number[]> {
    if (author.trim() === '' || reason.trim() === '')
      throw mdmError('mdm/bad-edit', 'a fact needs an author and a reason');
    const recorded_ms = this.clock.now();
    return this.registry.transaction().execute(async (transaction) => {
      const numbers: number[] = [];
      for (const { subject, attribute, fromMs, value } of facts) {
        const row = {
          subject,
          attribute,
          from_ms: fromMs,
          value: value === null ? null : JSON.stringify(value),
          recorded_ms,
          author,
          reason,
          undoes: null,
        };
        const { number } = await transaction
          .insertInto('asset_fact')
          .values(row)
          .returning('number')
          .executeTakeFirstOrThrow();
        numbers.push(number);
      }
      return numbers;
    });
  }

  /** Takes facts back: from now on they are known never to have been true. */
  async undo(numbers: readonly number[], { author, reason }: Said): Promise<void> {
    const recorded_ms = this.clock.now();
    await this.registry.transaction().execute(async (transaction) => {
      for (const number of numbers) {
        const fact = await transaction
          .selectFrom('asset_fact')
          .selectAll()
          .where('number', '=', number)
          .executeTakeFirst();
        if (!fact || fact.undoes !== null)
          throw mdmError('mdm/unknown-fact', String(number), { fact: number });
        const before = await transaction
          .selectFrom('asset_fact')
          .select('number')
          .where('undoes', '=', number)
          .executeTakeFirst();
        if (before) throw mdmError('mdm/already-decided', `${number} is taken back`, { fact: number });
        const { subject, attribute, from_ms } = fact;
        await transaction
          .insertInto('asset_fact')
          .values({ subject, attribute, from_ms, value: null, recorded_ms, author, reason, undoes: number })
          .execute();
      }
    });
  }

  /** Facts of an attribute that stand, oldest first, as known at `knownMs` (default: now). */
  async standing<T>(
    subject: string | null,
    attribute: string,
    knownMs = Number.MAX_SAFE_INTEGER,
  ): Promise<AssetFact<T>[]> {
    let rows = this.registry
      .selectFrom('asset_fact')
      .selectAll()
      .where('attribute', '=', attribute)
      .where('recorded_ms', '<=', knownMs);
    if (subject !== null) rows = rows.where('subject', '=', subject);
    const found = await rows.orderBy('number').execute();
    const undone = new Set(found.map((row) => row.undoes));
    const byPlace = new Map<string, Row<'asset_fact'>>();
    for (const row of found) {
      if (row.undoes !== null || undone.has(row.number)) continue;
      byPlace.set(`${row.subject} ${row.from_ms}`, row);
    }
    return [...byPlace.values()]
      .sort((a, b) => a.from_ms - b.from_ms || a.number - b.number)
      .map((row) => factOf<T>(row));
  }

  /** The value at an instant, null when nothing was true. */
  async valueAt<T>(subject: string, attribute: string, atMs: number, knownMs?: number): Promise<T | null> {
    const facts = await this.standing<T>(subject, attribute, knownMs);
    return facts.findLast((fact) => fact.fromMs <= atMs)?.value ?? null;
  }
}

function factOf<T>(row: Row<'asset_fact'>): AssetFact<T> {
  return {
    number: row.number,
    subject: row.subject,
    attribute: row.attribute,
    fromMs: row.from_ms,
    value: row.value === null ? null : (JSON.parse(row.value) as T),
    recordedMs: row.recorded_ms,
    author: row.author,
    reason: row.reason,
  };
}
