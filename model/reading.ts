/** Readings as columns: what the head-end hands to meter data management, and what the store keeps. */

/** The channel of a usage point: `<usage point id>/<reading type id>`. */
export type ChannelId = string;

/** Names the channel. */
export function channelIdOf(usagePointId: string, readingType: string): ChannelId {
  return `${usagePointId}/${readingType}`;
}

/** Where readings came from; `exchange` leads to the frame in the head-end's journal. */
export interface Origin {
  readonly source: 'dlms' | 'push' | 'import' | 'estimate' | 'manual' | 'derived';
  /** Exchange id, file name with line, or the estimate's id. */
  readonly reference: string;
}

/**
 * Values of one channel on a regular grid: value `i` belongs to [startMs + i x interval, + interval).
 * A register read is a block with `intervalSeconds` 0: the value stood at `startMs`, and there is one.
 * Values are integers of the reading type's scale, exact below 2^53; a slot without a value has quality `missing` and value 0.
 */
export interface ReadingBlock {
  readonly channel: ChannelId;
  readonly startMs: number;
  readonly intervalSeconds: number;
  readonly value: Float64Array;
  /** Flags of `quality`, one per value. */
  readonly quality: Uint16Array;
}

/** One delivery: all of it is acknowledged or none. */
export interface ReadingBatch {
  /** Idempotency key: the same id delivered twice is stored once. */
  readonly id: string;
  readonly origin: Origin;
  readonly receivedMs: number;
  readonly blocks: readonly ReadingBlock[];
}

/** What became of a delivery. */
export interface IngestReceipt {
  readonly accepted: number;
  /** Values already known with the same value and quality: not stored again. */
  readonly duplicates: number;
  /** Values refused, each with its coded reason. */
  readonly rejected: readonly {
    readonly channel: ChannelId;
    readonly code: string;
    readonly message: string;
    readonly count: number;
    /** What was refused, as it was delivered, slots that may enter left out as missing. */
    readonly blocks?: readonly ReadingBlock[];
  }[];
}

/** The port into meter data management: resolves when the batch is on disk (fdatasync), never before. */
export interface ReadingSink {
  ingest(batch: ReadingBatch): Promise<IngestReceipt>;
}

/** What the head-end asks before it reads a meter: which intervals are already known. */
export interface ReadingProgress {
  /** End of the gapless known history of a channel from `sinceMs` on (UTC ms); `sinceMs` when nothing is known. */
  knownUntil(channel: ChannelId, sinceMs: number): Promise<number>;
  /** Missing ranges of a channel within [startMs, endMs), oldest first. */
  gaps(
    channel: ChannelId,
    startMs: number,
    endMs: number,
  ): Promise<readonly { readonly startMs: number; readonly endMs: number }[]>;
}

/** A channel's latest known values over [startMs, startMs + value.length x interval), or as known at `asOfMs`. */
export interface Series {
  readonly channel: ChannelId;
  readonly startMs: number;
  readonly intervalSeconds: number;
  readonly value: Float64Array;
  readonly quality: Uint16Array;
  /** Knowledge time of the answer. */
  readonly asOfMs: number;
}

/** One version of one interval. */
export interface ReadingVersion {
  readonly knownMs: number;
  readonly value: number;
  readonly quality: number;
  /** Rule or estimation method that made the version, `''` for what came from the meter. */
  readonly method: string;
  readonly origin: Origin;
}

/** What a rule said of an interval (or of a day: then `startMs` is the day's start). */
export interface Verdict {
  readonly channel: ChannelId;
  readonly startMs: number;
  readonly rule: string;
  readonly outcome: 'pass' | 'fail';
  readonly detail: string;
  readonly knownMs: number;
}

/** The port out of meter data management. Periods are half-open; `asOfMs` left out means the latest knowledge. */
export interface ReadingSource {
  /** Values on the channel's grid; slots never heard of have quality `missing`. */
  series(
    channel: ChannelId,
    period: { readonly startMs: number; readonly endMs: number },
    asOfMs?: number,
  ): Promise<Series>;
  /** The register that stood exactly at `atMs`, or null when it was not read. */
  register(channel: ChannelId, atMs: number, asOfMs?: number): Promise<number | null>;
  versions(channel: ChannelId, startMs: number): Promise<readonly ReadingVersion[]>;
  verdicts(channel: ChannelId, startMs: number): Promise<readonly Verdict[]>;
}
