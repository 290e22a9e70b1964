/** Channels by id and number, read from the registry when first asked for. */
import type { ReadingTypeId } from '@wattline/model';
import type { Registry } from '@wattline/store/registry';
import { type Channel, channelOf } from './channel.ts';
import { partChannel } from './channel-parts.ts';
import type { IndexState } from './index-snapshot.ts';
import type { IntervalLengths } from './interval-lengths.ts';
import { LocalDays } from './local-days.ts';
import { manyIds, readByStretches, type Stretch } from './registry-stretches.ts';

/** Ids asked for in one query; SQLite and PostgreSQL bound the number of parameters. */
const idsPerQuery = 500;

const nothing = () => {};

/** Reading types that rules on energy look at beside their own. */
const relatedTypes: ReadonlySet<string> = new Set<ReadingTypeId>([
  'delivered',
  'received',
  'delivered-reactive',
  'delivered-apparent',
  'current',
  'check',
]);
/** The register that counts what an interval channel cuts into pieces. */
const registerTypes: Readonly<Record<string, ReadingTypeId>> = {
  delivered: 'delivered-total',
  received: 'received-total',
};
const none: readonly Channel[] = [];
/** Channel numbers looked at on either side for neighbours. */
const neighbourReach = 60;

type Row = Awaited<ReturnType<ReturnType<ChannelDirectory['select']>['execute']>>[number];

/** All channels met so far, with their state. */
export class ChannelDirectory {
  private readonly registry: Registry;
  private readonly index: { stateOf(number: number): IndexState };
  private readonly lengths: Pick<IntervalLengths, 'of' | 'channelOf'>;
  private readonly byId = new Map<string, Channel>();
  /** By number: the registry counts them up. */
  private readonly byNumber: Channel[] = [];
  /** Parts of channels whose interval length changed: few, and with numbers far beyond. */
  private readonly parts = new Map<number, Channel>();
  private readonly zones = new Map<string, LocalDays>();
  /** The stretch being read: one at a time, since those who wait find theirs in it. */
  private reading: Promise<void> = Promise.resolve();

  constructor(
    registry: Registry,
    index: { stateOf(number: number): IndexState },
    lengths: Pick<IntervalLengths, 'of' | 'channelOf'>,
  ) {
    this.registry = registry;
    this.index = index;
    this.lengths = lengths;
  }

  /** Reads all channels of the registry. */
  async loadAll(): Promise<void> {
    this.takeAll(await this.select().execute());
  }

  /** A channel met before. */
  find(id: string): Channel | undefined {
    return this.byId.get(id);
  }

  withNumber(number: number): Channel | undefined {
    return this.byNumber[number] ?? this.parts.get(number);
  }

  /** Every channel, in its parts. */
  *all(): IterableIterator<Channel> {
    for (const channel of this.byId.values()) {
      if (channel.parts) yield* channel.parts;
      else yield channel;
    }
  }

  /** Makes sure that those of `ids` that the registry has are met, with all channels of their usage points. */
  async resolve(ids: readonly string[]): Promise<void> {
    let unknown = ids.filter((id) => !this.byId.has(id));
    if (unknown.length >= manyIds) {
      const read = this.reading.then(() => this.readAhead(unknown));
      this.reading = read.then(nothing, nothing);
      unknown = await read;
    }
    await this.takePoints('id', [...new Set(unknown)]);
  }

  private readAhead(ids: readonly string[]): Promise<string[]> {
    return readByStretches(this.registry, ids, {
      isKnown: (id) => this.byId.has(id),
      read: async (stretch) => {
        this.takeAll(await this.readStretch(stretch));
      },
    });
  }

  /** Rows of a stretch, with those of its points that stand elsewhere: points whose channels came one after another have none. */
  private async readStretch(stretch: Stretch): Promise<Row[]> {
    const { from, to } = stretch;
    const rows = await this.select()
      .where('channel.number', '>=', from)
      .where('channel.number', '<', to)
      .execute();
    const elsewhere = await this.numbersBeside(stretch);
    for (let at = 0; at < elsewhere.length; at += idsPerQuery) {
      const part = elsewhere.slice(at, at + idsPerQuery);
      rows.push(...(await this.select().where('channel.number', 'in', part).execute()));
    }
    return rows;
  }

  /** Numbers outside of a stretch of the channels whose points have others in it. */
  private async numbersBeside({ from, to }: Stretch): Promise<number[]> {
    const rows = await this.registry
      .selectFrom('channel as inside')
      .innerJoin('channel as other', 'other.usage_point_id', 'inside.usage_point_id')
      .select('other.number')
      .distinct()
      .where('inside.number', '>=', from)
      .where('inside.number', '<', to)
      .where((eb) => eb.or([eb('other.number', '<', from), eb('other.number', '>=', to)]))
      .execute();
    return rows.map(({ number }) => number);
  }

  /** The same by number. */
  async resolveNumbers(numbers: Iterable<number>): Promise<void> {
    const unknown: number[] = [];
    const ofParts: string[] = [];
    for (const number of new Set(numbers)) {
      if (this.withNumber(number)) continue;
      const channel = this.lengths.channelOf(number);
      if (channel === undefined) unknown.push(number);
      else ofParts.push(channel);
    }
    await this.resolve(ofParts);
    await this.takePoints('number', unknown);
  }

  private async takePoints<C extends 'id' | 'number'>(
    column: C,
    keys: readonly (C extends 'id' ? string : number)[],
  ): Promise<void> {
    for (let at = 0; at < keys.length; at += idsPerQuery) {
      const part = keys.slice(at, at + idsPerQuery) as readonly (string | number)[];
      const points = this.registry
        .selectFrom('channel')
        .select('usage_point_id')
        .where((eb) => eb(column as 'id', 'in', part as readonly string[]));
      this.takeAll(await this.select().where('channel.usage_point_id', 'in', points).execute());
    }
  }

  /** Channels of a usage point; asks the registry each time, since channels may be added. */
  async ofUsagePoint(usagePointId: string): Promise<Channel[]> {
    const rows = await this.select().where('channel.usage_point_id', '=', usagePointId).execute();
    return this.takeAll(rows).flatMap((channel) => channel.parts ?? channel);
  }

  /** An interval length of the channel was told or taken back. */
  async lengthsChanged(id: string): Promise<void> {
    const channel = this.byId.get(id);
    if (!channel) return;
    for (const part of channel.parts ?? []) {
      if (part === channel) continue;
      this.parts.delete(part.number);
      part.siblings.splice(part.siblings.indexOf(part), 1);
    }
    this.lay(channel);
  }

  /** Lays a channel out in the parts that its lengths say. */
  private lay(channel: Channel): void {
    const lengths = this.lengths.of(channel.id);
    if (lengths.length === 0 && !channel.parts) return;
    const stateOf = (number: number) => this.index.stateOf(number);
    partChannel(channel, lengths, { stateOf, uncut: this.daysOf(channel.days.zone) });
    for (const part of channel.parts ?? []) {
      if (part === channel || this.parts.has(part.number)) continue;
      part.siblings.push(part);
      this.parts.set(part.number, part);
    }
  }

  /** The total register that an interval channel must agree with. */
  registerOf(channel: Channel): Channel | undefined {
    if (channel.siblings.length === 1) return undefined;
    const type = registerTypes[channel.type.id];
    return type === undefined ? undefined : channel.siblings.find((other) => other.type.id === type);
  }

  /** The interval channel whose days a total register closes, in all its parts. */
  intervalsOf(register: Channel): readonly Channel[] {
    const found = register.siblings.find((other) => registerTypes[other.type.id] === register.type.id);
    return found ? (found.parts ?? [found]) : none;
  }

  /** Other interval channels of the same point and grid: what rules lay beside each other. */
  relatedTo(channel: Channel): readonly Channel[] {
    const isAlone = channel.siblings.length === 1;
    if (isAlone || (channel.type.id !== 'delivered' && channel.type.id !== 'received')) return none;
    return channel.siblings.filter(
      (other) =>
        other.type !== channel.type &&
        relatedTypes.has(other.type.id) &&
        other.intervalSeconds === channel.intervalSeconds &&
        other.from < channel.until &&
        other.until > channel.from,
    );
  }

  /** Channels of the same type and grid, of customers of the same kind, met next to it in the registry: one street, as a rule. */
  neighboursOf(channel: Channel, most: number): readonly Channel[] {
    const found: Channel[] = [];
    for (let step = 1; step <= neighbourReach && found.length < most; step++) {
      for (const number of [channel.number - step, channel.number + step]) {
        const other = this.byNumber[number];
        const isAlike =
          other?.type.id === channel.type.id &&
          other.customerKind === channel.customerKind &&
          other.intervalSeconds === channel.intervalSeconds &&
          other.phase === channel.phase;
        if (other && isAlike) found.push(other);
      }
    }
    return found;
  }

  private select() {
    return this.registry
      .selectFrom('channel')
      .innerJoin('usage_point', 'usage_point.id', 'channel.usage_point_id')
      .leftJoin('meter', 'meter.usage_point_id', 'channel.usage_point_id')
      .select([
        'channel.number',
        'channel.id',
        'channel.usage_point_id',
        'channel.reading_type',
        'channel.interval_seconds',
        'usage_point.zone',
        'usage_point.solar_w',
        'usage_point.kind',
        'meter.serial',
        'meter.installed_ms',
      ]);
  }

  /** Takes in all channels of some points: each row's point has all its rows here. */
  private takeAll(rows: readonly Row[]): Channel[] {
    const siblings = new Map<string, Channel[]>();
    for (const { number } of rows) {
      const known = this.byNumber[number];
      if (known) siblings.set(known.usagePointId, known.siblings);
    }
    return rows.map((row) => {
      const channel = this.byNumber[row.number] ?? this.meet(row, siblings);
      // The meter may come after its channels, or another in its place.
      channel.serial = row.serial;
      channel.generationW = row.solar_w;
      channel.customerKind = row.kind;
      channel.installed = row.installed_ms === null ? null : Math.ceil(row.installed_ms / 1000);
      for (const part of channel.parts ?? none) {
        const { serial, generationW, installed, customerKind } = channel;
        Object.assign(part, { serial, generationW, installed, customerKind });
      }
      return channel;
    });
  }

  private meet(row: Row, siblings: Map<string, Channel[]>): Channel {
    const others = siblings.get(row.usage_point_id);
    const channel = channelOf(
      {
        number: row.number,
        id: row.id,
        usagePointId: row.usage_point_id,
        readingType: row.reading_type,
        // The registry shows the length of the present; the channel's own is that with which it began.
        intervalSeconds: this.lengths.of(row.id)[0]?.seconds ?? row.interval_seconds,
        zone: row.zone,
      },
      this.daysOf(row.zone),
      this.index.stateOf(row.number),
      others ?? null,
    );
    if (others) others.push(channel);
    else siblings.set(channel.usagePointId, channel.siblings);
    this.byId.set(channel.id, channel);
    this.byNumber[channel.number] = channel;
    this.lay(channel);
    return channel;
  }

  /** Local days of a zone, the same object every time. */
  daysOf(zone: string): LocalDays {
    let days = this.zones.get(zone);
    if (!days) {
      days = new LocalDays(zone);
      this.zones.set(zone, days);
    }
    return days;
  }
}
