/** Values said anew because an asset was not what it was believed to be: scaled by another factor, or given to the other of two points. */
import type { Clock, Period } from '@wattline/base';
import {
  type ChannelId,
  channelIdOf,
  type IngestReceipt,
  quality,
  type ReadingBatch,
  type ReadingBlock,
  type Series,
} from '@wattline/model';
import type { Registry } from '@wattline/store/registry';
import { mdmError } from '../errors.ts';
import { channelParts } from '../exchange/channel-assignment.ts';
import type { Said } from './asset-facts.ts';

/** Current times voltage transformer: stored value = meter's value x numerator / denominator. */
export interface Multiplier {
  readonly numerator: number;
  readonly denominator: number;
}

/** Commands over readings that are stored; each makes new versions and the old ones stay. */
export interface Restatement {
  /** Scales what is stored of a period anew, intervals or register readings at whole quarter-hours: it was scaled by `was` and should have been by `is`. */
  rescale(
    channel: ChannelId,
    period: Period,
    factor: { was: Multiplier; is: Multiplier },
    said: Said,
  ): Promise<IngestReceipt>;
  /** Two points whose meters were taken for one another: their readings of the period change places. Again, it is as before. */
  uncross(points: readonly [string, string], period: Period, said: Said): Promise<IngestReceipt>;
}

export interface RestatementParts {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly ingest: (batch: ReadingBatch) => Promise<IngestReceipt>;
  readonly measured: (channel: ChannelId, period: Period) => Promise<Series>;
  readonly register: (channel: ChannelId, atMs: number) => Promise<number | null>;
}

/** The commands over their parts. */
export function createRestatement(parts: RestatementParts): Restatement {
  const { registry, clock } = parts;
  let derived = 0;

  async function derive(
    id: string,
    blocks: readonly ReadingBlock[],
    { author, reason }: Said,
  ): Promise<IngestReceipt> {
    const said = blocks.filter((block) => block.quality.some((flags) => (flags & quality.missing) === 0));
    if (said.length === 0) return { accepted: 0, duplicates: 0, rejected: [] };
    const receivedMs = clock.now();
    const origin = { source: 'derived', reference: `${author}: ${reason}`.slice(0, 200) } as const;
    return parts.ingest({ id: `${id}/${receivedMs}/${derived++}`, origin, receivedMs, blocks: said });
  }

  async function typesOf(usagePointId: string): Promise<{ type: string; seconds: number }[]> {
    const rows = await registry
      .selectFrom('channel')
      .select(['reading_type', 'interval_seconds'])
      .where('usage_point_id', '=', usagePointId)
      .execute();
    return rows.map((row) => ({ type: row.reading_type, seconds: row.interval_seconds }));
  }

  /** What stands for `from` said as if it were `to`'s; where `from` has nothing, what `to` has is doubted. */
  async function saidOf(from: ChannelId, to: ChannelId, period: Period): Promise<ReadingBlock> {
    const theirs = await parts.measured(from, period);
    const own = await parts.measured(to, period);
    const value = theirs.value.slice();
    const flags = theirs.quality.map((bits, slot) => {
      if ((bits & quality.missing) === 0) return bits & ~quality.suspect;
      value[slot] = own.value[slot] as number;
      const mine = own.quality[slot] as number;
      return (mine & quality.missing) !== 0 ? quality.missing : mine | quality.suspect;
    });
    const cleaned = flags.map(asMeasured);
    cleaned.forEach((bits, slot) => {
      if ((bits & quality.missing) !== 0) value[slot] = 0;
    });
    return {
      channel: to,
      startMs: theirs.startMs,
      intervalSeconds: theirs.intervalSeconds,
      value,
      quality: cleaned,
    };
  }

  return {
    async rescale(channel, period, { was, is }, said) {
      expectFactor(was);
      expectFactor(is);
      if (channelParts(channel)?.type.kind === 'register') {
        const blocks = (await registersIn(channel, period)).map(({ atMs, value }) =>
          registerBlock(
            channel,
            atMs,
            Math.round((value * is.numerator * was.denominator) / (is.denominator * was.numerator)),
          ),
        );
        return derive(`rescale/${channel}`, blocks, said);
      }
      const series = await parts.measured(channel, period);
      const factor = (is.numerator * was.denominator) / (is.denominator * was.numerator);
      const { startMs, intervalSeconds } = series;
      const flags = series.quality.map(asMeasured);
      const value = series.value.map((one, slot) =>
        ((flags[slot] as number) & quality.missing) !== 0 ? 0 : Math.round(one * factor),
      );
      return derive(
        `rescale/${channel}`,
        [{ channel, startMs, intervalSeconds, value, quality: flags }],
        said,
      );
    },
    async uncross([one, other], period, said) {
      if (one === other) throw mdmError('mdm/bad-edit', `${one} is crossed with itself`);
      const blocks: ReadingBlock[] = [];
      const theirs = new Map((await typesOf(other)).map(({ type, seconds }) => [type, seconds]));
      for (const { type, seconds } of await typesOf(one)) {
        if (theirs.get(type) !== seconds) continue;
        const [a, b] = [channelIdOf(one, type), channelIdOf(other, type)];
        if (seconds > 0) blocks.push(await saidOf(b, a, period), await saidOf(a, b, period));
        else blocks.push(...(await registersCrossed(a, b, period)));
      }
      return derive(`uncross/${one}/${other}`, blocks, said);
    },
  };

  /** Register readings at whole quarter-hours of the period, its end among them. */
  async function registersIn(channel: ChannelId, period: Period): Promise<{ atMs: number; value: number }[]> {
    const found: { atMs: number; value: number }[] = [];
    const stepMs = 900_000;
    for (let atMs = Math.ceil(period.startMs / stepMs) * stepMs; atMs <= period.endMs; atMs += stepMs) {
      const value = await parts.register(channel, atMs);
      if (value !== null) found.push({ atMs, value });
    }
    return found;
  }

  /** Register readings of the period, each said of the other. */
  async function registersCrossed(a: ChannelId, b: ChannelId, period: Period): Promise<ReadingBlock[]> {
    const [ofA, ofB] = [await registersIn(a, period), await registersIn(b, period)];
    return [
      ...ofB.map(({ atMs, value }) => registerBlock(a, atMs, value)),
      ...ofA.map(({ atMs, value }) => registerBlock(b, atMs, value)),
    ];
  }
}

/** What was estimated or set by hand is not said again: estimates are made anew, and a person's word stands. */
function asMeasured(bits: number): number {
  return (bits & (quality.estimated | quality.edited)) !== 0 ? quality.missing : bits;
}

function registerBlock(channel: ChannelId, startMs: number, value: number): ReadingBlock {
  return {
    channel,
    startMs,
    intervalSeconds: 0,
    value: Float64Array.of(value),
    quality: Uint16Array.of(quality.measured),
  };
}

function expectFactor({ numerator, denominator }: Multiplier): void {
  const isGood = [numerator, denominator].every((one) => Number.isSafeInteger(one) && one > 0);
  if (!isGood) throw mdmError('mdm/bad-edit', `${numerator}/${denominator} is no factor`);
}
