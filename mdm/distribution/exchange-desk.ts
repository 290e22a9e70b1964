/** Files in and out: read, placed on channels, ingested once; what cannot be placed goes to the quarantine. */
import type { Clock, Period } from '@wattline/base';
import type { ChannelId, IngestReceipt, ReadingBatch, ReadingBlock } from '@wattline/model';
import type { Registry } from '@wattline/store/registry';
import { pointOfChannel } from '../assets/interval-change.ts';
import { mdmError } from '../errors.ts';
import { channelParts } from '../exchange/channel-assignment.ts';
import type {
  ExchangeContext,
  ExchangeProblem,
  ExchangeRead,
  WrittenSeries,
} from '../exchange/exchange-format.ts';
import { exchangeFormatOf, octetFormats, openExchange } from '../exchange/index.ts';
import type { PieceSource, RegisterSource } from '../queries/reading-queries.ts';
import { createQuarantine, type Quarantine, type QuarantineSink } from './quarantine.ts';
import { channelOf, namesOf, placesOf, standsThere } from './series-places.ts';

/** What became of a delivered file. */
export interface DeliveryOutcome {
  readonly format: string;
  /** SHA-256 of the file. */
  readonly contentId: string;
  readonly receipt: IngestReceipt;
  /** Rows of the quarantine that hold what waits; the same file again names the same rows. */
  readonly held: readonly number[];
  readonly refused: ExchangeProblem | null;
  readonly problems: readonly ExchangeProblem[];
  readonly counts: ExchangeRead['counts'];
}

/** The desk, the quarantine with it. */
export interface ExchangeDesk extends Quarantine, Pick<QuarantineSink, 'setAside' | 'keepOfMeters'> {
  /** Reads a text or octets in the named format, or the one it looks like, and ingests what has a channel. */
  deliver(file: {
    readonly name: string;
    readonly content: string | Uint8Array;
    readonly format?: string;
    readonly zone?: string;
    readonly intervalSeconds?: number;
    readonly readAtMs?: number;
  }): Promise<DeliveryOutcome>;
  /** Writes the channels' values over a period, as text or octets by the format; throws `mdm/exchange-cannot-write` when the format cannot say them. */
  write(request: {
    readonly format: string;
    readonly channels: readonly ChannelId[];
    readonly period: Period;
  }): Promise<string | Uint8Array>;
}

export interface ExchangeDeskParts {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly ingest: (batch: ReadingBatch) => Promise<IngestReceipt>;
  readonly source: PieceSource & RegisterSource;
  /** The serial number of the meter that stood at a point at an instant, null when none is known. */
  readonly meterAt: (usagePointId: string, atMs: number) => Promise<string | null>;
}

const emptyReceipt: IngestReceipt = { accepted: 0, duplicates: 0, rejected: [] };

function isRegister(channel: ChannelId): boolean {
  return channelParts(channel)?.type.kind === 'register';
}

/** A desk over its parts. */
export function createExchangeDesk({
  registry,
  clock,
  ingest,
  source,
  meterAt,
}: ExchangeDeskParts): ExchangeDesk {
  async function piecesOf(channel: ChannelId, period: Period): Promise<ReadingBlock[]> {
    const found = await source.pieces(channel, period);
    return found.map(({ startMs, intervalSeconds, value, quality: flags }) => ({
      channel,
      startMs,
      intervalSeconds,
      value,
      quality: flags,
    }));
  }

  async function readsOf(channel: ChannelId, period: Period): Promise<ReadingBlock[]> {
    const found = await source.reads(channel, period);
    return found.map(({ atMs, value, quality: flags }) => ({
      channel,
      startMs: atMs,
      intervalSeconds: 0,
      value: Float64Array.of(value),
      quality: Uint16Array.of(flags),
    }));
  }

  /** The one meter of a period; null where it was exchanged: then a file cannot say which value is whose. */
  async function meterOver(usagePointId: string, { startMs, endMs }: Period): Promise<string | null> {
    const first = await meterAt(usagePointId, startMs);
    return first === null || first === (await meterAt(usagePointId, endMs - 1)) ? first : null;
  }

  const { keep, ...quarantine } = createQuarantine({ registry, clock, ingest });
  return {
    ...quarantine,
    async deliver({ name, content, format, zone, intervalSeconds, readAtMs }) {
      const context: ExchangeContext = {
        nowMs: clock.now(),
        ...(zone === undefined ? {} : { zone }),
        ...(intervalSeconds === undefined ? {} : { intervalSeconds }),
        ...(readAtMs === undefined ? {} : { readAtMs }),
      };
      const read = await openExchange(content, format);
      if (!read) throw mdmError('mdm/unknown-format', String(format), { format: String(format) });
      const names = new Set<string>();
      const noteNames: ExchangeContext['channelOf'] = (source) => {
        for (const one of namesOf(source)) names.add(one);
        return null;
      };
      read({ ...context, channelOf: noteNames });
      const places = await placesOf(registry, names);
      const found = read({
        ...context,
        channelOf: (source) => channelOf(places, source),
        standsThere: (source) => standsThere(places, source),
      });
      const blocks = found.series.flatMap((one) => one.blocks);
      const receivedMs = clock.now();
      const carrier = exchangeFormatOf(found.format)?.carrier;
      const reference = carrier === undefined ? name : `${carrier}: ${name}`;
      const origin = { source: 'import', reference } as const;
      const receipt =
        blocks.length === 0 ? emptyReceipt : await ingest({ id: found.batchId, origin, receivedMs, blocks });
      const held = await keep(found, { name: reference, receivedMs, receipt });
      const { contentId, refused, problems, counts } = found;
      return { format: found.format, contentId, receipt, held, refused, problems, counts };
    },
    async write({ format, channels, period }) {
      const write = exchangeFormatOf(format)?.write ?? octetFormats.find(({ id }) => id === format)?.write;
      if (!write) throw mdmError('mdm/unknown-format', format, { format });
      const written: WrittenSeries[] = [];
      for (const channel of channels) {
        const meter = await meterOver(pointOfChannel(channel), period);
        const blocks = isRegister(channel) ? await readsOf(channel, period) : await piecesOf(channel, period);
        written.push({ channel, blocks, ...(meter === null ? {} : { meter }) });
      }
      return write(written, { createdMs: clock.now(), sender: 'WATTLINE' });
    },
  };
}
