/** Roll-out: orders to install, exchange or remove a meter, and what the fitter writes down. */
import type { Clock } from '@wattline/base';
import { channelIdOf } from '@wattline/model';
import type { Registry, Row } from '@wattline/store/registry';
import type { ManualReads } from '../editing/manual-reads.ts';
import { mdmError } from '../errors.ts';
import type { Said } from './asset-facts.ts';
import type { AssetChange, Assets, ExchangeReads } from './assets.ts';
import { createNotices, type Notices } from './notices.ts';

/** An order. */
export type InstallOrder = Row<'install_order'>;

/** What the fitter writes down, in Wh. */
export interface FitterReport {
  readonly doneMs: number;
  /** Of register +A; those of other registers, such as -A, stand in `reads`. */
  readonly finalRead: number | null;
  readonly initialRead: number | null;
  readonly reads?: ExchangeReads['reads'];
  /** The transformer that the meter hangs on, as found. */
  readonly transformer?: string;
}

/** The roll-out. */
export interface Rollout extends Notices {
  /** @throws CodedError `mdm/order-exists` */
  plan(
    order: Pick<InstallOrder, 'id' | 'usage_point_id' | 'kind' | 'old_serial' | 'new_serial' | 'planned_ms'>,
  ): Promise<void>;
  /**
   * The work is done: the final read of the old meter and the first of the new join its register; the last of a meter taken
   * away and the first of one put up where there was none are kept as register reads. The facts, to be taken back if need be.
   * @throws CodedError `mdm/unknown-order`, `mdm/already-decided`, `mdm/bad-edit`, `mdm/runs-backwards`
   */
  done(id: string, report: FitterReport, said: Said): Promise<AssetChange>;
  /** Nobody was there, or the work could not be done: another order is to be planned. */
  fail(id: string, said: Said): Promise<void>;
  cancel(id: string, said: Said): Promise<void>;
  orders(state: InstallOrder['state']): Promise<readonly InstallOrder[]>;
}

export interface RolloutParts {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly assets: Assets;
  readonly manualReads: ManualReads;
}

/** A roll-out over the registry and the assets. */
export function createRollout({ registry, clock, assets, manualReads }: RolloutParts): Rollout {
  const { announce, callOff, tellMissed, tellDone, ...notices } = createNotices({ registry, clock });

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

  async function end(
    id: string,
    state: 'failed' | 'cancelled',
    { author, reason }: Said,
  ): Promise<InstallOrder> {
    const order = await expectOpen(id);
    await registry
      .updateTable('install_order')
      .set({ state, note: `${author}: ${reason}` })
      .where('id', '=', id)
      .execute();
    return order;
  }

  /** The read of a meter that has no neighbour in time: the last of one taken away, the first of one put up. */
  async function keepRead(point: string, atMs: number, value: number | null, said: Said): Promise<void> {
    const channel = channelIdOf(point, 'delivered-total');
    if (value === null) return;
    const known = await registry
      .selectFrom('channel')
      .select('id')
      .where('id', '=', channel)
      .executeTakeFirst();
    if (known) await manualReads.take({ channel, atMs, value }, said);
  }

  return {
    ...notices,
    async plan(order) {
      const known = await registry
        .selectFrom('install_order')
        .select('id')
        .where('id', '=', order.id)
        .executeTakeFirst();
      if (known) throw mdmError('mdm/order-exists', order.id, { order: order.id });
      const empty = { done_ms: null, final_read: null, initial_read: null, transformer: null, note: null };
      const planned = { ...order, ...empty, state: 'planned' as const };
      await registry.transaction().execute(async (transaction) => {
        await transaction.insertInto('install_order').values(planned).execute();
        await announce(planned, transaction);
      });
    },
    async done(id, { doneMs, finalRead, initialRead, reads, transformer }, said) {
      const order = await expectOpen(id);
      const { usage_point_id: point, old_serial: oldSerial, new_serial: newSerial, kind } = order;
      if (kind === 'exchange' && (finalRead === null || initialRead === null))
        throw mdmError('mdm/bad-edit', 'an exchange needs the final and the first read');
      const joined =
        kind === 'exchange'
          ? { ...reads, 'delivered-total': { final: finalRead as number, initial: initialRead as number } }
          : {};
      if (kind === 'remove') await keepRead(point, doneMs, finalRead, said);
      if (kind === 'install') await keepRead(point, doneMs, initialRead, said);
      const change = await assets.exchangeMeter(
        point,
        { atMs: doneMs, oldSerial, newSerial, reads: joined },
        said,
      );
      const moved =
        transformer === undefined ? null : await assets.move(point, { fromMs: doneMs, transformer }, said);
      const report = {
        state: 'done' as const,
        done_ms: doneMs,
        final_read: finalRead,
        initial_read: initialRead,
        transformer: transformer ?? null,
      };
      await registry.updateTable('install_order').set(report).where('id', '=', id).execute();
      await tellDone({ ...order, ...report });
      return { facts: [...change.facts, ...(moved?.facts ?? [])] };
    },
    fail: async (id, said) => tellMissed(await end(id, 'failed', said)),
    cancel: async (id, said) => callOff(await end(id, 'cancelled', said)),
    orders: (state) =>
      registry
        .selectFrom('install_order')
        .selectAll()
        .where('state', '=', state)
        .orderBy('planned_ms')
        .execute(),
  };
}
