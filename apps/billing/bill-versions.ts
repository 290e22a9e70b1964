/** Tariffs and bills in the registry: append-only versions, each kept as canonical JSON. */
import type { Bill, Tariff } from '@wattline/model';
import type { Registry } from '@wattline/store/registry';
import { appsError } from '../errors.ts';
import { canonicalJson } from './canonical-json.ts';

/**
 * Keeps a tariff version; the same body again is no change.
 * @throws CodedError `apps/tariff-changed`
 */
export async function keepTariff(registry: Registry, tariff: Tariff): Promise<void> {
  const { id, version } = tariff;
  const body = canonicalJson(tariff);
  await registry
    .insertInto('tariff')
    .values({ id, version, body })
    .onConflict((conflict) => conflict.columns(['id', 'version']).doNothing())
    .execute();
  const kept = await findTariff(registry, id, version);
  if (canonicalJson(kept) !== body) {
    const message = `tariff ${id} version ${version} is kept with another body: give the change a new version`;
    throw appsError('apps/tariff-changed', message, { tariff: id, version });
  }
}

/** A tariff version, the newest when none is named. */
export async function findTariff(
  registry: Registry,
  id: string,
  version?: number,
): Promise<Tariff | undefined> {
  let query = registry.selectFrom('tariff').select('body').where('id', '=', id);
  if (version !== undefined) query = query.where('version', '=', version);
  const row = await query.orderBy('version', 'desc').limit(1).executeTakeFirst();
  return row && (JSON.parse(row.body) as Tariff);
}

/** Every version of every tariff, by id, oldest version first. */
export async function listTariffs(registry: Registry): Promise<Tariff[]> {
  const rows = await registry.selectFrom('tariff').select('body').orderBy('id').orderBy('version').execute();
  return rows.map((row) => JSON.parse(row.body) as Tariff);
}

/** The bills of a usage point, newest month first, newest version first. */
export async function listBills(registry: Registry, usagePointId: string): Promise<Bill[]> {
  const rows = await registry
    .selectFrom('bill')
    .select('body')
    .where('usage_point_id', '=', usagePointId)
    .orderBy('month', 'desc')
    .orderBy('version', 'desc')
    .execute();
  return rows.map((row) => JSON.parse(row.body) as Bill);
}

/** The newest bill version of a month. */
export async function newestBill(
  registry: Registry,
  usagePointId: string,
  month: string,
): Promise<Bill | undefined> {
  const row = await registry
    .selectFrom('bill')
    .select('body')
    .where('usage_point_id', '=', usagePointId)
    .where('month', '=', month)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && (JSON.parse(row.body) as Bill);
}

/** A bill version by id. */
export async function findBill(registry: Registry, id: string): Promise<Bill | undefined> {
  const row = await registry.selectFrom('bill').select('body').where('id', '=', id).executeTakeFirst();
  return row && (JSON.parse(row.body) as Bill);
}

/** Keeps a bill version; false when another run has taken the version. */
export async function keepBill(registry: Registry, bill: Bill, computedMs: number): Promise<boolean> {
  const result = await registry
    .insertInto('bill')
    .values({
      id: bill.id,
      usage_point_id: bill.usagePointId,
      month: bill.month,
      version: bill.version,
      state: bill.state,
      computed_ms: computedMs,
      body: canonicalJson(bill),
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return Number(result.numInsertedOrUpdatedRows ?? 0) === 1;
}

/** Whether two versions tell the customer the same: all but version, id and knowledge time. */
export function isSameBill(a: Bill, b: Bill): boolean {
  const body = ({ id: _id, version: _version, asOf: _asOf, ...rest }: Bill) => canonicalJson(rest);
  return body(a) === body(b);
}
