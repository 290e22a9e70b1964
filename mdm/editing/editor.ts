/** Edits by people: new versions with a reason, what stood before kept beside them, each taken back by one call. */
import type { Clock } from '@wattline/base';
import { type ChannelId, quality } from '@wattline/model';
import type { StoredBlock } from '@wattline/store/readings';
import { daySeconds } from '@wattline/store/readings';
import type { Registry, Row } from '@wattline/store/registry';
import { type Channel, storeDayOf, storeDayStart } from '../channels/channel.ts';
import type { ChannelDirectory } from '../channels/channel-directory.ts';
import type { ChannelLocks } from '../channels/channel-locks.ts';
import { partAt } from '../channels/channel-parts.ts';
import type { DayCache, DayWanted } from '../channels/day-cache.ts';
import { indexSlots } from '../channels/slot-index.ts';
import { mdmError } from '../errors.ts';
import type { Ledger } from '../ingest/ledger.ts';

/** Values of neighbouring intervals; null leaves a slot as it is. */
export interface EditRequest {
  readonly channel: ChannelId;
  readonly startMs: number;
  readonly values: readonly (number | null)[];
  readonly author: string;
  readonly reason: string;
}

/** Columns as they stood before an edit or after it. */
export interface EditColumns {
  readonly value: readonly number[];
  readonly quality: readonly number[];
}

/** An edit as it is kept. */
export interface Edit {
  readonly number: number;
  readonly channel: ChannelId;
  readonly startMs: number;
  readonly endMs: number;
  readonly author: string;
  readonly reason: string;
  readonly madeMs: number;
  readonly before: EditColumns;
  readonly after: EditColumns;
  readonly undoes: number | null;
}

/** The editor. */
export interface Editor {
  edit(request: EditRequest): Promise<Edit>;
  /** Puts back what stood before; an edit is taken back once, and an undo is an edit too. */
  undo(number: number, by: { readonly author: string; readonly reason: string }): Promise<Edit>;
  /** Edits of a channel, newest first. */
  edits(channel: ChannelId, limit: number): Promise<readonly Edit[]>;
}

export interface EditorParts {
  readonly registry: Registry;
  readonly directory: ChannelDirectory;
  readonly cache: DayCache;
  readonly ledger: Ledger;
  readonly locks: ChannelLocks;
  readonly clock: Clock;
  /** The days are reviewed anew. */
  readonly onEdited: (
    channel: Channel,
    span: { readonly start: number; readonly end: number },
    batch: number,
  ) => void;
}

/** Methods of versions made by people. */
export const editMethods = { edit: 'Set by a person', undo: 'An edit was taken back' } as const;

/** Intervals of one edit at most: a year of quarter-hours. */
const mostSlots = 35_136;

/** An editor over its parts. */
export function createEditor(parts: EditorParts): Editor {
  const { registry, directory, cache, ledger, locks, clock } = parts;

  /** The channel, or the part of it that speaks of an instant. */
  async function expectChannel(id: ChannelId, atMs: number): Promise<Channel> {
    await directory.resolve([id]);
    const channel = directory.find(id);
    if (!channel) throw mdmError('mdm/unknown-channel', id, { channel: id });
    if (channel.isRegister) throw mdmError('mdm/not-an-interval-channel', id, { channel: id });
    return partAt(channel, atMs / 1000);
  }

  /** Writes columns over what stands; slots whose flags say missing are left as they are. */
  async function write(
    channel: Channel,
    start: number,
    wanted: EditColumns,
    about: {
      readonly method: keyof typeof editMethods;
      readonly author: string;
      readonly reason: string;
      readonly undoes: number | null;
    },
  ): Promise<Edit> {
    const step = channel.intervalSeconds;
    const days = daysTouched(channel, start, wanted.value.length);
    const release = await locks.acquire([channel.number]);
    try {
      const before = await cache.withDays(days, () => standing(cache, channel, start, wanted.value.length));
      const blocks = piecesOf(channel, start, wanted, before, about.method);
      const madeMs = clock.now();
      const id = `edit/${channel.id}/${start}/${madeMs}`;
      const origin = {
        source: 'manual',
        reference: `${about.author}: ${about.reason}`.slice(0, 200),
      } as const;
      const { batch, knownMs, done } = ledger.append({
        id,
        origin,
        receivedMs: madeMs,
        blocks,
        verdicts: [],
      });
      await done;
      await cache.withDays(days, () => {
        for (const block of blocks) {
          const number = storeDayOf(channel, block.start);
          const day = cache.interval(channel, number);
          cache.apply(channel, day, block, { batch, knownMs });
          const from = (block.start - day.start) / step;
          indexSlots(channel, day, from, from + block.value.length);
        }
      });
      ledger.entered(batch);
      const row = {
        channel_id: channel.id,
        start_ms: start * 1000,
        end_ms: (start + wanted.value.length * step) * 1000,
        author: about.author,
        reason: about.reason,
        made_ms: madeMs,
        before: JSON.stringify(before),
        after: JSON.stringify(wanted),
        undoes: about.undoes,
      };
      const { number } = await registry
        .insertInto('edit')
        .values(row)
        .returning('number')
        .executeTakeFirstOrThrow();
      parts.onEdited(channel, { start, end: start + wanted.value.length * step }, batch);
      return editOf({ ...row, number });
    } finally {
      release();
    }
  }

  return {
    async edit({ channel: id, startMs, values, author, reason }) {
      const channel = await expectChannel(id, startMs);
      const start = startMs / 1000;
      if (reason.trim() === '' || author.trim() === '')
        throw mdmError('mdm/bad-edit', 'an edit needs an author and a reason');
      const isOnGrid = Number.isInteger(start) && (start - channel.phase) % channel.intervalSeconds === 0;
      if (!isOnGrid) throw mdmError('mdm/off-grid', `start ${startMs} ms`, { channel: id });
      if (start + values.length * channel.intervalSeconds > channel.until)
        throw mdmError('mdm/interval-mismatch', 'the interval length changes within the edit', {
          channel: id,
        });
      if (values.length === 0 || values.length > mostSlots)
        throw mdmError('mdm/bad-edit', `${values.length} intervals`);
      const bad = values.find((value) => value !== null && (!Number.isSafeInteger(value) || value < 0));
      if (bad !== undefined) throw mdmError('mdm/bad-edit', `${bad} is no whole amount`, { channel: id });
      const wanted = {
        value: values.map((value) => value ?? 0),
        quality: values.map((value) => (value === null ? quality.missing : quality.edited)),
      };
      return write(channel, start, wanted, { method: 'edit', author, reason, undoes: null });
    },
    async undo(number, { author, reason }) {
      const row = await registry
        .selectFrom('edit')
        .selectAll()
        .where('number', '=', number)
        .executeTakeFirst();
      if (!row) throw mdmError('mdm/unknown-edit', String(number), { edit: number });
      const later = await registry
        .selectFrom('edit')
        .select('number')
        .where('undoes', '=', number)
        .executeTakeFirst();
      if (later)
        throw mdmError('mdm/already-decided', `edit ${number} was taken back by ${later.number}`, {
          edit: number,
        });
      const edit = editOf(row);
      const channel = await expectChannel(edit.channel, edit.startMs);
      const wanted = {
        value: edit.before.value,
        // A hole would say nothing and leave the edit: what was empty is doubted, so that the review estimates it anew.
        quality: edit.before.quality.map((bits, slot) =>
          ((edit.after.quality[slot] as number) & quality.missing) !== 0
            ? quality.missing
            : (bits & quality.missing) !== 0
              ? quality.suspect
              : bits,
        ),
      };
      return write(channel, edit.startMs / 1000, wanted, { method: 'undo', author, reason, undoes: number });
    },
    async edits(channel, limit) {
      const rows = await registry
        .selectFrom('edit')
        .selectAll()
        .where('channel_id', '=', channel)
        .orderBy('number', 'desc')
        .limit(limit)
        .execute();
      return rows.map(editOf);
    },
  };
}

function editOf(row: Row<'edit'>): Edit {
  return {
    number: row.number,
    channel: row.channel_id,
    startMs: row.start_ms,
    endMs: row.end_ms,
    author: row.author,
    reason: row.reason,
    madeMs: row.made_ms,
    before: JSON.parse(row.before) as EditColumns,
    after: JSON.parse(row.after) as EditColumns,
    undoes: row.undoes,
  };
}

function daysTouched(channel: Channel, start: number, slots: number): DayWanted[] {
  const first = storeDayOf(channel, start);
  const last = storeDayOf(channel, start + slots * channel.intervalSeconds - 1);
  return Array.from({ length: last - first + 1 }, (_, index) => ({ channel, day: first + index }));
}

/** What stands in the slots now. All days are in memory. */
function standing(cache: DayCache, channel: Channel, start: number, slots: number): EditColumns {
  const value: number[] = [];
  const flags: number[] = [];
  for (let index = 0; index < slots; index++) {
    const at = start + index * channel.intervalSeconds;
    const day = cache.interval(channel, storeDayOf(channel, at));
    const slot = (at - day.start) / channel.intervalSeconds;
    value.push(day.value[slot] as number);
    flags.push(day.quality[slot] as number);
  }
  return { value, quality: flags };
}

/** One block per store day. */
function piecesOf(
  channel: Channel,
  start: number,
  wanted: EditColumns,
  before: EditColumns,
  method: string,
): StoredBlock[] {
  const step = channel.intervalSeconds;
  const blocks: StoredBlock[] = [];
  for (let from = 0; from < wanted.value.length; ) {
    const at = start + from * step;
    const dayEnd = storeDayStart(channel, storeDayOf(channel, at)) + daySeconds;
    const to = Math.min(wanted.value.length, from + (dayEnd - at) / step);
    const flags = Uint16Array.from(wanted.quality.slice(from, to));
    const isSaid = flags.some((bits) => (bits & quality.missing) === 0);
    const liesOver = before.quality.slice(from, to).some((bits) => (bits & quality.missing) === 0);
    const value = Float64Array.from(wanted.value.slice(from, to));
    if (isSaid)
      blocks.push({
        channel: channel.number,
        start: at,
        intervalSeconds: step,
        method,
        liesOver,
        value,
        quality: flags,
      });
    from = to;
  }
  return blocks;
}
