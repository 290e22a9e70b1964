/** Which channels hang on which feeder, transformer or substation, kept ready for questions about all of them. */
import type { MemberSet, Members, ReadingsStore } from '@wattline/store/readings';
import type { Registry } from '@wattline/store/registry';
import type { GridLevel } from '../assets/place-history.ts';
import type { IntervalLengths } from '../channels/interval-lengths.ts';

/** Members with the names of their groups. */
export interface NamedMembers {
  readonly members: Members;
  readonly set: MemberSet;
  readonly names: readonly string[];
}

/** Member lists by level and reading type; read again when channels were added or {@link forget} was called. */
export class GridMembers {
  private readonly registry: Registry;
  private readonly store: ReadingsStore;
  private readonly lengths: Pick<IntervalLengths, 'of' | 'isEmpty'>;
  private readonly known = new Map<string, { stamp: string; named: NamedMembers }>();
  private changes = 0;

  constructor(registry: Registry, store: ReadingsStore, lengths: Pick<IntervalLengths, 'of' | 'isEmpty'>) {
    this.lengths = lengths;
    this.registry = registry;
    this.store = store;
  }

  /** Something moved in the grid. */
  forget(): void {
    this.changes++;
  }

  async of(level: GridLevel, readingType: string): Promise<NamedMembers> {
    const key = `${level}/${readingType}`;
    const stamp = `${this.changes}/${await this.lastChannel()}`;
    const before = this.known.get(key);
    if (before?.stamp === stamp) return before.named;
    const rows = await this.registry
      .selectFrom('channel')
      .innerJoin('usage_point', 'usage_point.id', 'channel.usage_point_id')
      .select(['channel.number', 'channel.id', `usage_point.${level} as node`])
      .where('channel.reading_type', '=', readingType)
      .orderBy('channel.number')
      .execute();
    const all = this.lengths.isEmpty ? rows : rows.flatMap((row) => [row, ...this.partsOf(row)]);
    all.sort((a, b) => a.number - b.number);
    const groups = new Map<string, number>();
    const members = { channels: new Uint32Array(all.length), groups: new Uint32Array(all.length) };
    all.forEach(({ number, node }, index) => {
      const group = groups.getOrInsertComputed(node, () => groups.size);
      members.channels[index] = number;
      members.groups[index] = group;
    });
    const named = { members, set: await this.store.memberSet(members), names: [...groups.keys()] };
    this.known.set(key, { stamp, named });
    return named;
  }

  /** The parts of a channel with interval lengths of their own hang where it hangs. */
  private partsOf({ id, node }: { readonly id: string; readonly node: string }) {
    return this.lengths.of(id).flatMap(({ number }) => (number === null ? [] : [{ number, id, node }]));
  }

  private async lastChannel(): Promise<number> {
    const row = await this.registry
      .selectFrom('channel')
      .select((eb) => eb.fn.max('number').as('last'))
      .executeTakeFirst();
    return Number(row?.last ?? 0);
  }
}
