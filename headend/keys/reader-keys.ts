/** The head-end's side of a change of the reader's keys: drawn and kept here, brought to the meter by the signer, proved by a read. */
import type { Random } from '@wattline/base';
import type { SecurityKeys } from '@wattline/protocols/dlms';
import type { Registry } from '@wattline/store/registry';
import { drawKey } from './drawn-key.ts';
import { changeKeys, type KeyChangeEnd, type KeyChangeStore } from './key-change.ts';

/** How many meters have reader keys of their own drawing; no key. */
export interface ReaderKeyFigures {
  readonly meters: number;
  /** Changed since they came in a shipment. */
  readonly changed: number;
  /** On their way: the meter may hold either pair. */
  readonly pending: number;
}

/** Changes of the reader's keys. */
export interface ReaderKeys {
  /**
   * One attempt at one meter, from wherever the last one ended. `transfer` rejects when no answer came. A pair that `batch` brought on
   * its way and that was proved meanwhile is the end of that batch: no other is drawn for it.
   * @throws CodedError `headend/meter-unknown`
   */
  change(
    serial: string,
    transfer: (next: SecurityKeys) => Promise<'taken' | 'refused'>,
    batch?: string,
  ): Promise<KeyChangeEnd>;
  /** The pair on its way to a meter, which may hold it; undefined when there is none. */
  pending(serial: string): Promise<SecurityKeys | undefined>;
  /** The meter has associated with a pair: if that is the one on its way, it is the current one from now on. */
  prove(serial: string, keys: SecurityKeys): Promise<void>;
  current(serial: string): Promise<SecurityKeys>;
  /** Asks meters whose change was cut off which pair they hold, and keeps what they prove; counts what is decided. */
  settle(serials?: readonly string[]): Promise<number>;
  figures(): Promise<ReaderKeyFigures>;
}

export function createReaderKeys(options: {
  readonly registry: Registry;
  readonly store: KeyChangeStore;
  readonly random: Random;
  /** Whether the meter answers a session sealed with a pair; rejects when it is silent. */
  readonly opens: (serial: string, keys: SecurityKeys) => Promise<boolean>;
}): ReaderKeys {
  const { registry, store, random, opens } = options;
  const draw = ({ suite }: SecurityKeys): SecurityKeys => ({
    suite,
    ek: drawKey(random, suite),
    ak: drawKey(random, suite),
  });
  const countOf = async (table: 'meter_key' | 'key_change', isChanged = false) => {
    let query = registry
      .selectFrom(table)
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('client', '=', 'reader');
    if (isChanged) query = query.where('shipped' as 'serial', 'is not', null);
    return Number((await query.executeTakeFirst())?.count ?? 0);
  };
  /** By meter: the batch that changes its pair, and the batch whose pair was proved by somebody else. */
  const changedFor = new Map<string, string>();
  const provedFor = new Map<string, string>();
  return {
    async change(serial, transfer, batch) {
      if (batch !== undefined && provedFor.get(serial) === batch) return 'committed';
      provedFor.delete(serial);
      if (batch !== undefined) changedFor.set(serial, batch);
      const meter = { opens, transfer: (_: string, { next }: { next: SecurityKeys }) => transfer(next) };
      const end = await changeKeys(serial, { store, draw, meter });
      if (end !== 'open') changedFor.delete(serial);
      return end;
    },
    pending: async (serial) => (await store.held(serial)).next,
    async prove(serial, keys) {
      const isCurrent = await store.commit(serial, keys);
      const batch = changedFor.get(serial);
      // A pair that has since been replaced proves nothing of the one on its way now.
      if (isCurrent && batch !== undefined) provedFor.set(serial, batch);
    },
    current: async (serial) => (await store.held(serial)).current,
    async settle(serials) {
      const rows = await registry
        .selectFrom('key_change')
        .select('serial')
        .where('client', '=', 'reader')
        .execute();
      let decided = 0;
      for (const { serial } of rows) {
        if (serials && !serials.includes(serial)) continue;
        const { next } = await store.held(serial);
        const isHeld = next && (await opens(serial, next).catch(() => false));
        if (!isHeld) continue;
        await store.commit(serial);
        decided++;
      }
      return decided;
    },
    figures: async () => ({
      meters: await countOf('meter_key'),
      changed: await countOf('meter_key', true),
      pending: await countOf('key_change'),
    }),
  };
}
