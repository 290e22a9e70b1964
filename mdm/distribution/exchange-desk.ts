/** Files in and out: read, placed on channels, ingested once, what cannot be placed held until somebody decides. */
import { createHash } from 'node:crypto';
import { type Clock, CodedError, type Period } from '@wattline/base';
import {
  type ChannelId,
  type IngestReceipt,
  quality,
  type ReadingBatch,
  type ReadingBlock,
} from '@wattline/model';
import type { Registry, Row } from '@wattline/store/registry';
import { attributes } from '../assets/asset-facts.ts';
import { mdmError } from '../errors.ts';
import type {
  ExchangeContext,
  ExchangeProblem,
  ExchangeRead,
  HeldSeries,
  SeriesSource,
  WrittenSeries,
} from '../exchange/exchange-format.ts';
import { exchangeFormatOf, octetFormats, openExchange, releaseSeries } from '../exchange/index.ts';
import { batchIdOf } from '../exchange/intake.ts';

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

/** What a person decides about a held series. */
export interface Decision {
  readonly author: string;
  readonly reason: string;
}

/** The desk. */
export interface ExchangeDesk {
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
  /** What is held, oldest first, after `after`. */
  held(page: { readonly after: number; readonly limit: number }): Promise<readonly Row<'quarantine'>[]>;
  /** Puts a held series on a channel and ingests it. */
  release(id: number, channel: ChannelId, decision: Decision): Promise<IngestReceipt>;
  /** Gives a held series up; its row stays. */
  discard(id: number, decision: Decision): Promise<void>;
}

export interface ExchangeDeskParts {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly ingest: (batch: ReadingBatch) => Promise<IngestReceipt>;
  readonly pieces: (channel: ChannelId, period: Period) => Promise<readonly ReadingBlock[]>;
}

const emptyReceipt: IngestReceipt = { accepted: 0, duplicates: 0, rejected: [] };

/** A desk over its parts. */
export function createExchangeDesk({ registry, clock, ingest, pieces }: ExchangeDeskParts): ExchangeDesk {
  const deliver: ExchangeDesk['deliver'] = async ({
    name,
    content,
    format,
    zone,
    intervalSeconds,
    readAtMs,
  }) => {
    const context: ExchangeContext = {
      nowMs: clock.now(),
      ...(zone === undefined ? {} : { zone }),
      ...(intervalSeconds === undefined ? {} : { intervalSeconds }),
      ...(readAtMs === undefined ? {} : { readAtMs }),
    };
    const read = await openExchange(content, format);
    if (!read) throw mdmError('mdm/unknown-format', String(format), { format: String(format) });
    const points = new Set<string>();
    read({ ...context, channelOf: (source) => noteSource(points, source) });
    const places = await placesOf(registry, points);
    const found = read({ ...context, channelOf: (source) => channelOf(places, source) });
    const blocks = found.series.flatMap((one) => one.blocks);
    const receivedMs = clock.now();
    const origin = { source: 'import', reference: name } as const;
    const receipt =
      blocks.length === 0 ? emptyReceipt : await ingest({ id: found.batchId, origin, receivedMs, blocks });
    const held = await keepHeld(found, { name, receivedMs, receipt });
    const { contentId, refused, problems, counts } = found;
    return { format: found.format, contentId, receipt, held, refused, problems, counts };
  };

  /** Keeps what was held, and series that ingest refused as a whole, once. */
  async function keepHeld(
    read: ExchangeRead,
    {
      name,
      receivedMs,
      receipt,
    }: { readonly name: string; readonly receivedMs: number; readonly receipt: IngestReceipt },
  ): Promise<number[]> {
    const ids: number[] = [];
    const refusals = new Map(receipt.rejected.map((entry) => [entry.channel, entry]));
    const refusedWhole = read.series.flatMap(({ source, channel, blocks, notes }) => {
      const refusal = refusals.get(channel);
      const values = blocks.reduce((sum, block) => sum + block.value.length, 0);
      return refusal && refusal.count >= values
        ? [{ source, code: refusal.code, message: refusal.message, blocks, notes }]
        : [];
    });
    for (const one of [...read.held, ...refusedWhole]) {
      const content = createHash('sha256')
        .update(JSON.stringify([one.source, batchIdOf(one.blocks)]))
        .digest('hex');
      const row = {
        name,
        format: read.format,
        content,
        code: one.code,
        message: one.message,
        source: JSON.stringify(one.source),
        blocks: packBlocks(one.blocks),
        received_ms: receivedMs,
        state: 'held' as const,
        channel_id: null,
        decided_ms: null,
        decided_by: null,
        reason: null,
      };
      await registry
        .insertInto('quarantine')
        .values(row)
        .onConflict((on) => on.column('content').doNothing())
        .execute();
      const kept = await registry
        .selectFrom('quarantine')
        .select('id')
        .where('content', '=', content)
        .executeTakeFirstOrThrow();
      ids.push(kept.id);
    }
    return ids;
  }

  async function expectHeld(id: number): Promise<Row<'quarantine'>> {
    const row = await registry.selectFrom('quarantine').selectAll().where('id', '=', id).executeTakeFirst();
    if (!row) throw mdmError('mdm/unknown-held', String(id), { id });
    if (row.state !== 'held') throw mdmError('mdm/already-decided', `${id} is ${row.state}`, { id });
    return row;
  }

  async function decide(
    id: number,
    change: Partial<Row<'quarantine'>>,
    { author, reason }: Decision,
  ): Promise<void> {
    const decided = { decided_ms: clock.now(), decided_by: author, reason };
    await registry
      .updateTable('quarantine')
      .set({ ...change, ...decided })
      .where('id', '=', id)
      .execute();
  }

  return {
    deliver,
    async write({ format, channels, period }) {
      const write = exchangeFormatOf(format)?.write ?? octetFormats.find(({ id }) => id === format)?.write;
      if (!write) throw mdmError('mdm/unknown-format', format, { format });
      const written: WrittenSeries[] = [];
      for (const channel of channels) {
        const found = await pieces(channel, period);
        const blocks = found.map(({ startMs, intervalSeconds, value, quality: flags }) => ({
          channel,
          startMs,
          intervalSeconds,
          value,
          quality: flags,
        }));
        written.push({ channel, blocks });
      }
      return write(written, { createdMs: clock.now(), sender: 'WATTLINE' });
    },
    held: ({ after, limit }) =>
      registry
        .selectFrom('quarantine')
        .selectAll()
        .where('state', '=', 'held')
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit)
        .execute(),
    async release(id, channel, decision) {
      const row = await expectHeld(id);
      const blocks = unpackBlocks(row.blocks);
      const held = {
        source: JSON.parse(row.source) as SeriesSource,
        code: row.code,
        message: row.message,
        blocks,
        notes: [],
      };
      const released = releaseSeries(held as HeldSeries, channel);
      const receipt = await ingest({
        id: batchIdOf(released.blocks),
        origin: { source: 'import', reference: `${row.name} (released ${id})` },
        receivedMs: clock.now(),
        blocks: released.blocks,
      });
      const refusal = receipt.rejected[0];
      if (refusal && receipt.accepted + receipt.duplicates === 0)
        throw new CodedError(refusal.code, refusal.message, { id, channel });
      await decide(id, { state: 'released', channel_id: channel }, decision);
      return receipt;
    },
    async discard(id, decision) {
      await expectHeld(id);
      await decide(id, { state: 'discarded' }, decision);
    },
  };
}

function noteSource(points: Set<string>, { point, meter }: SeriesSource): null {
  for (const name of [point, meter ?? '']) if (name !== '') points.add(name);
  return null;
}

/** Usage points by the names a file may call them: their own id, or the serial number of the meter that stands there. */
async function placesOf(registry: Registry, names: ReadonlySet<string>): Promise<Map<string, string>> {
  const places = new Map<string, string>();
  const all = [...names];
  for (let at = 0; at < all.length; at += 500) {
    const part = all.slice(at, at + 500);
    const meters = await registry
      .selectFrom('meter')
      .select(['serial', 'usage_point_id'])
      .where('serial', 'in', part)
      .execute();
    for (const meter of meters) places.set(meter.serial, meter.usage_point_id);
    // Meters that were exchanged or that nobody can ask are facts of their points; the newest word counts.
    const told = await registry
      .selectFrom('asset_fact')
      .select(['subject', 'value'])
      .where('attribute', '=', attributes.meter)
      .where(
        'value',
        'in',
        part.map((name) => JSON.stringify(name)),
      )
      .where('undoes', 'is', null)
      .where('number', 'not in', (eb) =>
        eb
          .selectFrom('asset_fact')
          .select('undoes')
          .where('undoes', 'is not', null)
          .$narrowType<{ undoes: number }>(),
      )
      .orderBy('number')
      .execute();
    for (const { subject, value } of told)
      places.set(JSON.parse(value as string) as string, subject.slice('usage-point/'.length));
    const points = await registry.selectFrom('usage_point').select('id').where('id', 'in', part).execute();
    for (const { id } of points) places.set(id, id);
  }
  return places;
}

/** The channel of a source by unit, direction and kind at the point that the registry knows; null when it knows none. */
function channelOf(
  places: ReadonlyMap<string, string>,
  { point, meter, quantity }: SeriesSource,
): ChannelId | null {
  const place = places.get(point) ?? (meter === null ? undefined : places.get(meter));
  const type = typeOfQuantity(quantity);
  return place === undefined || type === null ? null : `${place}/${type}`;
}

function typeOfQuantity({ kind, direction, unit, rate }: SeriesSource['quantity']): string | null {
  if (direction === 'none') return null;
  const suffix = { Wh: '', varh: '-reactive', VAh: '-apparent' }[unit as 'Wh'];
  if (suffix === undefined) return null;
  if (kind === 'interval') return rate === 0 ? direction + suffix : null;
  if (suffix !== '') return null;
  return rate === 0 ? `${direction}-total` : `${direction}-rate-${rate}`;
}

function packBlocks(blocks: readonly ReadingBlock[]): string {
  return JSON.stringify(
    blocks.map(({ startMs, intervalSeconds, value, quality: flags }) => ({
      startMs,
      intervalSeconds,
      value: Array.from(value),
      quality: Array.from(flags),
    })),
  );
}

function unpackBlocks(text: string): ReadingBlock[] {
  const packed = JSON.parse(text) as {
    startMs: number;
    intervalSeconds: number;
    value: number[];
    quality: number[];
  }[];
  return packed.map(({ startMs, intervalSeconds, value, quality: flags }) => ({
    channel: '',
    startMs,
    intervalSeconds,
    value: Float64Array.from(value),
    quality: Uint16Array.from(flags, (bits) => bits & ~quality.final),
  }));
}
