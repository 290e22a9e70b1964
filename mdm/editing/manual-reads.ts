/** Register reads of meters that nobody can ask: read from the display and typed in, checked against the reads about them. */
import type { Clock, Period } from '@wattline/base';
import { type ChannelId, type IngestReceipt, quality, type ReadingBatch } from '@wattline/model';
import type { Said } from '../assets/asset-facts.ts';
import { countedBetween, type RegisterCourse } from '../assets/register-course.ts';
import { mdmError } from '../errors.ts';
import type { RegisterRead } from '../queries/reading-queries.ts';

/** A read as a person gives it, in the reading type's unit. */
export interface ManualRead {
  readonly channel: ChannelId;
  readonly atMs: number;
  readonly value: number;
  /** The person looked again: a read that runs backwards is kept, and doubted. */
  readonly isConfirmed?: boolean;
}

/** Reads by hand. */
export interface ManualReads {
  /** @throws CodedError `mdm/runs-backwards` when the reads about it do not allow it and it is not confirmed */
  take(read: ManualRead, said: Said): Promise<IngestReceipt>;
}

const dayMs = 86_400_000;
/** How far to look for the read before and the read after. */
const reachMs = 400 * dayMs;

/** Reads by hand over the ingest. */
export function createManualReads(parts: {
  readonly clock: Clock;
  readonly ingest: (batch: ReadingBatch) => Promise<IngestReceipt>;
  readonly reads: (channel: ChannelId, period: Period) => Promise<readonly RegisterRead[]>;
  readonly courseOf: (channel: ChannelId) => RegisterCourse;
}): ManualReads {
  const { clock, ingest, reads, courseOf } = parts;

  /** What is wrong with a value between the reads about it, or null. */
  async function contradiction({ channel, atMs, value }: ManualRead): Promise<string | null> {
    const course = courseOf(channel);
    const [before] = (await reads(channel, { startMs: atMs - reachMs, endMs: atMs })).slice(-1);
    const [after] = await reads(channel, { startMs: atMs + 1, endMs: atMs + reachMs });
    const own = { atMs, value };
    for (const [from, to] of [
      [before, own],
      [own, after],
    ] as const) {
      if (!from || !to) continue;
      const stretch = { start: from.atMs / 1000, from: from.value, end: to.atMs / 1000, to: to.value };
      if (countedBetween(stretch, course) < 0) return `${from.value} stood before ${to.value}`;
    }
    return null;
  }

  return {
    async take(read, { author, reason }) {
      const { channel, atMs, value, isConfirmed = false } = read;
      if (author.trim() === '' || reason.trim() === '')
        throw mdmError('mdm/bad-edit', 'a read needs an author and a reason');
      if (!Number.isSafeInteger(value) || value < 0)
        throw mdmError('mdm/bad-edit', `${value} is no whole amount`, { channel });
      const wrong = await contradiction(read);
      if (wrong !== null && !isConfirmed) throw mdmError('mdm/runs-backwards', wrong, { channel });
      const flags = quality.manual | (wrong === null ? 0 : quality.suspect);
      const receipt = await ingest({
        id: `manual/${channel}/${atMs}/${value}/${flags}`,
        origin: { source: 'manual', reference: `${author}: ${reason}`.slice(0, 200) },
        receivedMs: clock.now(),
        blocks: [
          {
            channel,
            startMs: atMs,
            intervalSeconds: 0,
            value: Float64Array.of(value),
            quality: Uint16Array.of(flags),
          },
        ],
      });
      const [refused] = receipt.rejected;
      if (refused) throw mdmError('mdm/bad-edit', refused.message, { channel, code: refused.code });
      return receipt;
    },
  };
}
