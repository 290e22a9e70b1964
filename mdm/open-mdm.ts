/** Opens meter data management: the store, what the log still holds, the index, then ingest and reviews. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, CodedError, codeOf, type Log, messageOf } from '@wattline/base';
import type { AttemptHistory, EventSink, IngestReceipt, ReadingBatch } from '@wattline/model';
import { type Disk, machineDisk, openWriteAheadLog, type WriteAheadLog } from '@wattline/store/log';
import {
  openReadingsStore,
  type ReadingsStore,
  type ServerSettings,
  type StoredBatch,
} from '@wattline/store/readings';
import type { Registry } from '@wattline/store/registry';
import { createAggregation } from './aggregation/aggregation.ts';
import { createVirtualMeters } from './aggregation/virtual-meters.ts';
import { AssetFacts } from './assets/asset-facts.ts';
import { openAssets } from './assets/assets.ts';
import { createGridIndex } from './assets/grid-index.ts';
import { createRollout } from './assets/install-orders.ts';
import { storeDayOf } from './channels/channel.ts';
import { ChannelDirectory } from './channels/channel-directory.ts';
import { ChannelIndex, discardIndex } from './channels/channel-index.ts';
import { ChannelLocks } from './channels/channel-locks.ts';
import { DayCache } from './channels/day-cache.ts';
import { IntervalLengths } from './channels/interval-lengths.ts';
import { LocalDays } from './channels/local-days.ts';
import { RecentMap } from './channels/recent-map.ts';
import { createSnapshots, type Snapshots } from './channels/snapshots.ts';
import { createChangeFeed, type Post } from './distribution/change-feed.ts';
import { createExchangeDesk } from './distribution/exchange-desk.ts';
import { postOverHttp } from './distribution/webhook.ts';
import { createEditor } from './editing/editor.ts';
import { createManualReads } from './editing/manual-reads.ts';
import { createWorklist } from './editing/worklist.ts';
import { mdmError } from './errors.ts';
import { openWeather } from './estimation/weather.ts';
import { BusyTime } from './ingest/busy-time.ts';
import { createIngest, idsRemembered } from './ingest/ingest.ts';
import { Ledger } from './ingest/ledger.ts';
import { StorageWatch } from './ingest/storage-watch.ts';
import type { Mdm } from './mdm.ts';
import { policyOf, type RulePack, rulePacks } from './packs/index.ts';
import { StandingPacks } from './packs/standing-packs.ts';
import type { MdmPolicy } from './policy.ts';
import { completenessOf } from './queries/completeness.ts';
import { explainInterval } from './queries/explanation.ts';
import { createQueries } from './queries/reading-queries.ts';
import { DayReviews } from './review/day-reviews.ts';
import { registryAttempts } from './review/registry-attempts.ts';
import { Reviewer } from './review/reviewer.ts';
import { VerdictMemory } from './review/verdict-memory.ts';

const genericPack = rulePacks[0] as RulePack;

export interface MdmOptions {
  /** Directory of the log and of the embedded store; made when absent. */
  readonly directory: string;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: EventSink;
  /** Thresholds of a region; the generic ones when left out. `policy` goes over them. */
  readonly rulePack?: RulePack;
  readonly policy?: Partial<MdmPolicy>;
  /** How changes are posted to subscribers; by HTTP when left out. */
  readonly post?: Post;
  /** Mean outdoor temperature of a local date at a usage point, degrees Celsius; where it says nothing, the temperatures that were imported. */
  readonly temperature?: (usagePointId: string, date: string) => number | null;
  /** How often meters were asked; the head-end's journal in the registry when left out. */
  readonly attempts?: AttemptHistory;
  /** Told of points where a meter was exchanged or removed, or that was taken back: the head-end stops or starts asking. */
  readonly onMeter?: (usagePointId: string) => Promise<void>;
  /** Where the log is written; the machine's disk when left out. The store reads sealed segments from the same paths. */
  readonly disk?: Disk;
  /** A ClickHouse server or cluster; the embedded one when left out. */
  readonly readingsServer?: ServerSettings;
}

/**
 * Opens meter data management in a directory that no other process uses.
 * @throws CodedError of the store: `store/read-only`, `store/disk-full`, `store/engine-busy`, `store/engine-missing`
 */
export async function openMdm(options: MdmOptions): Promise<Mdm> {
  const { directory, log: logger } = options;
  await makeDirectory(directory);
  const log = await openWriteAheadLog({
    directory: join(directory, 'log'),
    disk: options.disk ?? machineDisk(),
  });
  for (const finding of log.recovery.findings)
    logger.error({ ...finding }, 'the write-ahead log was repaired');
  let store: ReadingsStore | undefined;
  try {
    const server = options.readingsServer;
    store = await openReadingsStore({
      directory: join(directory, 'store'),
      ...(server ? { server } : {}),
      log: logger,
    });
    return await assemble(options, log, store);
  } catch (error) {
    await store?.close();
    await log.close();
    throw error;
  }
}

async function assemble(options: MdmOptions, log: WriteAheadLog, store: ReadingsStore): Promise<Mdm> {
  const { clock, events, log: logger, registry } = options;
  const configured = options.rulePack ?? genericPack;
  const policy = policyOf(configured, options.policy);
  const counts = { readingsStored: 0, duplicates: 0, rejected: 0, verdictsFailed: 0, estimates: 0 };
  const disk = options.disk ?? machineDisk();
  const cache = new DayCache(store, policy.cacheOctets);
  const locks = new ChannelLocks();
  const busy = new BusyTime(clock);
  let oldestUnreviewed = () => 0;
  let snapshots: Snapshots | undefined;
  const storedListeners = new Set<() => void>();
  const watch = new StorageWatch({ clock, logger });
  const ledger = new Ledger({
    log,
    store,
    clock,
    busy,
    watch,
    backlogOctets: policy.backlogOctets,
    oldestUnreviewed: () => oldestUnreviewed(),
    onStored: (batch) => {
      cache.trim(batch);
      snapshots?.offer();
      for (const listener of storedListeners) listener();
    },
  });
  const recovered = await ledger.recover();
  const tail = await store.tail(idsRemembered);
  ledger.continueAfter(tail);
  const index = await ChannelIndex.open({
    store,
    disk,
    directory: indexIn(options.directory),
    logger,
    lastBatch: tail.batch,
    isTrusted: log.recovery.findings.every(({ code }) => code !== 'store/log-damaged'),
  });
  snapshots = createSnapshots({ index, ledger, logger, every: policy.snapshotBlocks });
  const facts = new AssetFacts(registry, clock);
  const lengths = await IntervalLengths.open(facts);
  const packs = await StandingPacks.open(facts, configured, options.policy ?? {});
  const weather = await openWeather(registry);
  const directory = new ChannelDirectory(registry, index, lengths);
  const worklist = createWorklist({ registry, clock });
  const assets = await openAssets({
    registry,
    clock,
    ingest: (batch) => mdm.ingest(batch),
    measured: (channel, period) => queries.series(channel, period),
    register: (channel, atMs) => queries.register(channel, atMs),
    onGrid: () => aggregation.gridChanged(),
    onMeter: async (usagePointId) => options.onMeter?.(usagePointId),
    lengths,
    onLength: async (id) => {
      await directory.resolve([id]);
      await directory.lengthsChanged(id);
      const channel = directory.find(id);
      for (const part of channel?.parts ?? (channel ? [channel] : []))
        part.settled.remove(0, Number.POSITIVE_INFINITY);
    },
    packs,
    onPack: async (usagePointId, { startMs, endMs }) => {
      const channels = await directory.ofUsagePoint(usagePointId);
      const span = { start: startMs / 1000, end: endMs / 1000 };
      for (const { settled } of channels) settled.remove(span.start, span.end);
      await reviewer.review(channels, span);
    },
    onCourse: async (id, { startMs, endMs }) => {
      await directory.resolve([id]);
      const register = directory.find(id);
      if (!register?.isRegister) return;
      const { days } = register;
      const start = days.of(startMs / 1000).start;
      // The day that still runs is judged when it is over, by what is known then.
      const end = Math.min(days.of((endMs - 1) / 1000).end, days.of(clock.now() / 1000).start);
      if (start >= end) return;
      const intervals = directory.intervalsOf(register);
      for (const part of intervals) part.settled.remove(start, end);
      await reviewer.review(intervals, { start, end });
    },
  });
  const days = new DayReviews({
    directory,
    cache,
    ledger,
    locks,
    store,
    verdicts: new VerdictMemory(store),
    policyAt: (usagePointId, second) => packs.policyAt(usagePointId, second),
    peakDays: Math.max(...[configured, ...rulePacks].map((pack) => policyOf(pack, options.policy).spikeDays)),
    tasks: worklist,
    courseOf: (channel) => assets.courseOf(channel),
    beside: {
      temperature: (channel, date) => options.temperature?.(channel.usagePointId, date) ?? weather.on(date),
      neighbours: (channel) => directory.neighboursOf(channel, policy.neighbours),
    },
    attempts: options.attempts ?? registryAttempts(registry),
    clock,
    events,
    logger,
    counts,
  });
  const reviewer = new Reviewer({ directory, days, logger, busy });
  await directory.resolveNumbers(recovered.flatMap(({ blocks }) => blocks.map((block) => block.channel)));
  for (const batch of recovered) touchAgain(directory, reviewer, batch);
  oldestUnreviewed = () => reviewer.oldestBatch();

  const recentIds = new RecentMap<string, true>(2 * idsRemembered);
  for (const id of tail.ids) recentIds.set(id, true);
  const tracked = new Set<Promise<void>>();
  const track = (work: Promise<void>) => {
    tracked.add(work);
    void work.finally(() => tracked.delete(work));
  };
  const ingest = createIngest({
    directory,
    cache,
    ledger,
    locks,
    reviewer,
    policy,
    clock,
    events,
    logger,
    counts,
    recentIds,
    scaled: (block) => assets.scaled(block),
    track,
  });
  const queries = createQueries({ directory, cache, ledger, locks, store });
  const editor = createEditor({
    registry,
    directory,
    cache,
    ledger,
    locks,
    clock,
    onEdited: (channel, span, batch) => {
      channel.settled.remove(channel.days.of(span.start).start, span.end);
      reviewer.touch(channel, span, batch);
    },
  });
  const exchange = createExchangeDesk({
    registry,
    clock,
    ingest: (batch) => mdm.ingest(batch),
    source: queries,
    meterAt: async (usagePointId, atMs) => (await assets.seen(usagePointId, { atMs })).meter,
  });
  const feed = createChangeFeed({
    store,
    ledger,
    directory,
    registry,
    clock,
    logger,
    post: options.post ?? postOverHttp,
    whenStored: (listener) => {
      storedListeners.add(listener);
      return () => storedListeners.delete(listener);
    },
  });
  const aggregation = createAggregation({
    store,
    cache,
    ledger,
    directory,
    registry,
    facts,
    lengths,
    source: queries,
  });
  let isOpen = true;
  const inFlight = new Set<Promise<unknown>>();

  async function settled(): Promise<void> {
    while (inFlight.size > 0 || tracked.size > 0 || !reviewer.isIdle) {
      await Promise.allSettled([...inFlight, ...tracked]);
      await reviewer.idle();
    }
    await ledger.flush();
    await ledger.prune();
  }

  /** Files keep what they were refused themselves; what meters were refused waits too, and an ingest never fails for that. */
  async function keepRefused(batch: ReadingBatch, receipt: IngestReceipt): Promise<IngestReceipt> {
    const { source, reference } = batch.origin;
    if (receipt.rejected.length === 0 || (source !== 'dlms' && source !== 'push')) return receipt;
    const origin = { name: reference, format: source, receivedMs: batch.receivedMs };
    await exchange.keepOfMeters(origin, receipt).catch((error: unknown) => {
      logger.error({ batch: batch.id, error: messageOf(error) }, 'the quarantine took nothing');
    });
    return receipt;
  }

  const manualReads = createManualReads({
    clock,
    ingest: (batch) => mdm.ingest(batch),
    reads: queries.reads,
    courseOf: (channel) => assets.courseOf(channel),
  });
  const mdm: Mdm = {
    ...queries,
    course: assets.course,
    aggregation,
    weather,
    manualReads,
    virtualMeters: createVirtualMeters({
      facts,
      clock,
      hasChannel: async (id) => {
        await directory.resolve([id]);
        return directory.find(id) !== undefined;
      },
    }),
    editor,
    exchange,
    feed,
    worklist,
    assets,
    indexConsumers: createGridIndex({ registry, series: queries.series }),
    rollout: createRollout({ registry, clock, assets, manualReads }),
    ingest(batch) {
      if (!isOpen) return Promise.reject(mdmError('mdm/closed', batch.id));
      const work = busy.during(() => ingest(batch)).then((receipt) => keepRefused(batch, receipt));
      const kept: Promise<unknown> = work.catch(() => {}).finally(() => inFlight.delete(kept));
      inFlight.add(kept);
      return work;
    },
    async review(usagePointId, period) {
      if (!isOpen) throw mdmError('mdm/closed', usagePointId);
      const channels = await directory.ofUsagePoint(usagePointId);
      await reviewer.review(channels, { start: period.startMs / 1000, end: period.endMs / 1000 });
    },
    settled,
    explainInterval: (channel, startMs) => explainInterval(queries, channel, startMs),
    async completeness(period, zone) {
      await directory.loadAll();
      return completenessOf(directory.all(), period, new LocalDays(zone), clock.now() / 1000);
    },
    figures: () => ({ ...counts, busyMs: busy.ms() }),
    trouble: () => watch.trouble,
    async close() {
      if (!isOpen) return;
      isOpen = false;
      try {
        await settled();
        await snapshots?.finish();
        await ledger.close();
      } catch (error) {
        logger.error({ error: messageOf(error) }, 'readings stay in the log until the next start');
        await log.close();
      } finally {
        await store.close();
      }
    },
  };
  return mdm;
}

/** Days of a batch that an earlier run left in the log: their review may not have been written. */
function touchAgain(directory: ChannelDirectory, reviewer: Reviewer, batch: StoredBatch): void {
  for (const block of batch.blocks) {
    const channel = directory.withNumber(block.channel);
    if (!channel || block.method !== '') continue;
    const end = block.start + Math.max(1, block.value.length * block.intervalSeconds);
    if (channel.held.has(storeDayOf(channel, block.start))) {
      reviewer.touch(channel, { start: block.start, end }, batch.batch);
    }
  }
}

function indexIn(directory: string): string {
  return join(directory, 'index');
}

/** Makes the next {@link openMdm} in `directory` ask the store for all it holds: after rows were removed there. */
export async function discardReadingsIndex(directory: string): Promise<void> {
  await discardIndex(machineDisk(), indexIn(directory));
}

async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
  } catch (error) {
    const what = `The directory ${directory} cannot be made: ${messageOf(error)}; make its parent writable or choose another.`;
    const code = codeOf(error) === 'ENOSPC' ? 'store/disk-full' : 'store/read-only';
    throw new CodedError(code, what, { directory }, error);
  }
}
