/** Meter data management: what goes in, what is kept, what may be asked. */
import type { Period } from '@wattline/base';
import type { ChannelId, ReadingProgress, ReadingSink, ReadingSource } from '@wattline/model';
import type { Aggregation, VirtualMeters } from './aggregation/index.ts';
import type { Assets } from './assets/assets.ts';
import type { GridIndex } from './assets/grid-index.ts';
import type { Rollout } from './assets/install-orders.ts';
import type { RegisterCourse } from './assets/register-course.ts';
import type { ChangeFeed } from './distribution/change-feed.ts';
import type { ExchangeDesk } from './distribution/exchange-desk.ts';
import type { Editor } from './editing/editor.ts';
import type { ManualReads } from './editing/manual-reads.ts';
import type { Worklist } from './editing/worklist.ts';
import type { Weather } from './estimation/weather.ts';
import type { StorageTrouble } from './ingest/storage-watch.ts';
import type { IntervalReasons } from './queries/explanation.ts';
import type { PieceSource, RegisterSource } from './queries/reading-queries.ts';

/** Counts of interval slots of one local day over all channels of kind `delivered`. */
export interface DayCompleteness {
  readonly date: string;
  readonly expected: number;
  /** Measured and not missing, late ones included. */
  readonly received: number;
  readonly estimated: number;
  readonly missing: number;
}

/** Figures since start, for /metrics and the town's summary. */
export interface MdmFigures {
  readonly readingsStored: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly verdictsFailed: number;
  readonly estimates: number;
  /** Milliseconds spent from first append to stored, for readings per second. */
  readonly busyMs: number;
}

/** The room's door. */
export interface Mdm extends ReadingSink, ReadingProgress, ReadingSource, PieceSource, RegisterSource {
  /**
   * Validates and estimates what is due in `period` for a usage point: marks missing slots, checks sums against
   * registers, estimates what may be estimated. Idempotent: a second run changes nothing when nothing new came.
   */
  review(usagePointId: string, period: Period): Promise<void>;
  /** Resolves when everything acknowledged is validated and queryable. */
  settled(): Promise<void>;
  /** How a register ran over exchanges, resets and rollovers, as known at an instant (default: now). */
  course(channel: ChannelId, asOfMs?: number): Promise<RegisterCourse>;
  /** Completeness by local day of `zone` for days touching `period`. */
  completeness(period: Period, zone: string): Promise<readonly DayCompleteness[]>;
  /** Versions and verdicts of an interval with a sentence for each: why it has the value it has. */
  explainInterval(channel: ChannelId, startMs: number): Promise<IntervalReasons>;
  /** Questions about many readings at once. */
  readonly aggregation: Aggregation;
  /** Virtual meters by name. */
  readonly virtualMeters: VirtualMeters;
  /** Assets over time and the commands that change them. */
  readonly assets: Assets;
  readonly rollout: Rollout;
  /** Which transformer of a feeder each meter hangs on. */
  readonly indexConsumers: GridIndex;
  /** Edits by people. */
  readonly editor: Editor;
  /** Temperatures by date. */
  readonly weather: Weather;
  /** Register reads typed in. */
  readonly manualReads: ManualReads;
  /** What people must look at. */
  readonly worklist: Worklist;
  /** Files in and out. */
  readonly exchange: ExchangeDesk;
  /** Changes for systems downstream. */
  readonly feed: ChangeFeed;
  figures(): MdmFigures;
  /** What keeps readings from the log or the store at present; null when nothing does. */
  trouble(): StorageTrouble | null;
  close(): Promise<void>;
}
