/** What an earlier run left behind: segments read back, torn tails cut, damaged files set aside. */
import { fileError, type StoreErrorCode, storeError } from '../errors.ts';
import type { Disk } from './disk.ts';
import { scanSegment } from './frame.ts';

/** A segment that takes no more records. */
export interface SealedSegment {
  readonly path: string;
  readonly sequence: number;
  readonly octets: number;
}

/** A sealed segment of an earlier run with its records, frame included. */
export interface RecoveredSegment extends SealedSegment {
  readonly records: readonly Uint8Array[];
}

/** Something found wrong on opening; data, for the log of the system and its operator. */
export interface LogFinding {
  readonly code: Extract<StoreErrorCode, 'store/log-damaged' | 'store/log-torn-tail'>;
  readonly path: string;
  readonly offset: number;
  readonly octets: number;
  readonly message: string;
}

/** All that was found. */
export interface Recovery {
  readonly segments: readonly RecoveredSegment[];
  readonly findings: readonly LogFinding[];
}

const segmentName = /^(\d{12})\.wal$/;

/** The file name of a segment: its place in the order, so that names sort. */
export function segmentFile(sequence: number): string {
  return `${String(sequence).padStart(12, '0')}.wal`;
}

/**
 * Reads all segments in order. A torn tail of the last one is cut off: it was never acknowledged. Damage elsewhere is
 * reported, the file copied to `<name>.damaged`, and its whole records kept.
 */
export async function recoverSegments(disk: Disk, directory: string): Promise<Recovery> {
  const names = (await disk.list(directory)).filter((name) => segmentName.test(name)).sort();
  const segments: RecoveredSegment[] = [];
  const findings: LogFinding[] = [];
  for (const [index, name] of names.entries()) {
    const path = disk.join(directory, name);
    const octets = await disk.read(path);
    const scan = scanSegment(octets);
    // Only the last segment can hold writes that were never synced; what follows the first of them was not either.
    const isLast = index === names.length - 1;
    const torn = isLast ? scan.damages.find((damage) => !damage.wasSynced) : undefined;
    const records = torn ? scan.records.slice(0, torn.recordsBefore) : scan.records;
    const damaged = scan.damages.filter((damage) => !torn || damage.offset < torn.offset);
    for (const damage of damaged) findings.push(findingOf('store/log-damaged', path, damage));
    if (torn) {
      const tail = { offset: torn.offset, octets: octets.length - torn.offset };
      findings.push(findingOf('store/log-torn-tail', path, tail));
    }
    try {
      if (damaged.length > 0) await rewrite({ disk, directory, path, octets, records });
      // After a kill without a power cut the tail may stand in memory only: the truncation syncs it as well.
      else if (isLast) await disk.truncate(path, torn?.offset ?? octets.length);
    } catch (error) {
      throw fileError(error, path, 'store/sync-failed');
    }
    const length = records.reduce((sum, record) => sum + record.length, 0);
    const sequence = Number(segmentName.exec(name)?.[1]);
    segments.push({ path, sequence, octets: length, records });
  }
  return { segments, findings };
}

function findingOf(
  code: LogFinding['code'],
  path: string,
  { offset, octets }: { readonly offset: number; readonly octets: number },
): LogFinding {
  const particulars = `${octets} octets at offset ${offset} of ${path}`;
  return { code, path, offset, octets, message: storeError(code, particulars).message };
}

interface Rewrite {
  readonly disk: Disk;
  readonly directory: string;
  readonly path: string;
  readonly octets: Uint8Array;
  readonly records: readonly Uint8Array[];
}

/** Puts a clean file in the damaged one's place; a cut in between leaves one or the other. */
async function rewrite({ disk, directory, path, octets, records }: Rewrite): Promise<void> {
  await writeWhole(disk, `${path}.damaged`, [octets]);
  await writeWhole(disk, `${path}.clean`, records);
  await disk.rename(`${path}.clean`, path);
  await disk.syncDirectory(directory);
}

async function writeWhole(disk: Disk, path: string, parts: readonly Uint8Array[]): Promise<void> {
  await disk.remove(path);
  const file = await disk.create(path);
  await file.append(parts);
  await file.sync();
  await file.close();
}
