/** Roll-out: orders to install, exchange or remove a meter, the notices that go with them, and what the fitter writes down. */
import type { Clock } from '@wattline/base';
import type { Registry, Row } from '@wattline/store/registry';
import { mdmError } from '../errors.ts';
import type { Said } from './asset-facts.ts';
import type { Assets } from './assets.ts';

const dayMs = 86_400_000;
/** Days before the visit on which the customer is told. Local setting: supply codes differ. */
const noticeDays = 7;

/** An order. */
export type InstallOrder = Row<'install_order'>;

/** What the fitter writes down, in Wh. */
export interface FitterReport {
  readonly doneMs: number;
  readonly finalRead: number | null;
  readonly initialRead: number | null;
  /** The transformer that the meter hangs on, as found. */
  readonly transformer?: string;
}

/** The roll-out. */
export interface Rollout {
  plan(
    order: Pick<InstallOrder, 'id' | 'usage_point_id' | 'kind' | 'old_serial' | 'new_serial' | 'planned_ms'>,
  ): Promise<void>;
  /** Notices that are due and were not sent; the caller sends them and says so. */
  dueNotices(): Promise<readonly Row<'notice'>[]>;
  noticeSent(id: number): Promise<void>;
  /** The work is done: the final read of the old meter and the first of the new join its register. */
  done(id: string, report: FitterReport, said: Said): Promise<void>;
  cancel(id: string, said: Said): Promise<void>;
  orders(state: InstallOrder['state']): Promise<readonly InstallOrder[]>;
}

/** A roll-out over the registry and the assets. */
export function createRollout({
  registry,
  clock,
  assets,
}: {
  registry: Registry;
  clock: Clock;
  assets: Assets;
}): Rollout {
  async function expectOpen(id: string): Promise<InstallOrder> {
    const order = await registry
      .selectFrom('install_order')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    if (!order) throw mdmError('mdm/unknown-order', id, { order: id });
    if (order.state !== 'planned' && order.state !== 'noticed')
      throw mdmError('mdm/already-decided', `${id} is ${order.state}`, { order: id });
    return order;
  }

  return {
    async plan(order) {
      const known = await registry
        .selectFrom('install_order')
        .select('id')
        .where('id', '=', order.id)
        .executeTakeFirst();
      if (known) throw mdmError('mdm/order-exists', order.id, { order: order.id });
      const empty = { done_ms: null, final_read: null, initial_read: null, transformer: null, note: null };
      await registry.transaction().execute(async (transaction) => {
        await transaction
          .insertInto('install_order')
          .values({ ...order, ...empty, state: 'planned' })
          .execute();
        const text = `Your meter will be ${order.kind === 'remove' ? 'removed' : order.kind === 'exchange' ? 'exchanged' : 'installed'}.`;
        const notice = {
          order_id: order.id,
          usage_point_id: order.usage_point_id,
          kind: order.kind,
          sent_ms: null,
          text,
        };
        await transaction
          .insertInto('notice')
          .values({ ...notice, due_ms: order.planned_ms - noticeDays * dayMs })
          .execute();
      });
    },
    dueNotices: () =>
      registry
        .selectFrom('notice')
        .selectAll()
        .where('sent_ms', 'is', null)
        .where('due_ms', '<=', clock.now())
        .orderBy('due_ms')
        .execute(),
    async noticeSent(id) {
      const notice = await registry.selectFrom('notice').selectAll().where('id', '=', id).executeTakeFirst();
      if (!notice) throw mdmError('mdm/unknown-order', `notice ${id}`);
      await registry.updateTable('notice').set({ sent_ms: clock.now() }).where('id', '=', id).execute();
      await registry
        .updateTable('install_order')
        .set({ state: 'noticed' })
        .where('id', '=', notice.order_id)
        .where('state', '=', 'planned')
        .execute();
    },
    async done(id, { doneMs, finalRead, initialRead, transformer }, said) {
      const order = await expectOpen(id);
      const isExchange = order.kind === 'exchange';
      if (isExchange && (finalRead === null || initialRead === null))
        throw mdmError('mdm/bad-edit', 'an exchange needs the final and the first read');
      const reads = isExchange
        ? { 'delivered-total': { final: finalRead as number, initial: initialRead as number } }
        : {};
      const { usage_point_id: point, old_serial: oldSerial, new_serial: newSerial } = order;
      await assets.exchangeMeter(point, { atMs: doneMs, oldSerial, newSerial, reads }, said);
      if (transformer !== undefined) await assets.move(point, { fromMs: doneMs, transformer }, said);
      const report = {
        state: 'done' as const,
        done_ms: doneMs,
        final_read: finalRead,
        initial_read: initialRead,
        transformer: transformer ?? null,
      };
      await registry.updateTable('install_order').set(report).where('id', '=', id).execute();
    },
    async cancel(id, { author, reason }) {
      await expectOpen(id);
      await registry
        .updateTable('install_order')
        .set({ state: 'cancelled', note: `${author}: ${reason}` })
        .where('id', '=', id)
        .execute();
    },
    orders: (state) =>
      registry
        .selectFrom('install_order')
        .selectAll()
        .where('state', '=', state)
        .orderBy('planned_ms')
        .execute(),
  };
}
