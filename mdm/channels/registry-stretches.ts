/** Many channels asked about at once stand together in the registry, as a rule: they are read by stretches of their numbers. */
import type { Registry } from '@wattline/store/registry';

/** Fewer are not worth a stretch. */
export const manyIds = 16;
/** Numbers of a stretch. */
const channelsAhead = 1000;

/** Numbers [from, to) of the registry. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Reads stretches that begin at one of `ids`, as long as much of what they hold is asked for; resolves to those that are still unknown. */
export async function readByStretches(
  registry: Registry,
  ids: readonly string[],
  channels: { isKnown(id: string): boolean; read(stretch: Stretch): Promise<void> },
): Promise<string[]> {
  const stillUnknown = (from: number) => ids.slice(from).filter((id) => !channels.isKnown(id));
  for (let at = 0; ; ) {
    while (at < ids.length && channels.isKnown(ids[at] as string)) at++;
    const first = ids[at];
    if (first === undefined || ids.length - at < manyIds) return stillUnknown(at);
    const from = await numberOf(registry, first);
    if (from === undefined) return stillUnknown(at);
    await channels.read({ from, to: from + channelsAhead });
    const next = ids.slice(at, at + channelsAhead);
    const isFruitless =
      !channels.isKnown(first) || next.filter((id) => channels.isKnown(id)).length < manyIds / 2;
    if (isFruitless) return stillUnknown(at);
  }
}

async function numberOf(registry: Registry, id: string): Promise<number | undefined> {
  const row = await registry.selectFrom('channel').select('number').where('id', '=', id).executeTakeFirst();
  return row?.number;
}
