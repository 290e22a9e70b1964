/** The bill cycle: calendar months of each usage point, closed ones billed, the running one projected. */
import type { Billing } from '@wattline/apps/billing';
import { type Clock, dateOf, type Log, localDay, messageOf, monthOf } from '@wattline/base';
import type { Bill, EventSink } from '@wattline/model';
import { firstMeters, type Registry } from '@wattline/store/registry';

/** Minutes after local midnight at which the day's projections are drawn: the night's collection is in by then. */
const projectionDelayMs = 45 * 60_000;

export interface BillCycleOptions {
  readonly registry: Registry;
  readonly billing: Billing;
  readonly clock: Clock;
  readonly events: EventSink;
  readonly log: Log;
  readonly zone: string;
  readonly onBill?: () => void;
}

/** Bills month by month; `runAll` now, `start` for every local midnight to come. */
export interface BillCycle {
  runAll(): Promise<number>;
  start(): void;
  close(): void;
}

/** A bill cycle in the local time of `zone`. */
export function createBillCycle(options: BillCycleOptions): BillCycle {
  const { registry, billing, clock, events, log, zone } = options;
  let cancel = () => {};
  let isOpen = true;

  /**
   * Months that need no computing: closed ones billed on measured readings alone, for which nothing can come late, and the
   * running one when it was projected since local midnight.
   */
  async function settledMonths(): Promise<ReadonlySet<string>> {
    const { startMs } = localDay(dateOf(clock.now(), zone), zone);
    const rows = await registry
      .selectFrom('bill')
      .select(['usage_point_id', 'month', 'body'])
      .where((row) => row.or([row('state', '=', 'closed'), row('computed_ms', '>=', startMs)]))
      .execute();
    const settled = rows.filter(({ body }) => {
      const bill = JSON.parse(body) as Bill;
      return bill.state === 'projection' || isMeasured(bill);
    });
    if (settled.length > 0) options.onBill?.();
    return new Set(settled.map((row) => `${row.usage_point_id} ${row.month}`));
  }

  async function runAll(): Promise<number> {
    const settled = await settledMonths();
    const meters = await registry
      .selectFrom('meter')
      .select(['usage_point_id', 'installed_ms', 'serial'])
      .orderBy('usage_point_id')
      .orderBy('installed_ms')
      .execute();
    // After an exchange a point has several meters: it is billed once, since the first and in the name of the last.
    const points = new Map<string, { readonly fromMs: number; readonly serial: string }>();
    for (const { usage_point_id, installed_ms, serial } of meters) {
      points.set(usage_point_id, { fromMs: points.get(usage_point_id)?.fromMs ?? installed_ms, serial });
    }
    // Points whose meters nobody can ask are billed by their register reads.
    for (const { usagePointId, serial, fromMs } of await firstMeters(registry)) {
      if (!points.has(usagePointId)) points.set(usagePointId, { fromMs, serial });
    }
    let count = 0;
    for (const [usagePointId, { fromMs, serial }] of points) {
      for (const month of monthsBetween(fromMs, clock.now(), zone)) {
        if (!isOpen) return count;
        if (settled.has(`${usagePointId} ${month}`)) continue;
        if (await billMonth(usagePointId, serial, month)) count++;
      }
    }
    return count;
  }

  async function billMonth(usagePointId: string, serial: string, month: string): Promise<boolean> {
    try {
      const before = (await billing.bills(usagePointId)).find((bill) => bill.month === month);
      const bill = await billing.run(usagePointId, month);
      options.onBill?.();
      if (bill.state === 'closed' && before?.id !== bill.id) {
        const now = clock.now();
        const message = `bill ${bill.id} for ${month}`;
        await events.report({
          kind: 'bill-issued',
          occurredMs: now,
          receivedMs: now,
          usagePointId,
          serial,
          message,
        });
      }
      return true;
    } catch (error) {
      log.error({ usagePointId, month, error: messageOf(error) }, 'a bill could not be computed');
      return false;
    }
  }

  function start(): void {
    const now = clock.now();
    const tomorrow = localDay(dateOf(now, zone), zone).endMs + projectionDelayMs;
    cancel = clock.after(tomorrow - now, () => {
      runAll()
        .catch((error: unknown) => log.error({ error: messageOf(error) }, 'the bill cycle failed'))
        .finally(() => isOpen && start());
    });
  }

  return {
    runAll,
    start,
    close: () => {
      isOpen = false;
      cancel();
    },
  };
}

function isMeasured({ determinants }: Bill): boolean {
  return determinants.every(({ estimated, missing }) => estimated === 0 && missing === 0);
}

/** Local months (`2026-10`) that [fromMs, toMs] touches, in order. */
export function monthsBetween(fromMs: number, toMs: number, zone: string): string[] {
  const months: string[] = [];
  const last = monthOf(toMs, zone);
  let month = Temporal.PlainYearMonth.from(monthOf(fromMs, zone));
  for (;;) {
    months.push(month.toString());
    if (month.toString() >= last) return months;
    month = month.add({ months: 1 });
  }
}
