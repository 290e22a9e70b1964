/**
 * Who works on what, in the registry: several head-ends may collect one fleet, and no two of them are ever in one session with a meter. A
 * lease ends by itself, so that what a worker held that died is another's soon.
 */
import type { Clock } from '@wattline/base';
import type { Registry } from './open.ts';

/** A lease held. */
export interface Lease {
  readonly name: string;
  /** Grows with every holder: who comes with a lower one has lost the lease and does not know it. */
  readonly fence: number;
  /** UTC ms of the registry's workers; whoever holds on longer renews. */
  readonly untilMs: number;
}

/** Leases of one worker. */
export interface Leases {
  /** Takes what is free or over, or renews what is ours; undefined while another has it. */
  take(name: string): Promise<Lease | undefined>;
  /** Gives back what is still ours; what is not is left alone. */
  release(lease: Lease): Promise<void>;
  /** Names of ours that have not ended. */
  held(): Promise<string[]>;
}

/** Leases of `holder` (unique among workers), each for `leaseMs`; the clocks of workers may differ by far less. */
export function createLeases(options: {
  readonly registry: Registry;
  readonly clock: Pick<Clock, 'now'>;
  readonly holder: string;
  readonly leaseMs: number;
}): Leases {
  const { registry, clock, holder, leaseMs } = options;
  return {
    async take(name) {
      const nowMs = clock.now();
      // One statement: of two that come at once the engine lets one through and the other finds the row changed.
      const row = await registry
        .insertInto('lease')
        .values({ name, holder, until_ms: nowMs + leaseMs, fence: 1 })
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet((old) => ({
              holder,
              until_ms: nowMs + leaseMs,
              fence: old('lease.fence', '+', 1),
            }))
            .where((old) => old.or([old('lease.until_ms', '<=', nowMs), old('lease.holder', '=', holder)])),
        )
        .returning(['fence', 'until_ms'])
        .executeTakeFirst();
      return row && { name, fence: Number(row.fence), untilMs: Number(row.until_ms) };
    },
    async release({ name, fence }) {
      await registry
        .updateTable('lease')
        .set({ until_ms: 0 })
        .where('name', '=', name)
        .where('holder', '=', holder)
        .where('fence', '=', fence)
        .execute();
    },
    async held() {
      const rows = await registry
        .selectFrom('lease')
        .select('name')
        .where('holder', '=', holder)
        .where('until_ms', '>', clock.now())
        .orderBy('name')
        .execute();
      return rows.map(({ name }) => name);
    },
  };
}
