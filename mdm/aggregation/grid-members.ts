/**
 * Which channels hang on which feeder, transformer or substation, kept ready for questions about all of them. Points that were
 * moved are told apart: they count where they hung at the time asked about, and on both sides of a move within it.
 */
import type { Period } from '@wattline/base';
import type { ChannelId } from '@wattline/model';
import type { MemberSet, Members, ReadingsStore } from '@wattline/store/readings';
import type { Registry } from '@wattline/store/registry';
import type { AssetFact, AssetFacts } from '../assets/asset-facts.ts';
import { nodeMeters } from '../assets/node-meters.ts';
import type { GridLevel } from '../assets/place-history.ts';
import type { IntervalLengths } from '../channels/interval-lengths.ts';

/** Members with the names of their groups. */
export interface NamedMembers {
  readonly members: Members;
  readonly set: MemberSet;
  readonly names: readonly string[];
}

/** A channel that hung on a node for a part of the period. */
export interface Visit {
  readonly channel: ChannelId;
  readonly node: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Members over a period: those that never moved, those that moved at another time, and the visits of those that moved within it. */
export interface PeriodMembers {
  readonly sets: readonly NamedMembers[];
  readonly visits: readonly Visit[];
}

interface Member {
  readonly number: number;
  readonly id: ChannelId;
  readonly point: string;
  readonly node: string;
}

interface Known {
  readonly stamp: string;
  readonly still: NamedMembers;
  readonly moved: readonly Member[];
}

const pointPrefix = 'usage-point/';

/** Member lists by level and reading type; read again when channels were added or {@link forget} was called. */
export class GridMembers {
  private readonly registry: Registry;
  private readonly store: ReadingsStore;
  private readonly facts: AssetFacts;
  private readonly lengths: Pick<IntervalLengths, 'of' | 'isEmpty'>;
  private readonly known = new Map<string, Known>();
  private readonly places = new Map<GridLevel, Map<string, AssetFact<string>[]>>();
  private changes = 0;

  constructor(parts: {
    readonly registry: Registry;
    readonly store: ReadingsStore;
    readonly facts: AssetFacts;
    readonly lengths: Pick<IntervalLengths, 'of' | 'isEmpty'>;
  }) {
    this.registry = parts.registry;
    this.store = parts.store;
    this.facts = parts.facts;
    this.lengths = parts.lengths;
  }

  /** Something moved in the grid. */
  forget(): void {
    this.changes++;
    this.places.clear();
  }

  /** The channels of a reading type by their node over a period; meters of nodes are no customers and are left out. */
  async over(level: GridLevel, readingType: string, period: Period): Promise<PeriodMembers> {
    const { still, moved } = await this.membersOf(level, readingType);
    const places = await this.placesOf(level);
    const atRest: Member[] = [];
    const visits: Visit[] = [];
    for (const member of moved) {
      const stays = staysOf(member, places.get(member.point) ?? [], period);
      const [only] = stays;
      if (only && stays.length === 1) atRest.push({ ...member, node: only.node });
      // Parts of a channel are read by its id, all at once.
      else if (!visits.some(({ channel }) => channel === member.id)) visits.push(...stays);
    }
    return { sets: atRest.length === 0 ? [still] : [still, await this.named(atRest)], visits };
  }

  /** The channels that measure into the nodes of a level at an instant. */
  async meters(level: GridLevel, atMs: number): Promise<ReadonlyMap<string, ChannelId>> {
    return (await nodeMeters(this.facts, atMs)).byLevel.get(level) ?? new Map();
  }

  private async membersOf(level: GridLevel, readingType: string): Promise<Known> {
    const key = `${level}/${readingType}`;
    const stamp = `${this.changes}/${await this.lastChannel()}`;
    const before = this.known.get(key);
    if (before?.stamp === stamp) return before;
    const rows = await this.registry
      .selectFrom('channel')
      .innerJoin('usage_point', 'usage_point.id', 'channel.usage_point_id')
      .select(['channel.number', 'channel.id', 'usage_point.id as point', `usage_point.${level} as node`])
      .where('channel.reading_type', '=', readingType)
      .orderBy('channel.number')
      .execute();
    const places = await this.placesOf(level);
    const meters = await nodeMeters(this.facts);
    const apart = places.size > 0 || meters.points.size > 0 || !this.lengths.isEmpty;
    const moved: Member[] = [];
    const still: Member[] = apart ? [] : rows;
    for (const row of apart ? rows : []) {
      if (meters.points.has(row.point)) continue;
      (places.has(row.point) ? moved : still).push(row, ...this.partsOf(row));
    }
    const found = { stamp, still: await this.named(still), moved };
    this.known.set(key, found);
    return found;
  }

  private async named(rows: Member[]): Promise<NamedMembers> {
    rows.sort((a, b) => a.number - b.number);
    const groups = new Map<string, number>();
    const members = { channels: new Uint32Array(rows.length), groups: new Uint32Array(rows.length) };
    rows.forEach(({ number, node }, index) => {
      const group = groups.getOrInsertComputed(node, () => groups.size);
      members.channels[index] = number;
      members.groups[index] = group;
    });
    return { members, set: await this.store.memberSet(members), names: [...groups.keys()] };
  }

  /** The parts of a channel with interval lengths of their own hang where it hangs. */
  private partsOf(member: Member): Member[] {
    return this.lengths
      .of(member.id)
      .flatMap(({ number }) => (number === null ? [] : [{ ...member, number }]));
  }

  /** Where points that were ever moved hung, by point. */
  private async placesOf(level: GridLevel): Promise<Map<string, AssetFact<string>[]>> {
    let found = this.places.get(level);
    if (!found) {
      const facts = await this.facts.standing<string>(null, level);
      found = Map.groupBy(facts, ({ subject }) => subject.slice(pointPrefix.length));
      this.places.set(level, found);
    }
    return found;
  }

  private async lastChannel(): Promise<number> {
    const row = await this.registry
      .selectFrom('channel')
      .select((eb) => eb.fn.max('number').as('last'))
      .executeTakeFirst();
    return Number(row?.last ?? 0);
  }
}

/** The nodes on which a point hung one after the other within the period. */
function staysOf({ id, node }: Member, facts: readonly AssetFact<string>[], period: Period): Visit[] {
  const stays: Visit[] = [];
  let at = facts.findLast(({ fromMs }) => fromMs <= period.startMs)?.value ?? node;
  let { startMs } = period;
  for (const { fromMs, value } of facts) {
    if (fromMs <= period.startMs || fromMs >= period.endMs || value === null || value === at) continue;
    stays.push({ channel: id, node: at, startMs, endMs: fromMs });
    at = value;
    startMs = fromMs;
  }
  return [...stays, { channel: id, node: at, startMs, endMs: period.endMs }];
}
