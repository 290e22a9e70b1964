/** The way out: series, registers, versions, verdicts and progress, answered from memory where it is complete. */
import {
  quality,
  type ReadingProgress,
  type ReadingSource,
  type ReadingVersion,
  type Series,
  type Verdict,
} from '@wattline/model';
import { daySeconds, type ReadingsStore } from '@wattline/store/readings';
import { type Channel, storeDayOf, storeDayStart } from '../channels/channel.ts';
import type { ChannelDirectory } from '../channels/channel-directory.ts';
import type { ChannelLocks } from '../channels/channel-locks.ts';
import { partAt, partsWithin } from '../channels/channel-parts.ts';
import type { DayCache, DayWanted } from '../channels/day-cache.ts';
import type { Range } from '../channels/range-set.ts';
import { mdmError } from '../errors.ts';
import type { Ledger } from '../ingest/ledger.ts';
import { passList, unpackPasses } from '../rules/pass-list.ts';
import { coarseSeries } from './coarse-series.ts';

export interface QueryParts {
  readonly directory: ChannelDirectory;
  readonly cache: DayCache;
  readonly ledger: Ledger;
  readonly locks: ChannelLocks;
  readonly store: ReadingsStore;
}

/** Series in pieces, each with the interval length its meter had. */
export interface PieceSource {
  /** The pieces of a period in order: one, unless the interval length changed within it. */
  pieces(
    channel: string,
    period: { readonly startMs: number; readonly endMs: number },
    asOfMs?: number,
  ): Promise<readonly Series[]>;
}

/** A register reading. */
export interface RegisterRead {
  readonly atMs: number;
  readonly value: number;
  readonly quality: number;
}

/** Register readings at whatever instants they were read. */
export interface RegisterSource {
  /** The readings of a register in [startMs, endMs), oldest first, as they stand or as known at `asOfMs`. */
  reads(
    channel: string,
    period: { readonly startMs: number; readonly endMs: number },
    asOfMs?: number,
  ): Promise<readonly RegisterRead[]>;
}

/** The queries over their parts. */
export function createQueries(
  parts: QueryParts,
): ReadingSource & ReadingProgress & PieceSource & RegisterSource {
  const { cache, ledger, store } = parts;

  async function channelNamed(id: string): Promise<Channel> {
    await parts.directory.resolve([id]);
    const channel = parts.directory.find(id);
    if (!channel) throw mdmError('mdm/unknown-channel', id, { channel: id });
    return channel;
  }

  async function intervalChannel(id: string): Promise<Channel> {
    const channel = await channelNamed(id);
    if (channel.isRegister) throw mdmError('mdm/not-an-interval-channel', id, { channel: id });
    return channel;
  }

  /** Runs `act` while nothing of the channel is between being numbered and being entered. */
  async function alone<T>(channel: Channel, act: () => Promise<T>): Promise<T> {
    const release = await parts.locks.acquire([channel.number]);
    try {
      return await act();
    } finally {
      release();
    }
  }

  async function series(
    id: string,
    period: { readonly startMs: number; readonly endMs: number },
    asOfMs?: number,
  ): Promise<Series> {
    const channel = await intervalChannel(id);
    const stretches = partsWithin(channel, period.startMs / 1000, period.endMs / 1000);
    if (stretches.length < 2) return seriesOf(stretches[0]?.part ?? channel, period, asOfMs);
    const coarsest = stretches.reduce((a, b) =>
      b.part.intervalSeconds > a.part.intervalSeconds ? b : a,
    ).part;
    const step = coarsest.intervalSeconds;
    const start = Math.ceil((period.startMs / 1000 - coarsest.phase) / step) * step + coarsest.phase;
    const slots = Math.max(0, Math.ceil((period.endMs / 1000 - start) / step));
    const whole = { startMs: start * 1000, endMs: (start + slots * step) * 1000 };
    return coarseSeries(await pieces(id, whole, asOfMs), whole.startMs, slots);
  }

  async function pieces(
    id: string,
    period: { readonly startMs: number; readonly endMs: number },
    asOfMs?: number,
  ): Promise<readonly Series[]> {
    const channel = await intervalChannel(id);
    const found: Series[] = [];
    for (const { part, start, end } of partsWithin(channel, period.startMs / 1000, period.endMs / 1000)) {
      // All pieces are as known at the one instant of the first.
      const asOf = asOfMs ?? found[0]?.asOfMs;
      found.push(await seriesOf(part, { startMs: start * 1000, endMs: end * 1000 }, asOf));
    }
    return found;
  }

  async function seriesOf(
    channel: Channel,
    period: { readonly startMs: number; readonly endMs: number },
    asOfMs?: number,
  ): Promise<Series> {
    const step = channel.intervalSeconds;
    const start = Math.ceil((period.startMs / 1000 - channel.phase) / step) * step + channel.phase;
    const slots = Math.max(0, Math.ceil((period.endMs / 1000 - start) / step));
    const end = start + slots * step;
    const answer = emptySeries(channel, start, slots);
    const days = heldDays(channel, start, end);
    return alone(channel, async () => {
      const fromMemory = await cache.withDays(isLong(days) ? [] : days, () => {
        if (isLong(days)) return null;
        const asOf = Math.min(asOfMs ?? Number.POSITIVE_INFINITY, ledger.asOf());
        const stored = days.map(({ day }) => cache.interval(channel, day));
        if (stored.some((day) => day.knownMs > asOf)) return null;
        for (const day of stored) copySlots(answer, day, step);
        return { ...answer, asOfMs: asOf };
      });
      if (fromMemory) return fromMemory;
      await ledger.flush();
      const asOf = Math.min(asOfMs ?? Number.POSITIVE_INFINITY, ledger.asOf());
      const span = { start: storeDayStart(channel, storeDayOf(channel, start)), end };
      await store.layHistory({
        channel: channel.number,
        span,
        slots: { ...answer, start },
        asOfMs: asOf,
        isNearlyAll: channel.held.end - channel.held.start - days.length <= daysReadForNothing,
      });
      return { ...answer, asOfMs: asOf };
    });
  }

  async function register(id: string, atMs: number, asOfMs?: number): Promise<number | null> {
    const channel = await channelNamed(id);
    if (!channel.isRegister) throw mdmError('mdm/not-a-register-channel', id, { channel: id });
    const at = atMs / 1000;
    const day = storeDayOf(channel, at);
    if (!channel.held.has(day)) return null;
    return alone(channel, async () => {
      const found = await cache.withDays([{ channel, day }], () => {
        const asOf = Math.min(asOfMs ?? Number.POSITIVE_INFINITY, ledger.asOf());
        const stored = cache.register(channel, day);
        return stored.knownMs > asOf ? undefined : (stored.readings.get(at)?.value ?? null);
      });
      if (found !== undefined) return found;
      await ledger.flush();
      const blocks = await store.blocks([channel.number], { start: at, end: at + 1 }, asOfMs);
      return blocks.at(-1)?.value[0] ?? null;
    });
  }

  const reads: RegisterSource['reads'] = async (id, { startMs, endMs }, asOfMs) => {
    const channel = await channelNamed(id);
    if (!channel.isRegister) throw mdmError('mdm/not-a-register-channel', id, { channel: id });
    await alone(channel, () => ledger.flush());
    const found = new Map<number, RegisterRead>();
    const span = { start: Math.floor(startMs / 1000), end: Math.ceil(endMs / 1000) };
    if (span.start >= span.end) return [];
    for (const { start, value, quality: flags } of await store.blocks([channel.number], span, asOfMs)) {
      const atMs = start * 1000;
      if (atMs < startMs || atMs >= endMs) continue;
      found.set(atMs, { atMs, value: value[0] as number, quality: flags[0] as number });
    }
    return [...found.values()].sort((a, b) => a.atMs - b.atMs);
  };

  async function versions(id: string, startMs: number): Promise<readonly ReadingVersion[]> {
    const channel = partAt(await channelNamed(id), startMs / 1000);
    await alone(channel, () => ledger.flush());
    return store.versions(channel.number, startMs / 1000);
  }

  async function verdicts(id: string, startMs: number): Promise<readonly Verdict[]> {
    const channel = partAt(await channelNamed(id), startMs / 1000);
    await alone(channel, () => ledger.flush());
    const start = startMs / 1000;
    const found = await store.verdicts(channel.number, [...new Set([start, channel.days.of(start).start])]);
    return found.flatMap(({ start: at, rule, hasFailed, detail, knownMs }) => {
      const about = { channel: id, startMs: at * 1000, knownMs };
      if (rule !== passList)
        return [{ ...about, rule, outcome: hasFailed ? 'fail' : 'pass', detail } as const];
      return unpackPasses(detail).map(
        (one) => ({ ...about, rule: one, outcome: 'pass', detail: '' }) as const,
      );
    });
  }

  async function knownUntil(id: string, sinceMs: number): Promise<number> {
    const channel = await channelNamed(id);
    const since = sinceMs / 1000;
    if (!channel.isRegister) return Math.max(sinceMs, coveredUntil(channel, since) * 1000);
    return (await lastRegister(channel, since)) ?? sinceMs;
  }

  /** Just past the last reading of the gapless run of days from `since` on, ms; null when nothing is held. */
  async function lastRegister(channel: Channel, since: number): Promise<number | null> {
    const end = channel.held.coveredUntil(storeDayOf(channel, since));
    const day = end - 1;
    if (!channel.held.has(day)) return null;
    return cache.withDays([{ channel, day }], () => {
      const last = Math.max(...cache.register(channel, day).readings.keys());
      return last >= since ? last * 1000 + 1 : null;
    });
  }

  async function gaps(
    id: string,
    startMs: number,
    endMs: number,
  ): Promise<{ startMs: number; endMs: number }[]> {
    const channel = await channelNamed(id);
    const toPeriod = ({ start, end }: Range) => ({
      startMs: Math.max(startMs, start * 1000),
      endMs: Math.min(endMs, end * 1000),
    });
    if (!channel.isRegister) {
      const stretches = partsWithin(channel, startMs / 1000, endMs / 1000);
      return stretches.flatMap(({ part, start, end }) => part.known.gaps(start, end).map(toPeriod));
    }
    const first = storeDayOf(channel, startMs / 1000);
    const last = storeDayOf(channel, (endMs - 1) / 1000);
    return channel.held
      .gaps(first, last + 1)
      .map(({ start, end }) =>
        toPeriod({ start: storeDayStart(channel, start), end: storeDayStart(channel, end) }),
      );
  }

  return { series, pieces, register, reads, versions, verdicts, knownUntil, gaps };
}

/** End of the gapless known history from `since` on, across changes of the interval length. */
function coveredUntil(channel: Channel, since: number): number {
  let at = since;
  for (const { part, end } of partsWithin(channel, since, Number.POSITIVE_INFINITY)) {
    at = Math.min(part.known.coveredUntil(at), end);
    if (at < end) break;
  }
  return at;
}

/** Days beyond which a question goes to the store: it would push what is at work out of memory. */
const daysFromMemory = 70;

/** Days outside of a question that the store may read for it: to tell them apart costs more. */
const daysReadForNothing = 31;

function isLong(days: readonly DayWanted[]): boolean {
  return days.length > daysFromMemory;
}

type Answer = Omit<Series, 'asOfMs'>;

function emptySeries(channel: Channel, start: number, slots: number): Answer {
  return {
    channel: channel.id,
    startMs: start * 1000,
    intervalSeconds: channel.intervalSeconds,
    value: new Float64Array(slots),
    quality: new Uint16Array(slots).fill(quality.missing),
  };
}

/** Store days of which something is held in [start, end). */
function heldDays(channel: Channel, start: number, end: number): DayWanted[] {
  if (start >= end) return [];
  const wanted: DayWanted[] = [];
  for (const run of channel.held.within(storeDayOf(channel, start), storeDayOf(channel, end - 1) + 1)) {
    for (let day = run.start; day < run.end; day++) wanted.push({ channel, day });
  }
  return wanted;
}

/** Copies what stands in a day into the answer. */
function copySlots(
  answer: Answer,
  day: { readonly start: number; readonly value: Float64Array; readonly quality: Uint16Array },
  step: number,
): void {
  const start = answer.startMs / 1000;
  const from = Math.max(start, day.start);
  const to = Math.min(start + answer.value.length * step, day.start + daySeconds);
  if (from >= to) return;
  const source = (from - day.start) / step;
  const sourceEnd = (to - day.start) / step;
  answer.value.set(day.value.subarray(source, sourceEnd), (from - start) / step);
  answer.quality.set(day.quality.subarray(source, sourceEnd), (from - start) / step);
}
