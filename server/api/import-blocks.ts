/** Imported values put in order: one value a slot, runs without gaps as blocks, blocks as batches of bounded size. */
import { createHash } from 'node:crypto';
import type { ReadingBatch, ReadingBlock } from '@wattline/model';
import type { ImportedValue } from './import-rows.ts';

/** A value and the line of the file it stood on. */
export type ImportedLine = ImportedValue & { readonly line: number };

/** Values in one batch at most. */
const mostValues = 100_000;
/** Blocks in one batch at most: a file with a gap after each value makes many. */
const mostBlocks = 10_000;

/** What {@link orderLines} made of the lines of a channel. */
export interface OrderedLines {
  readonly values: readonly ImportedLine[];
  /** The same value for the same slot, once more. */
  readonly repeats: number;
  /** Another value for a slot that has one already: the first one counts. */
  readonly conflicts: readonly ImportedLine[];
}

/** Sorts by time and keeps one value a slot. */
export function orderLines(lines: readonly ImportedLine[]): OrderedLines {
  const sorted = lines.toSorted((a, b) => a.startMs - b.startMs || a.line - b.line);
  const values: ImportedLine[] = [];
  const conflicts: ImportedLine[] = [];
  let repeats = 0;
  for (const line of sorted) {
    const before = values.at(-1);
    if (before?.startMs !== line.startMs) values.push(line);
    else if (before.value === line.value && before.quality === line.quality) repeats++;
    else conflicts.push(line);
  }
  return { values, repeats, conflicts };
}

/** Blocks of a channel; with `intervalSeconds` 0 each value is a register reading of its own. */
export function toBlocks(
  channel: string,
  intervalSeconds: number,
  values: readonly ImportedLine[],
): ReadingBlock[] {
  const blocks: ReadingBlock[] = [];
  let run: ImportedLine[] = [];
  const close = () => {
    const [first] = run;
    if (first) {
      blocks.push({
        channel,
        startMs: first.startMs,
        intervalSeconds,
        value: Float64Array.from(run, (line) => line.value),
        quality: Uint16Array.from(run, (line) => line.quality),
      });
    }
    run = [];
  };
  for (const line of values) {
    const last = run.at(-1);
    const isNext =
      intervalSeconds > 0 && last !== undefined && line.startMs === last.startMs + intervalSeconds * 1000;
    if (!isNext || run.length >= mostValues) close();
    run.push(line);
  }
  close();
  return blocks;
}

/** Batches whose ids are digests of what they hold: the same readings delivered again are known as the same. */
export function toBatches(
  blocks: readonly ReadingBlock[],
  { name, receivedMs }: { readonly name: string; readonly receivedMs: number },
): ReadingBatch[] {
  const batches: ReadingBatch[] = [];
  let held: ReadingBlock[] = [];
  let values = 0;
  const close = () => {
    if (held.length === 0) return;
    const id = `import-${digestOf(held)}`;
    batches.push({ id, origin: { source: 'import', reference: `${name}#${id}` }, receivedMs, blocks: held });
    held = [];
    values = 0;
  };
  for (const block of blocks) {
    if (held.length >= mostBlocks || (values > 0 && values + block.value.length > mostValues)) close();
    held.push(block);
    values += block.value.length;
  }
  close();
  return batches;
}

function digestOf(blocks: readonly ReadingBlock[]): string {
  const hash = createHash('sha256');
  for (const { channel, startMs, intervalSeconds, value, quality } of blocks) {
    hash.update(`${channel} ${startMs} ${intervalSeconds} ${value.length}\n`);
    hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    hash.update(new Uint8Array(quality.buffer, quality.byteOffset, quality.byteLength));
  }
  return hash.digest('hex').slice(0, 32);
}
