/** What delivered files said that could not enter: each series once with its reason, until somebody releases it or gives it up. */
import { createHash } from 'node:crypto';
import { type Clock, CodedError, codeOf } from '@wattline/base';
import {
  type ChannelId,
  type IngestReceipt,
  quality,
  type ReadingBatch,
  type ReadingBlock,
} from '@wattline/model';
import type { Registry, Row } from '@wattline/store/registry';
import { mdmError } from '../errors.ts';
import { channelParts } from '../exchange/channel-assignment.ts';
import type { ExchangeRead, SeriesSource } from '../exchange/exchange-format.ts';
import { batchIdOf } from '../exchange/intake.ts';
import { type Aside, noSource, sourceOfBlock, sourceOfChannel, unreadable } from './aside.ts';
import { channelOf, namesOf, placesOf } from './series-places.ts';

/** What a person decides about held series. */
export interface Decision {
  readonly author: string;
  readonly reason: string;
}

/** What became of a release of all that found its place. */
export interface ReleasedPlaced {
  readonly released: number;
  readonly accepted: number;
  readonly duplicates: number;
  /** Series that wait on. */
  readonly left: number;
}

/** The quarantine. */
export interface Quarantine {
  /** What is held, oldest first, after `after`. */
  held(page: { readonly after: number; readonly limit: number }): Promise<readonly Row<'quarantine'>[]>;
  /**
   * Puts a held series on a channel and ingests it; without a channel on the one that its source names by what the registry
   * knows now. @throws CodedError `mdm/unknown-held`, `mdm/already-decided`, `mdm/nothing-held`, `mdm/unknown-channel`,
   * `mdm/unit-mismatch`, and the reason of the ingest when it takes nothing: the series waits on
   */
  release(id: number, channel: ChannelId | null, decision: Decision): Promise<IngestReceipt>;
  /** Releases each series that waits for a place or for its time, where the registry knows the place and the time has come. */
  releasePlaced(decision: Decision): Promise<ReleasedPlaced>;
  /** Gives a held series up; its row stays. */
  discard(id: number, decision: Decision): Promise<void>;
}

/** Where something set aside came from. */
export interface AsideOrigin {
  readonly name: string;
  readonly format: string;
  readonly receivedMs: number;
}

/** The side of it that is written to. */
export interface QuarantineSink {
  /** Keeps what was held, what ingest refused, and word of a refused file and of what could not be read; numbers of the series. */
  keep(
    read: ExchangeRead,
    about: { readonly name: string; readonly receivedMs: number; readonly receipt: IngestReceipt },
  ): Promise<number[]>;
  /** Keeps series with their reasons; one without blocks is word of what could not be read. Numbers of the rows. */
  setAside(origin: AsideOrigin, asides: readonly Aside[]): Promise<number[]>;
  /** Keeps what ingest refused of meters that are read: of one day of a channel one row a reason, with the first values. */
  keepOfMeters(origin: AsideOrigin, receipt: IngestReceipt): Promise<void>;
}

/** Reasons that pass by themselves: a point becomes known, an interval length is set, time goes by. All others want a person. */
const passing: ReadonlySet<string> = new Set([
  'mdm/exchange-unknown-channel',
  'mdm/exchange-future',
  'mdm/unknown-channel',
  'server/unknown-usage-point',
  'server/unknown-channel',
  'mdm/interval-mismatch',
  'mdm/future',
]);
const rowsAtOnce = 200;
/** Rows that may wait before refusals of meters that are read are only counted and told as events. */
const mostRows = 100_000;
/** A quarantine in the registry. */
export function createQuarantine({
  registry,
  clock,
  ingest,
}: {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly ingest: (batch: ReadingBatch) => Promise<IngestReceipt>;
}): Quarantine & QuarantineSink {
  async function expectHeld(id: number): Promise<Row<'quarantine'>> {
    const row = await registry.selectFrom('quarantine').selectAll().where('id', '=', id).executeTakeFirst();
    if (!row) throw mdmError('mdm/unknown-held', String(id), { id });
    if (row.state !== 'held') throw mdmError('mdm/already-decided', `${id} is ${row.state}`, { id });
    return row;
  }

  async function keepRow(
    row: Pick<Row<'quarantine'>, 'name' | 'format' | 'content' | 'code' | 'message' | 'received_ms'>,
    source: SeriesSource,
    blocks: readonly ReadingBlock[],
  ): Promise<number> {
    const undecided = { channel_id: null, decided_ms: null, decided_by: null, reason: null };
    await registry
      .insertInto('quarantine')
      .values({
        ...row,
        ...undecided,
        source: JSON.stringify(source),
        blocks: packBlocks(blocks),
        state: 'held',
      })
      .onConflict((on) => on.column('content').doNothing())
      .execute();
    const kept = await registry
      .selectFrom('quarantine')
      .select('id')
      .where('content', '=', row.content)
      .executeTakeFirstOrThrow();
    return kept.id;
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

  /** Ingests the blocks of a row on a channel; throws the reason when nothing is taken. */
  async function put(row: Row<'quarantine'>, channel: ChannelId, decision: Decision): Promise<IngestReceipt> {
    const blocks = unpackBlocks(row.blocks, channel);
    if (blocks.length === 0) throw mdmError('mdm/nothing-held', row.message, { id: row.id });
    const { quantity } = JSON.parse(row.source) as SeriesSource;
    const type = channelParts(channel)?.type;
    if (type && (type.unit !== quantity.unit || type.scale !== quantity.scale))
      throw mdmError('mdm/unit-mismatch', `${quantity.unit} onto ${channel}`, { id: row.id, channel });
    const seconds = type?.kind === 'interval' ? await intervalOf(channel) : null;
    // Rows that named no interval were of a channel that nobody knew: theirs is the channel's.
    const timed = blocks.map((block) =>
      block.intervalSeconds === 0 && seconds !== null ? { ...block, intervalSeconds: seconds } : block,
    );
    const receipt = await ingest({
      id: batchIdOf(timed),
      origin: { source: 'import', reference: `${row.name} (released ${row.id})` },
      receivedMs: clock.now(),
      blocks: timed,
    });
    const refusal = receipt.rejected[0];
    if (refusal && receipt.accepted + receipt.duplicates === 0)
      throw new CodedError(refusal.code, refusal.message, { id: row.id, channel });
    await decide(row.id, { state: 'released', channel_id: channel }, decision);
    return receipt;
  }

  async function intervalOf(channel: ChannelId): Promise<number | null> {
    const row = await registry
      .selectFrom('channel')
      .select('interval_seconds')
      .where('id', '=', channel)
      .executeTakeFirst();
    return row?.interval_seconds ?? null;
  }

  async function placeOf(row: Row<'quarantine'>): Promise<ChannelId | null> {
    const source = JSON.parse(row.source) as SeriesSource;
    return channelOf(await placesOf(registry, namesOf(source)), source);
  }

  const held: Quarantine['held'] = ({ after, limit }) =>
    registry
      .selectFrom('quarantine')
      .selectAll()
      .where('state', '=', 'held')
      .where('id', '>', after)
      .orderBy('id')
      .limit(limit)
      .execute();

  async function setAside(
    { name, format, receivedMs }: AsideOrigin,
    asides: readonly Aside[],
  ): Promise<number[]> {
    const ids: number[] = [];
    for (const { source, code, message, blocks } of asides) {
      const what = blocks.length === 0 ? [name, code, message] : [source, batchIdOf(blocks)];
      const content = createHash('sha256').update(JSON.stringify(what)).digest('hex');
      const about = { name, format, received_ms: receivedMs, content, code, message };
      ids.push(await keepRow(about, source, blocks));
    }
    return ids;
  }

  return {
    held,
    async keep(read, { name, receivedMs, receipt }) {
      const origin = { name, format: read.format, receivedMs };
      const about = { name, format: read.format, received_ms: receivedMs };
      if (read.refused) {
        const { code, message } = read.refused;
        await keepRow({ ...about, content: read.contentId, code, message }, noSource, []);
      } else {
        for (const { code, message } of unreadable(read)) {
          const content = createHash('sha256').update(`${read.contentId} ${code}`).digest('hex');
          await keepRow({ ...about, content, code, message }, noSource, []);
        }
      }
      const refused = receipt.rejected.flatMap(({ channel, code, message, blocks = [] }) =>
        [...Map.groupBy(blocks, (block) => sourceOfBlock(read, channel, block))].map(([source, own]) => ({
          source,
          code,
          message,
          blocks: own,
        })),
      );
      return setAside(origin, [...read.held, ...refused]);
    },
    setAside,
    async keepOfMeters({ name, format, receivedMs }, { rejected }) {
      const waits = await registry
        .selectFrom('quarantine')
        .select((eb) => eb.fn.countAll<number>().as('rows'))
        .where('state', '=', 'held')
        .executeTakeFirstOrThrow();
      let room = mostRows - Number(waits.rows);
      for (const { channel, code, message, blocks = [] } of rejected) {
        const source = sourceOfChannel(channel);
        for (const block of blocks) {
          if (source === null || room-- <= 0) continue;
          const day = Math.floor(block.startMs / 86_400_000);
          const content = createHash('sha256')
            .update(JSON.stringify([channel, code, day]))
            .digest('hex');
          const about = { name, format, received_ms: receivedMs, content, code, message };
          await keepRow(about, source, [block]);
        }
      }
    },
    async release(id, channel, decision) {
      const row = await expectHeld(id);
      const place = channel ?? (row.blocks === '[]' ? '' : await placeOf(row));
      if (place === null) throw mdmError('mdm/unknown-channel', row.source.slice(0, 200), { id });
      return put(row, place, decision);
    },
    async releasePlaced(decision) {
      const sums = { released: 0, accepted: 0, duplicates: 0, left: 0 };
      for (let after = 0; ; ) {
        const rows = await held({ after, limit: rowsAtOnce });
        for (const row of rows) {
          const channel = passing.has(row.code) && row.blocks !== '[]' ? await placeOf(row) : null;
          const receipt =
            channel === null
              ? null
              : await put(row, channel, decision).catch((error: unknown) => {
                  if (codeOf(error).startsWith('mdm/')) return null;
                  throw error;
                });
          if (!receipt) sums.left += row.blocks === '[]' ? 0 : 1;
          else {
            sums.released++;
            sums.accepted += receipt.accepted;
            sums.duplicates += receipt.duplicates;
          }
        }
        const last = rows.at(-1);
        if (!last) return sums;
        after = last.id;
      }
    },
    async discard(id, decision) {
      await expectHeld(id);
      await decide(id, { state: 'discarded' }, decision);
    },
  };
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

function unpackBlocks(text: string, channel: ChannelId): ReadingBlock[] {
  const packed = JSON.parse(text) as {
    startMs: number;
    intervalSeconds: number;
    value: number[];
    quality: number[];
  }[];
  return packed.map(({ startMs, intervalSeconds, value, quality: flags }) => ({
    channel,
    startMs,
    intervalSeconds,
    value: Float64Array.from(value),
    quality: Uint16Array.from(flags, (bits) => bits & ~quality.final),
  }));
}
