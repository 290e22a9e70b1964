/** What many sessions have to keep in one table: the rows that gather before a commit go in one statement. */
import type { Registry } from '@wattline/store/registry';
import type { RegistryWriter } from './registry-writer.ts';

/** Keeps an item; resolves when it is committed and on disk. */
export type GatheredWrite<Item> = (item: Item) => Promise<void>;

/** Items go to `keep` together; those of a gathering that fails are tried one by one. */
export function gatherWrites<Item>(
  writer: RegistryWriter,
  keep: (transaction: Registry, items: readonly Item[]) => Promise<unknown>,
): GatheredWrite<Item> {
  let gathering: { readonly items: Item[]; readonly kept: Promise<void> } | undefined;
  const begin = (items: Item[]) => {
    const kept = writer.write(async (transaction) => {
      // What comes from here on belongs to the next group.
      gathering = undefined;
      await keep(transaction, items);
    });
    return { items, kept };
  };
  return async (item) => {
    if (gathering) gathering.items.push(item);
    else gathering = begin([item]);
    const { items, kept } = gathering;
    try {
      await kept;
    } catch (error) {
      if (items.length === 1) throw error;
      await writer.write(async (transaction) => void (await keep(transaction, [item])));
    }
  };
}
