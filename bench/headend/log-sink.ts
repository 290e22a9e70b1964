/** Meter data management as far as the head-end's bench needs it: readings are acknowledged after fdatasync of a write-ahead log. */
import type { ReadingBatch, ReadingProgress, ReadingSink } from '@wattline/model';
import { frameRoom, machineDisk, openWriteAheadLog } from '@wattline/store/log';

/** A sink that keeps what came on disk and, of what it knows, only how far each channel has come. */
export interface LogSink extends ReadingSink, ReadingProgress {
  values(): number;
  /** Forgets what it knows: the next sweep asks for everything again. */
  forget(): void;
  close(): Promise<void>;
}

/** Opens the sink in a directory. */
export async function openLogSink(directory: string): Promise<LogSink> {
  const log = await openWriteAheadLog({ directory, disk: machineDisk() });
  const known = new Map<string, number>();
  let values = 0;
  return {
    async ingest(batch) {
      await log.append(recordOf(batch));
      let accepted = 0;
      for (const { channel, startMs, intervalSeconds, value } of batch.blocks) {
        const endMs = startMs + value.length * intervalSeconds * 1000;
        if (intervalSeconds > 0) known.set(channel, Math.max(known.get(channel) ?? 0, endMs));
        accepted += value.length;
      }
      values += accepted;
      return { accepted, duplicates: 0, rejected: [] };
    },
    knownUntil: async (channel, sinceMs) => Math.max(sinceMs, known.get(channel) ?? 0),
    gaps: async (_channel, startMs, endMs) => [{ startMs, endMs }],
    values: () => values,
    forget: () => known.clear(),
    close: () => log.close(),
  };
}

/** The columns as they are, behind room for the frame of the log. */
function recordOf({ blocks }: ReadingBatch): Uint8Array {
  const octets = blocks.reduce((sum, { value, quality }) => sum + value.byteLength + quality.byteLength, 0);
  const record = new Uint8Array(frameRoom + octets);
  let at = frameRoom;
  for (const { value, quality } of blocks) {
    for (const column of [value, quality]) {
      record.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
      at += column.byteLength;
    }
  }
  return record;
}
