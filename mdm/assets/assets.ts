/** Assets over time and the commands that change them: exchange, reset, rollover, multiplier, crossed meters, place in the grid. */
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
import { type AssetFact, AssetFacts, type Said } from './asset-facts.ts';
import { plainCourse, type RegisterBreak, type RegisterCourse } from './register-course.ts';

/** Current times voltage transformer: stored value = meter's value x numerator / denominator. */
export interface Multiplier {
  readonly numerator: number;
  readonly denominator: number;
}

/** A change that can be taken back by its facts. */
export interface AssetChange {
  readonly facts: readonly number[];
}

/** Reads at an exchange, in the reading type's unit. */
export interface ExchangeReads {
  readonly atMs: number;
  readonly oldSerial: string | null;
  readonly newSerial: string | null;
  /** By register reading type: `delivered-total`, `received-total`. */
  readonly reads: Readonly<Record<string, { readonly final: number; readonly initial: number }>>;
}

/** Assets and their changes. */
export interface Assets {
  /** One meter in another's place, at any instant: days across it sum both parts. */
  exchangeMeter(usagePointId: string, exchange: ExchangeReads, said: Said): Promise<AssetChange>;
  /** The register was set: it stood at `before` and goes on from `after`. */
  resetRegister(
    channel: ChannelId,
    register: { atMs: number; before: number; after: number },
    said: Said,
  ): Promise<AssetChange>;
  /** Where the register begins again, from the number of its dials and the unit of its last one. */
  setDials(
    channel: ChannelId,
    dials: { fromMs: number; digits: number; unit: number },
    said: Said,
  ): Promise<AssetChange>;
  /** What the meter's value is worth from an instant on; values that come later are scaled as they come. */
  setMultiplier(
    channel: ChannelId,
    multiplier: Multiplier & { fromMs: number },
    said: Said,
  ): Promise<AssetChange>;
  /** Scales what is stored of a period anew: it was scaled by `was` and should have been by `is`. */
  rescale(
    channel: ChannelId,
    period: Period,
    factor: { was: Multiplier; is: Multiplier },
    said: Said,
  ): Promise<IngestReceipt>;
  /** Two points whose meters were taken for one another: their readings of the period change places. Again, it is as before. */
  uncross(points: readonly [string, string], period: Period, said: Said): Promise<IngestReceipt>;
  /** Hangs a point on a place of the grid from now on. */
  move(
    usagePointId: string,
    place: { transformer?: string; feeder?: string; substation?: string },
    said: Said,
  ): Promise<AssetChange>;
  undo(change: AssetChange, said: Said): Promise<void>;
  /** Any other attribute, effective-dated. */
  readonly facts: AssetFacts;
}

/** What reviews and ingest ask, answered from memory. */
export interface AssetState {
  courseOf(channel: ChannelId): RegisterCourse;
  /** The block in stored units; the same object when nothing changes it. */
  scaled(block: ReadingBlock): ReadingBlock;
}

export interface AssetParts {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly ingest: (batch: ReadingBatch) => Promise<IngestReceipt>;
  readonly measured: (channel: ChannelId, period: Period) => Promise<Series>;
  readonly register: (channel: ChannelId, atMs: number) => Promise<number | null>;
  /** A register's course changed: days about it are reviewed anew. */
  readonly onCourse: (channel: ChannelId, atMs: number) => Promise<void>;
  readonly onGrid: () => void;
}

const attributes = {
  break: 'register-break',
  dials: 'rolls-over-at',
  multiplier: 'multiplier',
  meter: 'meter',
} as const;

/** Opens the assets; facts about registers and multipliers are kept in memory. */
export async function openAssets(parts: AssetParts): Promise<Assets & AssetState> {
  const { registry, clock } = parts;
  const facts = new AssetFacts(registry, clock);
  let courses = new Map<string, RegisterCourse>();
  let multipliers = new Map<string, AssetFact<Multiplier>[]>();

  let derived = 0;

  async function reload(): Promise<void> {
    const breaks = Map.groupBy(
      await facts.standing<Omit<RegisterBreak, 'at'>>(null, attributes.break),
      (fact) => fact.subject,
    );
    const dials = new Map(
      (await facts.standing<number>(null, attributes.dials)).map((fact) => [fact.subject, fact.value]),
    );
    const subjects = new Set([...breaks.keys(), ...dials.keys()]);
    courses = new Map(
      [...subjects].map((subject) => [
        subject,
        {
          breaks: (breaks.get(subject) ?? []).flatMap(({ fromMs, value }) =>
            value ? [{ at: fromMs / 1000, ...value }] : [],
          ),
          rollsOverAt: dials.get(subject) ?? null,
        },
      ]),
    );
    multipliers = Map.groupBy(
      await facts.standing<Multiplier>(null, attributes.multiplier),
      (fact) => fact.subject,
    );
  }
  await reload();

  async function tell(entries: Parameters<AssetFacts['record']>[0], said: Said): Promise<AssetChange> {
    const numbers = await facts.record(entries, said);
    await reload();
    return { facts: numbers };
  }

  const breakFact = (
    channel: ChannelId,
    atMs: number,
    { before, after }: { before: number; after: number },
  ) => ({
    subject: `channel/${channel}`,
    attribute: attributes.break,
    fromMs: atMs,
    value: { before, after },
  });

  function expectWhole(...values: readonly number[]): void {
    const bad = values.find((value) => !Number.isSafeInteger(value) || value < 0);
    if (bad !== undefined) throw mdmError('mdm/bad-edit', `${bad} is no whole amount`);
  }

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
    const cleaned = flags.map((bits) =>
      (bits & (quality.estimated | quality.edited)) !== 0 ? quality.missing : bits,
    );
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
    facts,
    courseOf: (channel) =>
      courses.size === 0 ? plainCourse : (courses.get(`channel/${channel}`) ?? plainCourse),
    scaled(block) {
      if (multipliers.size === 0) return block;
      const known = multipliers.get(`channel/${block.channel}`);
      if (!known) return block;
      const value = block.value.map((one, slot) => {
        const atMs = block.startMs + slot * block.intervalSeconds * 1000;
        const factor = known.findLast((fact) => fact.fromMs <= atMs)?.value;
        return factor ? Math.round((one * factor.numerator) / factor.denominator) : one;
      });
      return { ...block, value };
    },
    async exchangeMeter(usagePointId, { atMs, oldSerial, newSerial, reads }, said) {
      for (const { final, initial } of Object.values(reads)) expectWhole(final, initial);
      const entries = Object.entries(reads).map(([type, { final, initial }]) =>
        breakFact(channelIdOf(usagePointId, type), atMs, { before: final, after: initial }),
      );
      const meter = {
        subject: `usage-point/${usagePointId}`,
        attribute: attributes.meter,
        fromMs: atMs,
        value: newSerial,
      };
      const change = await tell([...entries, meter], said);
      if (oldSerial !== null && newSerial !== null)
        await registry.updateTable('meter').set({ state: 'ok' }).where('serial', '=', newSerial).execute();
      for (const type of Object.keys(reads)) await parts.onCourse(channelIdOf(usagePointId, type), atMs);
      return change;
    },
    async resetRegister(channel, { atMs, before, after }, said) {
      expectWhole(before, after);
      const change = await tell([breakFact(channel, atMs, { before, after })], said);
      await parts.onCourse(channel, atMs);
      return change;
    },
    setDials(channel, { fromMs, digits, unit }, said) {
      expectWhole(digits, unit);
      return tell(
        [{ subject: `channel/${channel}`, attribute: attributes.dials, fromMs, value: 10 ** digits * unit }],
        said,
      );
    },
    setMultiplier(channel, { fromMs, numerator, denominator }, said) {
      expectWhole(numerator, denominator);
      if (denominator === 0) throw mdmError('mdm/bad-edit', 'the denominator is 0');
      return tell(
        [
          {
            subject: `channel/${channel}`,
            attribute: attributes.multiplier,
            fromMs,
            value: { numerator, denominator },
          },
        ],
        said,
      );
    },
    async rescale(channel, period, { was, is }, said) {
      const series = await parts.measured(channel, period);
      const factor = (is.numerator * was.denominator) / (is.denominator * was.numerator);
      const { startMs, intervalSeconds, quality: flags } = series;
      const value = series.value.map((one) => Math.round(one * factor));
      return derive(
        `rescale/${channel}`,
        [{ channel, startMs, intervalSeconds, value, quality: flags }],
        said,
      );
    },
    async uncross([one, other], period, said) {
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
    async move(usagePointId, place, said) {
      const entries = Object.entries(place).map(([attribute, value]) => ({
        subject: `usage-point/${usagePointId}`,
        attribute,
        fromMs: clock.now(),
        value,
      }));
      const change = await tell(entries, said);
      await registry.updateTable('usage_point').set(place).where('id', '=', usagePointId).execute();
      parts.onGrid();
      return change;
    },
    async undo({ facts: numbers }, said) {
      const rows = await registry
        .selectFrom('asset_fact')
        .selectAll()
        .where('number', 'in', [...numbers])
        .execute();
      await facts.undo(numbers, said);
      await reload();
      for (const { subject, attribute, from_ms } of rows) {
        if (attribute === attributes.break) await parts.onCourse(subject.slice('channel/'.length), from_ms);
      }
    },
  };

  /** Register readings at whole quarter-hours of the period, each said of the other. */
  async function registersCrossed(a: ChannelId, b: ChannelId, period: Period): Promise<ReadingBlock[]> {
    const blocks: ReadingBlock[] = [];
    const stepMs = 900_000;
    for (let atMs = Math.ceil(period.startMs / stepMs) * stepMs; atMs <= period.endMs; atMs += stepMs) {
      const [ofA, ofB] = [await parts.register(a, atMs), await parts.register(b, atMs)];
      if (ofB !== null) blocks.push(registerBlock(a, atMs, ofB));
      if (ofA !== null) blocks.push(registerBlock(b, atMs, ofA));
    }
    return blocks;
  }
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
