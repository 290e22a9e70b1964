/** Interval lengths over time: a channel whose length changed is read as parts, one a length, each with a number of its own in the store. */
import type { ChannelId } from '@wattline/model';
import { type AssetFacts, attributes } from '../assets/asset-facts.ts';

/** A length from an instant on, up to the next. */
export interface IntervalLength {
  /** UTC seconds; 0 for the length with which the channel began. */
  readonly from: number;
  readonly seconds: number;
  /** The store's number of the part; null for the first, which is the channel's own. */
  readonly number: number | null;
}

/** Parts are numbered from here on, beyond any channel of the registry. */
const firstNumber = 2 ** 30;
const none: readonly IntervalLength[] = [];
const prefix = 'channel/';

/** The lengths told as facts, kept in memory: few channels have any. */
export class IntervalLengths {
  private readonly facts: AssetFacts;
  private byChannel = new Map<ChannelId, IntervalLength[]>();
  private byNumber = new Map<number, ChannelId>();

  private constructor(facts: AssetFacts) {
    this.facts = facts;
  }

  static async open(facts: AssetFacts): Promise<IntervalLengths> {
    const lengths = new IntervalLengths(facts);
    await lengths.reload();
    return lengths;
  }

  /** Reads the facts that stand. */
  async reload(): Promise<void> {
    const byChannel = new Map<ChannelId, IntervalLength[]>();
    const byNumber = new Map<number, ChannelId>();
    for (const fact of await this.facts.standing<number>(null, attributes.interval)) {
      if (fact.value === null) continue;
      const channel = fact.subject.slice(prefix.length);
      const number = fact.fromMs === 0 ? null : firstNumber + fact.number;
      const own = byChannel.getOrInsertComputed(channel, () => []);
      own.push({ from: fact.fromMs / 1000, seconds: fact.value, number });
      if (number !== null) byNumber.set(number, channel);
    }
    // A first length whose changes were all taken back is the only one: the channel is whole again.
    for (const [channel, own] of byChannel) if (own.length < 2) byChannel.delete(channel);
    this.byChannel = byChannel;
    this.byNumber = byNumber;
  }

  get isEmpty(): boolean {
    return this.byChannel.size === 0;
  }

  /** The lengths of a channel in order; empty when it never changed. */
  of(channel: ChannelId): readonly IntervalLength[] {
    return this.byChannel.get(channel) ?? none;
  }

  /** The channel that a part belongs to. */
  channelOf(number: number): ChannelId | undefined {
    return this.byNumber.get(number);
  }
}
