/** Notices to customers that go with the orders of a roll-out: before the visit, when it is off or was in vain, and after it. */
import { type Clock, dateOf, formatDecimal } from '@wattline/base';
import type { Registry, Row } from '@wattline/store/registry';
import { mdmError } from '../errors.ts';

type InstallOrder = Row<'install_order'>;

const dayMs = 86_400_000;
/** Days before the visit on which the customer is told. Local setting: supply codes differ. */
export const noticeDays = 7;

/** What becomes of the meter, as a notice says it. */
const doing = { install: 'installed', exchange: 'exchanged', remove: 'removed' } as const;

/** The part of a roll-out that is about notices. */
export interface Notices {
  /** Notices that are due and were not sent; the caller sends them and says so. A visit that is off is announced no more. */
  dueNotices(): Promise<readonly Row<'notice'>[]>;
  /** @throws CodedError `mdm/unknown-order` */
  noticeSent(id: number): Promise<void>;
}

/** The side of it that orders write to. */
export interface NoticeSink {
  /** A visit is planned: the customer is told a week before it, or at once when that is past. */
  announce(order: InstallOrder, within: Registry): Promise<void>;
  /** The visit will not take place; says so to a customer who was told of it. */
  callOff(order: InstallOrder): Promise<void>;
  /** Somebody came, and the work could not be done. */
  tellMissed(order: InstallOrder): Promise<void>;
  /** The work is done: what the old meter stood at and what the new one begins with. */
  tellDone(order: InstallOrder): Promise<void>;
}

/** Notices over the registry. */
export function createNotices({
  registry,
  clock,
}: {
  readonly registry: Registry;
  readonly clock: Clock;
}): Notices & NoticeSink {
  async function write(
    { id: order_id, usage_point_id }: InstallOrder,
    notice: Pick<Row<'notice'>, 'kind' | 'due_ms' | 'text'>,
    within = registry,
  ): Promise<void> {
    await within
      .insertInto('notice')
      .values({ order_id, usage_point_id, ...notice, sent_ms: null })
      .execute();
  }

  /** The date of an instant where the customer lives. */
  async function dateAt(order: InstallOrder, atMs: number, within = registry): Promise<string> {
    const { zone } = await within
      .selectFrom('usage_point')
      .select('zone')
      .where('id', '=', order.usage_point_id)
      .executeTakeFirstOrThrow();
    return dateOf(atMs, zone);
  }

  return {
    dueNotices: () =>
      registry
        .selectFrom('notice')
        .innerJoin('install_order', 'install_order.id', 'notice.order_id')
        .selectAll('notice')
        .where('sent_ms', 'is', null)
        .where('due_ms', '<=', clock.now())
        .where((eb) =>
          eb.or([eb('install_order.state', '=', 'planned'), eb('notice.kind', 'not in', Object.keys(doing))]),
        )
        .orderBy('due_ms')
        .orderBy('notice.id')
        .execute(),
    async noticeSent(id) {
      const notice = await registry.selectFrom('notice').selectAll().where('id', '=', id).executeTakeFirst();
      if (!notice) throw mdmError('mdm/unknown-order', `notice ${id}`);
      await registry.updateTable('notice').set({ sent_ms: clock.now() }).where('id', '=', id).execute();
      if (!Object.hasOwn(doing, notice.kind)) return;
      await registry
        .updateTable('install_order')
        .set({ state: 'noticed' })
        .where('id', '=', notice.order_id)
        .where('state', '=', 'planned')
        .execute();
    },
    async announce(order, within) {
      const { kind, planned_ms } = order;
      const text = `Your meter will be ${doing[kind]} on ${await dateAt(order, planned_ms, within)}.`;
      await write(order, { kind, due_ms: planned_ms - noticeDays * dayMs, text }, within);
    },
    async callOff(order) {
      if (order.state !== 'noticed') return;
      const date = await dateAt(order, order.planned_ms);
      const text = `Your meter will not be ${doing[order.kind]} on ${date}: the visit is cancelled.`;
      await write(order, { kind: 'cancelled', due_ms: clock.now(), text });
    },
    async tellMissed(order) {
      const date = await dateAt(order, order.planned_ms);
      const text = `Your meter could not be ${doing[order.kind]} on ${date}. You will be told of another day.`;
      await write(order, { kind: 'missed', due_ms: clock.now(), text });
    },
    async tellDone(order) {
      const { kind, old_serial, new_serial, final_read, initial_read } = order;
      const doneMs = order.done_ms ?? clock.now();
      const parts = [`Your meter was ${doing[kind]} on ${await dateAt(order, doneMs)}.`];
      if (final_read !== null) parts.push(`Meter ${old_serial ?? 'of before'} stood at ${kwh(final_read)}.`);
      if (initial_read !== null)
        parts.push(`Meter ${new_serial ?? 'of now'} begins with ${kwh(initial_read)}.`);
      await write(order, { kind: 'done', due_ms: doneMs, text: parts.join(' ') });
    },
  };
}

function kwh(wh: number): string {
  return `${formatDecimal(BigInt(wh), 3)} kWh`;
}
