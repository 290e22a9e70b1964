/**
 * A seeded world of loss on virtual time: meters behind concentrators over one to three radio hops that lose in bursts, one
 * concentrator down for six hours, 5 % of the meters asleep at any time, 1 % silent for a day. What share of the first day's
 * intervals has come 8, 24 and 72 hours after it ended, and does the ledger know why of every other?
 */
import { seededRandom, type VirtualClock } from '@wattline/base';
import { channelIdOf } from '@wattline/model';
import { stepMs, supply } from './bench-meter.ts';
import { burstyLoss, hopTries, type Way } from './radio-link.ts';
import { openVirtualFleet } from './virtual-fleet.ts';

const startMs = Date.UTC(2026, 0, 10);
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const metersPerConcentrator = 20;

/** Shares of intervals that came in time; `unexplained` are those missing at the end without a cause that the world agrees with. */
export interface CompletenessFigures {
  readonly within8h: number;
  readonly within24h: number;
  /** Every meter of this world can be reached within 72 h. */
  readonly within72h: number;
  readonly intervals: number;
  readonly unexplained: number;
  /** Sessions, and rows of the journal that tell of them: each has one. */
  readonly sessions: number;
  readonly journalled: number;
  readonly lostShare: number;
}

/** Runs the world for some hours, four days when nothing is said, and judges the intervals of the first. */
export async function runWorldOfLoss(
  meters: number,
  seed: string,
  { hours = 96, judgedHours = 24 } = {},
): Promise<CompletenessFigures> {
  const world = createWorldOfLoss(meters, seed);
  const fleet = await openVirtualFleet({
    meters,
    startMs,
    seed,
    policy: {
      ...{ concurrency: 64, routeSessions: 4, visitMs: 2 * hourMs, spreadMs: 50 * 60_000 },
      ...{
        requestTimeoutMs: 20_000,
        dialTimeoutMs: 10_000,
        backoffMs: 120_000,
        backoffMaxMs: hourMs,
        registerDays: 1,
      },
    },
    routeOf: (i) => world.routeOf(i),
    wayOf: (i, clock) => world.wayOf(i, clock),
  });
  const { clock, headend } = fleet;
  headend.startSchedule();
  while (clock.now() < startMs + hours * hourMs) {
    for (const [i, meter] of fleet.meters.entries()) supply(meter, i, clock.now());
    await clock.advance(stepMs);
  }
  const shares = { within8h: 0, within24h: 0, within72h: 0 };
  let intervals = 0;
  for (let i = 0; i < meters; i++) {
    const channel = channelIdOf(`UP-${String(i + 1).padStart(5, '0')}`, 'delivered');
    for (let at = startMs; at < startMs + judgedHours * hourMs; at += stepMs) {
      const lateMs = (fleet.sink.cameMs(channel, at) ?? Number.POSITIVE_INFINITY) - (at + stepMs);
      intervals++;
      if (lateMs <= 8 * hourMs) shares.within8h++;
      if (lateMs <= 24 * hourMs) shares.within24h++;
      if (lateMs <= 72 * hourMs) shares.within72h++;
    }
  }
  const { unexplained } = await explain(fleet, world);
  const { exchanges } = headend.figures();
  const sessions = Object.values(exchanges).reduce((sum, count) => sum + count, 0);
  const journal = await fleet.registry.selectFrom('exchange').select('id').execute();
  await fleet.close();
  return {
    within8h: (100 * shares.within8h) / intervals,
    within24h: (100 * shares.within24h) / intervals,
    within72h: (100 * shares.within72h) / intervals,
    intervals,
    unexplained,
    sessions,
    journalled: new Set(journal.map(({ id }) => id)).size,
    lostShare: world.lostShare(),
  };
}

/** What of everything is missing at the end has a cause that cannot be: a concentrator that stood, a meter that could be read. */
async function explain(
  fleet: Awaited<ReturnType<typeof openVirtualFleet>>,
  world: ReturnType<typeof createWorldOfLoss>,
): Promise<{ readonly unexplained: number }> {
  const { headend, clock } = fleet;
  const period = { startMs, endMs: clock.now() };
  let unexplained = 0;
  for (const [i, meter] of fleet.meters.entries()) {
    for (const stretch of await headend.serviceLevel.missing(meter.spec.serial, period)) {
      const count = (stretch.endMs - stretch.startMs) / stepMs;
      const isTrue =
        stretch.cause === 'concentrator'
          ? world.wasDown(i, stretch.endMs, clock.now())
          : stretch.cause === 'link' || stretch.cause === 'schedule';
      if (!isTrue) unexplained += count;
    }
  }
  return { unexplained };
}

function createWorldOfLoss(meters: number, seed: string) {
  const random = seededRandom(`world of loss ${seed}`);
  const concentrators = Math.ceil(meters / metersPerConcentrator);
  const downFromMs = startMs + 5 * hourMs;
  const concentratorOf = (i: number) => Math.floor(i / metersPerConcentrator);
  const hops = Array.from({ length: meters }, () => 1 + random.below(3));
  const silentFromMs = new Map<number, number>();
  // One in a hundred says nothing for a whole day from some hour of the first on.
  for (let k = 0; k < Math.max(1, Math.round(meters / 100)); k++) {
    silentFromMs.set(random.below(meters), startMs + random.below(24) * hourMs);
  }
  const isAsleep = (i: number, atMs: number) => {
    const hour = Math.floor(atMs / hourMs);
    return seededRandom(`${seed} sleep ${i} ${hour}`).next() < 0.05;
  };
  const isConcentratorDown = (i: number, atMs: number) =>
    concentratorOf(i) === concentrators - 1 && atMs >= downFromMs && atMs < downFromMs + 6 * hourMs;
  const isSilent = (i: number, atMs: number) => {
    const fromMs = silentFromMs.get(i);
    return fromMs !== undefined && atMs >= fromMs && atMs < fromMs + dayMs;
  };
  const cells = new Map<number, ReturnType<typeof burstyLoss>>();
  let tried = 0;
  let lost = 0;
  return {
    routeOf: (i: number) => `DC${concentratorOf(i)}`,
    lostShare: () => lost / Math.max(1, tried),
    wasDown: (i: number, fromMs: number, toMs: number) =>
      concentratorOf(i) === concentrators - 1 && fromMs < downFromMs + 6 * hourMs && toMs > downFromMs,
    wayOf(i: number, clock: VirtualClock): Way {
      const concentrator = concentratorOf(i);
      const cell =
        cells.get(concentrator) ??
        burstyLoss(clock, random.fork(`cell ${concentrator}`), {
          goodMs: 80_000,
          badMs: 20_000,
          goodLoss: 0.05,
          badLoss: 0.6,
        });
      cells.set(concentrator, cell);
      const counted = {
        isLost() {
          tried++;
          const isLost = cell.isLost();
          if (isLost) lost++;
          return isLost;
        },
      };
      return {
        oneWayMs: 100 * (hops[i] as number),
        passMs: () => hopTries(counted, { hops: hops[i] as number, tries: 4, tryMs: 150 }),
        isUp: () => {
          const now = clock.now();
          return !isConcentratorDown(i, now) && !isSilent(i, now) && !isAsleep(i, now);
        },
      };
    },
  };
}
