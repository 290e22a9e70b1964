/** The review cycle: what should have come by now is validated, and what did not is estimated. */
import { type Clock, type Log, messageOf, type Period } from '@wattline/base';
import type { Mdm } from '@wattline/mdm';
import type { Registry } from '@wattline/store/registry';

const hourMs = 3_600_000;
/** Readings this young may still be on their way: they are not called missing yet. */
const graceMs = 2 * hourMs;
/** How far back each review looks behind the last one: what came late by itself is reviewed when it comes. */
const lookBackMs = 72 * hourMs;

/** The fact that says how far reviews have come, UTC ms. */
const reviewedUntil = 'reviewed-until-ms';

export interface ReviewCycleOptions {
  readonly registry: Registry;
  readonly mdm: Mdm;
  readonly clock: Clock;
  readonly log: Log;
}

/** Reviews all usage points; `catchUp` now, `start` for every hour to come. */
export interface ReviewCycle {
  /** Reviews all that may have changed since the last review that this registry knows of. */
  catchUp(): Promise<void>;
  start(): void;
  close(): void;
}

/** A review cycle on the given clock. */
export function createReviewCycle(options: ReviewCycleOptions): ReviewCycle {
  const { registry, mdm, clock, log } = options;
  let cancel = () => {};
  let isOpen = true;

  async function catchUp(): Promise<void> {
    const endMs = clock.now() - graceMs;
    const known = await registry
      .selectFrom('fact')
      .select('value')
      .where('name', '=', reviewedUntil)
      .executeTakeFirst();
    await reviewAll({ startMs: known ? Number(known.value) - lookBackMs : 0, endMs });
    if (isOpen) await keepReviewed(endMs);
  }

  async function keepReviewed(endMs: number): Promise<void> {
    const value = String(endMs);
    await registry
      .insertInto('fact')
      .values({ name: reviewedUntil, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute();
  }

  async function reviewAll(period: Period): Promise<void> {
    const meters = await registry.selectFrom('meter').select(['usage_point_id', 'installed_ms']).execute();
    for (const meter of meters) {
      if (!isOpen) return;
      const startMs = Math.max(period.startMs, meter.installed_ms);
      if (startMs >= period.endMs) continue;
      await mdm.review(meter.usage_point_id, { startMs, endMs: period.endMs }).catch((error: unknown) => {
        log.error({ usagePointId: meter.usage_point_id, error: messageOf(error) }, 'a review failed');
      });
    }
  }

  function start(): void {
    cancel = clock.after(hourMs, () => {
      catchUp()
        .catch((error: unknown) => log.error({ error: messageOf(error) }, 'the review cycle failed'))
        .finally(() => isOpen && start());
    });
  }

  return {
    catchUp,
    start,
    close: () => {
      isOpen = false;
      cancel();
    },
  };
}
