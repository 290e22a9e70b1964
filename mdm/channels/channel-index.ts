/**
 * The index of what is known: the last snapshot on disk, and the rows that came after it. A channel's state is put
 * together when it is first asked for, so that a start costs what happened since the snapshot, not what is stored.
 */
import { type Log, messageOf } from '@wattline/base';
import type { Disk } from '@wattline/store/log';
import {
  type BlockExtent,
  type BlockExtents,
  daySeconds,
  type KnownBlock,
  type ReadingsStore,
} from '@wattline/store/readings';
import {
  emptyIndexState,
  emptySnapshot,
  type IndexSnapshot,
  type IndexState,
  readSnapshot,
  recordIndex,
  recordState,
  SnapshotWriter,
} from './index-snapshot.ts';
import { indexSlots } from './slot-index.ts';
import { applyPiece, emptyIntervalDay } from './stored-day.ts';

const fileName = 'index.snapshot';
const newFileName = 'index.snapshot.new';

/** Takes away what the index keeps on disk, so that the next start asks the store: after rows were removed there. */
export async function discardIndex(disk: Disk, directory: string): Promise<void> {
  for (const name of [fileName, newFileName]) await disk.remove(disk.join(directory, name));
}

/** Channels packed before others have their turn. */
const channelsPerTurn = 20_000;

/** What the index is opened with. */
export interface ChannelIndexOptions {
  readonly store: ReadingsStore;
  readonly disk: Disk;
  readonly directory: string;
  readonly logger: Log;
  /** The store's newest batch. */
  readonly lastBatch: number;
  /** False when what was acknowledged may not have reached the store whole: then no snapshot is believed. */
  readonly isTrusted: boolean;
}

/** What is read of the store beyond the snapshot. */
interface Since {
  readonly extents: BlockExtents;
  readonly patched: ReadonlyMap<number, readonly KnownBlock[]>;
  readonly verdicts: ReadonlyMap<number, number>;
}

/** The index of one store. */
export class ChannelIndex {
  private readonly options: ChannelIndexOptions;
  private snapshot: IndexSnapshot;
  private since: Since;
  /** States in use: they are ahead of snapshot and rows. */
  private readonly live = new Map<number, IndexState>();
  /** Whether the snapshot found on opening holds all that the store holds. */
  readonly isCurrent: boolean;

  private constructor(options: ChannelIndexOptions, snapshot: IndexSnapshot, since: Since) {
    this.options = options;
    this.snapshot = snapshot;
    this.since = since;
    this.isCurrent = snapshot.position === options.lastBatch;
  }

  /** Reads the snapshot, if it may be believed, and what the store got after it. */
  static async open(options: ChannelIndexOptions): Promise<ChannelIndex> {
    const { store, disk, directory } = options;
    await disk.makeDirectory(directory);
    const snapshot = options.isTrusted ? await believed(options) : emptySnapshot;
    const [extents, blocks, verdicts] = await Promise.all([
      store.extents(snapshot.position),
      store.patchedBlocks(snapshot.position),
      store.lastVerdictStarts(snapshot.position),
    ]);
    return new ChannelIndex(options, snapshot, {
      extents,
      patched: Map.groupBy(blocks, (block) => block.channel),
      verdicts: new Map(verdicts.map(({ channel, start }) => [channel, start])),
    });
  }

  /** The state of a channel, the same object every time. */
  stateOf(number: number): IndexState {
    let state = this.live.get(number);
    if (!state) {
      state = this.assemble(number);
      this.live.set(number, state);
    }
    return state;
  }

  /**
   * Writes a snapshot. `position` is taken before: all batches up to it are entered. What is entered while channels are
   * packed may be in it already; `lastBatch` is asked afterwards and names the newest of that.
   */
  async write(position: number, lastBatch: () => number): Promise<void> {
    const writer = new SnapshotWriter();
    let packed = 0;
    for (const number of this.allNumbers()) {
      this.pack(writer, number);
      if (++packed % channelsPerTurn === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const { parts, snapshot } = writer.finish(position, lastBatch());
    await this.replaceFile(parts);
    this.snapshot = snapshot;
    this.since = nothingSince;
  }

  private allNumbers(): number[] {
    const numbers = new Set<number>(this.snapshot.numbers);
    for (const number of this.since.extents.channels()) numbers.add(number);
    for (const number of this.since.verdicts.keys()) numbers.add(number);
    for (const number of this.live.keys()) numbers.add(number);
    return [...numbers].sort((a, b) => a - b);
  }

  private pack(writer: SnapshotWriter, number: number): void {
    const { snapshot } = this;
    const state = this.live.get(number);
    if (state) {
      writer.add(number, state);
      return;
    }
    const index = recordIndex(snapshot, number);
    const isUnchanged =
      index >= 0 && !this.since.verdicts.has(number) && this.since.extents.of(number).length === 0;
    if (isUnchanged) writer.copy(snapshot, index);
    else writer.add(number, this.assemble(number));
  }

  private assemble(number: number): IndexState {
    const index = recordIndex(this.snapshot, number);
    const state = index < 0 ? emptyIndexState() : recordState(this.snapshot, index);
    const extents = this.since.extents.of(number);
    for (const extent of extents) addExtent(state, extent);
    const blocks = this.since.patched.get(number);
    if (blocks) addPatchedDays(state, extents, blocks);
    state.lastVerdict = Math.max(
      state.lastVerdict,
      this.since.verdicts.get(number) ?? Number.NEGATIVE_INFINITY,
    );
    return state;
  }

  /** A cut at any moment leaves the old file or the new one; half of a new one is not of its name. */
  private async replaceFile(parts: readonly Uint8Array[]): Promise<void> {
    const { disk, directory } = this.options;
    const fresh = disk.join(directory, newFileName);
    await disk.remove(fresh);
    const file = await disk.create(fresh);
    try {
      await file.append(parts);
      await file.sync();
    } finally {
      await file.close();
    }
    await disk.rename(fresh, disk.join(directory, fileName));
    await disk.syncDirectory(directory);
  }
}

const nothingSince: Since = {
  extents: { channels: () => [], of: () => [] },
  patched: new Map(),
  verdicts: new Map(),
};

/** The snapshot on disk when it is whole and says nothing that the store does not hold; else an empty one. */
async function believed({ disk, directory, logger, lastBatch }: ChannelIndexOptions): Promise<IndexSnapshot> {
  if (!(await disk.list(directory)).includes(fileName)) return emptySnapshot;
  const path = disk.join(directory, fileName);
  try {
    const snapshot = readSnapshot(await disk.read(path));
    if (snapshot && snapshot.lastBatch <= lastBatch) return snapshot;
    const reason = snapshot
      ? `it knows batch ${snapshot.lastBatch}, the store ${lastBatch}`
      : 'it is damaged';
    logger.warn({ path, reason }, 'the index is built from the rows of the store');
  } catch (error) {
    logger.warn({ path, reason: messageOf(error) }, 'the index is built from the rows of the store');
  }
  return emptySnapshot;
}

/** Intervals lie on a grid from the channel's phase on, so a start tells the phase. */
function dayOf(extent: { readonly start: number; readonly intervalSeconds: number }): number {
  const phase = extent.intervalSeconds > 0 ? extent.start % extent.intervalSeconds : 0;
  return Math.floor((extent.start - phase) / daySeconds);
}

function isPatched({ held, slots, isDerived }: BlockExtent): boolean {
  return isDerived || held < slots;
}

function addExtent(state: IndexState, extent: BlockExtent): void {
  const day = dayOf(extent);
  state.held.add(day, day + 1);
  const { start, slots, intervalSeconds } = extent;
  if (intervalSeconds > 0 && !isPatched(extent)) state.known.add(start, start + slots * intervalSeconds);
}

/** Whether a stretch alone does not tell how its day stands: what came late takes the place of estimates. */
function isLaidOut(state: IndexState, extent: BlockExtent): boolean {
  const { start, slots, intervalSeconds } = extent;
  if (intervalSeconds === 0) return false;
  return isPatched(extent) || state.estimated.overlaps(start, start + slots * intervalSeconds);
}

/** Days with holes or with something derived are laid out slot by slot, from all blocks they have. */
function addPatchedDays(
  state: IndexState,
  extents: readonly BlockExtent[],
  blocks: readonly KnownBlock[],
): void {
  const days = new Set(extents.filter((extent) => isLaidOut(state, extent)).map(dayOf));
  for (const number of days) {
    const ofDay = blocks.filter((block) => dayOf(block) === number);
    const first = ofDay[0];
    if (!first) continue;
    const { intervalSeconds } = first;
    const start = number * daySeconds + (first.start % intervalSeconds);
    const day = emptyIntervalDay(start, daySeconds / intervalSeconds);
    for (const block of ofDay) applyPiece(day, block);
    indexSlots({ ...state, missing: null, intervalSeconds }, day, 0, day.value.length);
  }
}
