/** Opens billing: runs, keeps, explains and replays bills over the registry and the readings. */
import type { Clock } from '@wattline/base';
import { tariffAt } from '@wattline/mdm';
import type { Bill, EventSink, Tariff } from '@wattline/model';
import type { Registry } from '@wattline/store/registry';
import { appsError } from '../errors.ts';
import {
  type BilledPoint,
  type BilledReadings,
  billedPeriod,
  findBilledPoint,
  gatherInputs,
} from './bill-inputs.ts';
import {
  findBill,
  findTariff,
  isSameBill,
  keepBill,
  keepTariff,
  listBills,
  listTariffs,
  newestBill,
} from './bill-versions.ts';
import type { Billing } from './billing.ts';
import { canonicalJson, differencesOf } from './canonical-json.ts';
import { explainBill } from './explanation.ts';
import { rateBill } from './rating.ts';
import type { RatingInputs } from './rating-inputs.ts';
import { parseTariff } from './tariff-check.ts';

export interface BillingOptions {
  readonly registry: Registry;
  readonly readings: BilledReadings;
  readonly clock: Clock;
  /** Told `bill-issued` of each new version of a closed month; leave it out when the caller tells it. */
  readonly events?: EventSink;
}

/** Runs of one bill that may collide before one gives up. */
const mostAttempts = 5;

/** Billing over a registry and the readings of meter data management. */
export function openBilling(options: BillingOptions): Billing {
  const { registry, readings, clock } = options;

  async function run(usagePointId: string, month: string): Promise<Bill> {
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      const nowMs = clock.now();
      const last = await newestBill(registry, usagePointId, month);
      const bill = rateBill(await inputsOfRun({ usagePointId, month, nowMs, last }));
      if (last && isSameBill(last, bill)) return last;
      if (await keepBill(registry, bill, nowMs)) {
        await reportIssued(bill, nowMs);
        return bill;
      }
    }
    const message = `${mostAttempts} runs of ${usagePointId} for ${month} were each overtaken by another`;
    throw appsError('apps/bill-contended', message, { usagePointId, month });
  }

  async function inputsOfRun(order: {
    readonly usagePointId: string;
    readonly month: string;
    readonly nowMs: number;
    readonly last: Bill | undefined;
  }): Promise<RatingInputs> {
    const { usagePointId, month, nowMs, last } = order;
    const point = await findBilledPoint(registry, usagePointId);
    // A month once closed keeps the prices it was billed at, however late the readings come.
    const isPriced = last?.state === 'closed';
    const tariff = isPriced
      ? await expectTariff(last.tariff.id, last.tariff.version)
      : await tariffOfMonth(point, { month, nowMs });
    const { period, state } = billedPeriod(point, { month, zone: tariff.zone, nowMs });
    const version = (last?.version ?? 0) + 1;
    return gatherInputs({ registry, readings, point, tariff, month, state, period, version, nowMs });
  }

  /** The tariff that stood at the point when the month began there: one of the middle of a month holds from the next one on. */
  async function tariffOfMonth(
    point: BilledPoint,
    { month, nowMs }: { readonly month: string; readonly nowMs: number },
  ): Promise<Tariff> {
    const present = await expectTariff(point.tariffId);
    const { period } = billedPeriod(point, { month, zone: present.zone, nowMs });
    const then = await tariffAt({ registry, clock }, point.usagePointId, period.startMs);
    return then === null || then === point.tariffId ? present : expectTariff(then);
  }

  async function inputsOfBill(bill: Bill): Promise<RatingInputs> {
    const { month, state, version } = bill;
    const point = await findBilledPoint(registry, bill.usagePointId);
    const tariff = await expectTariff(bill.tariff.id, bill.tariff.version);
    const period = { startMs: instantMs(bill.start), endMs: instantMs(bill.end) };
    const asOfMs = instantMs(bill.asOf);
    return gatherInputs({
      registry,
      readings,
      point,
      tariff,
      month,
      state,
      period,
      version,
      nowMs: asOfMs,
      asOfMs,
    });
  }

  async function replay(id: string): Promise<{ readonly isSame: boolean; readonly bill: Bill }> {
    const kept = await expectBill(id);
    const bill = rateBill(await inputsOfBill(kept));
    if (canonicalJson(bill) === canonicalJson(kept)) return { isSame: true, bill };
    const differs = differencesOf(kept, bill).join('; ');
    throw appsError('apps/replay-differs', `${id}, kept and computed again, differ in ${differs}`, {
      billId: id,
      differs,
    });
  }

  async function reportIssued(bill: Bill, nowMs: number): Promise<void> {
    if (bill.state !== 'closed') return;
    await options.events?.report({
      kind: 'bill-issued',
      occurredMs: nowMs,
      receivedMs: nowMs,
      usagePointId: bill.usagePointId,
      message: `bill ${bill.id} for ${bill.month}, readings as known at ${bill.asOf}`,
    });
  }

  async function expectTariff(id: string, version?: number): Promise<Tariff> {
    const tariff = await findTariff(registry, id, version);
    if (tariff) return tariff;
    const name = version === undefined ? `'${id}'` : `'${id}' version ${version}`;
    throw appsError('apps/unknown-tariff', `expected a tariff that is kept, found ${name}`, {
      tariff: id,
      version: version ?? null,
    });
  }

  async function expectBill(id: string): Promise<Bill> {
    const bill = await findBill(registry, id);
    if (bill) return bill;
    throw appsError('apps/unknown-bill', `expected the id of a bill, found '${id.slice(0, 60)}'`, {
      billId: id,
    });
  }

  return {
    putTariff: async (tariff) => keepTariff(registry, parseTariff(tariff, 'putTariff')),
    tariff: (id, version) => findTariff(registry, id, version),
    tariffs: () => listTariffs(registry),
    run,
    bills: (usagePointId) => listBills(registry, usagePointId),
    bill: (id) => findBill(registry, id),
    explain: async (id) => {
      const bill = await expectBill(id);
      return explainBill(bill, await inputsOfBill(bill));
    },
    replay,
  };
}

function instantMs(text: string): number {
  return Temporal.Instant.from(text).epochMilliseconds;
}
