/** Pairs of keys in the registry, sealed: the current one of the reader client, and beside it the one on its way. */
import type { SecurityKeys } from '@wattline/protocols/dlms';
import type { Registry } from '@wattline/store/registry';
import { headendError } from '../errors.ts';
import type { RegistryWriter } from '../registry/registry-writer.ts';
import type { KeyChangeStore } from './key-change.ts';
import type { KeyOwner, KeyVault } from './key-vault.ts';

/** A store over `meter_key` and `key_change`. */
export function createKeyChangeStore(options: {
  readonly registry: Registry;
  readonly writer: RegistryWriter;
  readonly vault: KeyVault;
  readonly nowMs: () => number;
  /** Told of what holds from now on, as it is sealed. */
  readonly onCommit?: (serial: string, sealed: string) => void;
}): KeyChangeStore {
  const { registry, writer, vault, nowMs, onCommit } = options;
  const client = 'reader';
  const ownerOf = (serial: string): KeyOwner => ({ serial, client });
  const seal = (serial: string, keys: SecurityKeys) => vault.seal(ownerOf(serial), keys);
  const rowOf = (from: Registry, serial: string) =>
    from
      .selectFrom('key_change')
      .selectAll()
      .where('serial', '=', serial)
      .where('client', '=', client)
      .executeTakeFirst();
  return {
    async held(serial) {
      const row = await registry
        .selectFrom('meter_key')
        .select('sealed')
        .where('serial', '=', serial)
        .where('client', '=', client)
        .executeTakeFirst();
      if (!row) throw headendError('headend/meter-unknown', `no keys of a meter '${serial.slice(0, 64)}'`);
      const next = await rowOf(registry, serial);
      return {
        current: vault.open(ownerOf(serial), row.sealed),
        next: next && vault.open(ownerOf(serial), next.sealed),
      };
    },
    begin: (serial, keys) =>
      writer.write(async (transaction) => {
        const row = { serial, client, sealed: seal(serial, keys), state: 'sent', attempts: 0 } as const;
        await transaction
          .insertInto('key_change')
          .values({ ...row, started_ms: nowMs(), updated_ms: nowMs() })
          .execute();
      }),
    async commit(serial, proved) {
      let sealed: string | undefined;
      await writer.write(async (transaction) => {
        sealed = (await rowOf(transaction, serial))?.sealed;
        // Another pair may be on its way by now: the same pair seals to the same text.
        if (proved && sealed !== seal(serial, proved)) sealed = undefined;
        if (sealed === undefined) return;
        // What the shipment said stays known: the same shipment again is no reason to go back.
        await transaction
          .updateTable('meter_key')
          .set((eb) => ({ sealed, shipped: eb.fn.coalesce('shipped', 'sealed') }))
          .where('serial', '=', serial)
          .where('client', '=', client)
          .execute();
        await transaction
          .insertInto('key_history')
          .values({ serial, client, from_ms: nowMs(), told_by: 'change' })
          .onConflict((conflict) =>
            conflict.columns(['serial', 'client', 'from_ms']).doUpdateSet({ told_by: 'change' }),
          )
          .execute();
        await transaction
          .deleteFrom('key_change')
          .where('serial', '=', serial)
          .where('client', '=', client)
          .execute();
      });
      if (sealed === undefined) return false;
      onCommit?.(serial, sealed);
      return true;
    },
  };
}
