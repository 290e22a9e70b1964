/**
 * Determinants, totals, balances, power and differences against a slow reckoning slot by slot, over random deliveries, late and corrected values, holes,
 * estimates, edits, exchanged meters, moved customers and changed interval lengths, where the clocks change by an hour and by half of one.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import { localDay, type Period, type Random, seededRandom, virtualClock } from '@wattline/base';
import { quality, type TouSwitch } from '@wattline/model';
import { PlainChannel, type PlainPart, plainDeterminants, plainRates } from '../fixture/plain-history.ts';
import { addUsagePoint, batchOf, intervals, openTrial, registerAt, type Trial } from '../fixture/trial.ts';
import { differenceOf, type NodeBalance } from './index.ts';

const said = { author: 'Asha', reason: 'because' };
const hourMs = 3_600_000;
const types = ['delivered', 'received'] as const;
/** Worlds more than the one: `WATTLINE_RECKONINGS=50` looks longer. */
const worlds = Number(process.env.WATTLINE_RECKONINGS ?? 1);
/** Steps of a world: few where every run of the tests pays for them. */
const turns = worlds > 1 ? 9 : 4;

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri'] as const;
const weekend = ['sat', 'sun'] as const;
/** Rates change in the hour that comes twice too, and on Sundays, when the clocks change. */
const calendarOfRates: readonly TouSwitch[] = [
  { days: [...weekdays, ...weekend], from: '00:00', rate: 1 },
  { days: [...weekdays, ...weekend], from: '01:00', rate: 5 },
  { days: [...weekdays, ...weekend], from: '02:30', rate: 2 },
  { days: weekend, from: '07:30', rate: 3 },
  { days: weekdays, from: '16:00', rate: 4 },
  { days: [...weekdays, ...weekend], from: '19:00', rate: 1 },
];

interface Setting {
  readonly zone: string;
  /** Days about the clock changes of the year. */
  readonly dates: readonly string[];
  /** Which of them is longer than 24 hours. */
  readonly longDay: number;
  /** Interval lengths of the points. */
  readonly seconds: readonly number[];
}

const settings: readonly Setting[] = [
  {
    zone: 'Europe/Berlin',
    dates: ['2026-03-28', '2026-03-29', '2026-03-30', '2026-10-24', '2026-10-25', '2026-10-26'],
    longDay: 4,
    seconds: [900, 1800, 3600, 300],
  },
  {
    zone: 'Australia/Lord_Howe',
    dates: ['2026-04-04', '2026-04-05', '2026-04-06', '2026-10-03', '2026-10-04', '2026-10-05'],
    longDay: 1,
    seconds: [900, 1800, 1800, 300],
  },
];

/** A town of four points: the second changes its interval length and the third its feeder in the course of a clock-change day. */
class World {
  readonly setting: Setting;
  readonly random: Random;
  readonly trial: Trial;
  readonly channels = new Map<string, PlainChannel>();
  readonly marks: number[] = [];
  readonly movedMs: number;
  readonly rateAt: (atMs: number) => number;
  private readonly clock;
  private batch = 0;

  constructor(setting: Setting, random: Random, trial: Trial, clock: ReturnType<typeof virtualClock>) {
    this.setting = setting;
    this.random = random;
    this.trial = trial;
    this.clock = clock;
    this.rateAt = plainRates(calendarOfRates, setting.zone);
    this.movedMs = this.day(4).startMs + 7 * hourMs;
  }

  day(index: number): Period {
    return localDay(this.setting.dates[index] as string, this.setting.zone);
  }

  nodeOf(point: number, atMs: number): string {
    if (point === 3 && atMs >= this.movedMs) return 'F2';
    return point === 4 ? 'F2' : 'F';
  }

  async build(): Promise<void> {
    const { seconds, zone, longDay } = this.setting;
    // What is left of that day has 24 hours, but not those of the clock.
    const changedMs = this.day(longDay).endMs - 24 * hourMs;
    for (const [index, intervalSeconds] of seconds.entries()) {
      const id = `P${index + 1}`;
      await addUsagePoint(this.trial.registry, id, {
        zone,
        intervalSeconds,
        installedMs: this.day(0).startMs,
      });
      const parts: PlainPart[] = [{ fromMs: 0, seconds: intervalSeconds }];
      if (index === 1) parts.push({ fromMs: changedMs, seconds: 900 });
      for (const type of types) this.channels.set(`${id}/${type}`, new PlainChannel(`${id}/${type}`, parts));
    }
    await this.trial.registry
      .updateTable('usage_point')
      .set({ feeder: 'F2' })
      .where('id', '=', 'P4')
      .execute();
    const { assets } = this.trial.mdm;
    await assets.setIntervalLength('P2', { fromMs: changedMs, seconds: 900 }, said);
    await assets.move('P3', { fromMs: this.movedMs, feeder: 'F2' }, said);
  }

  /** A delivery, a review, an edit or an exchange of the meter. */
  async turn(): Promise<void> {
    const { random, trial } = this;
    const point = 1 + random.below(4);
    const what = random.below(8);
    if (what === 0) await trial.mdm.review(`P${point}`, this.day(random.below(6)));
    else if (what === 1) await this.edit(point);
    else if (what === 2) await this.exchange(point);
    else for (let count = 0; count < 3; count++) await this.deliver(1 + random.below(4));
    await trial.mdm.settled();
    for (const channel of this.channels.values()) {
      for (let index = 0; index < 6; index++)
        channel.adopt(await trial.mdm.pieces(channel.id, this.day(index)));
    }
    await this.clock.advance(1000);
    const { asOfMs } = await trial.mdm.series('P1/delivered', this.day(0));
    if (this.marks.at(-1) === asOfMs) return;
    this.marks.push(asOfMs);
    for (const channel of this.channels.values()) channel.mark(asOfMs);
  }

  private channelOf(point: number): PlainChannel {
    return this.channels.get(`P${point}/${types[this.random.below(2)]}`) as PlainChannel;
  }

  /** A day of a channel or a piece of it, with holes, in one block a length; now and then with registers that leave room for estimates. */
  private async deliver(point: number): Promise<void> {
    const { random } = this;
    const channel = this.channelOf(point);
    const { startMs, endMs } = this.day(random.below(6));
    const isHoley = random.below(2) === 0;
    const starts = [...channel.starts({ startMs, endMs })];
    const from = random.below(3) === 0 ? random.below(starts.length) : 0;
    const blocks = new Map<number, { first: number; values: (number | null)[] }>();
    for (const atMs of starts.slice(from)) {
      const value = isHoley && random.below(6) === 0 ? null : random.below(900);
      blocks
        .getOrInsertComputed(channel.secondsAt(atMs), () => ({ first: atMs, values: [] }))
        .values.push(value);
    }
    const told = [...blocks].map(([intervalSeconds, { first, values }]) =>
      intervals(channel.id, first, values, { intervalSeconds }),
    );
    const registers =
      random.below(3) === 0
        ? [
            registerAt(`${channel.id}-total`, startMs, 100_000),
            registerAt(`${channel.id}-total`, endMs, 190_000),
          ]
        : [];
    const receipt = await this.trial.mdm.ingest(batchOf(`${this.batch++}`, ...told, ...registers));
    assert.deepEqual(receipt.rejected, []);
    for (const [seconds, { first, values }] of blocks)
      values.forEach((value, slot) => {
        if (value !== null) channel.deliver(first + slot * seconds * 1000, value);
      });
  }

  private async edit(point: number): Promise<void> {
    const { random } = this;
    const channel = this.channelOf(point);
    // Past the instant at which an interval length changes: an edit does not go across it.
    const startMs = this.day(random.below(6)).startMs + 2 * hourMs;
    const values = [random.below(500), null, random.below(500), random.below(500)];
    await this.trial.mdm.editor.edit({ channel: channel.id, startMs, values, ...said });
    const seconds = channel.secondsAt(startMs);
    values.forEach((value, slot) => {
      if (value !== null) channel.edit(startMs + slot * seconds * 1000, value);
    });
  }

  /** A new meter at some minute: registers begin anew, intervals go on. */
  private async exchange(point: number): Promise<void> {
    const { startMs } = this.day(this.random.below(6));
    const atMs = startMs + this.random.below(20 * 60) * 60_000;
    const reads = { 'delivered-total': { final: 140_000, initial: 0 } };
    const change = { atMs, oldSerial: null, newSerial: null, reads };
    await this.trial.mdm.assets.exchangeMeter(`P${point}`, change, said);
  }

  /** Days one after the other, from some hour to some hour. */
  somePeriod(): Period {
    const { random } = this;
    const first = random.below(6);
    const last = first + random.below((first < 3 ? 3 : 6) - first);
    const whole = { startMs: this.day(first).startMs, endMs: this.day(last).endMs };
    if (random.below(2) === 0) return whole;
    return {
      startMs: whole.startMs + random.below(12) * hourMs,
      endMs: whole.endMs - random.below(11) * hourMs,
    };
  }

  someInstant(): number | undefined {
    const { random } = this;
    return random.below(2) === 0 ? undefined : this.marks[random.below(this.marks.length)];
  }
}

async function compareDeterminants(world: World): Promise<number> {
  const { trial, random } = world;
  const period = world.somePeriod();
  const asOfMs = world.someInstant();
  const isWhole = random.below(4) === 0;
  const calendar = isWhole ? [] : calendarOfRates;
  const rateAt = isWhole ? () => 0 : world.rateAt;
  const channels = [...world.channels.keys()];
  const about = { period, ...(asOfMs === undefined ? {} : { asOfMs }) };
  const found = await trial.mdm.aggregation.determinants({ channels, calendar, ...about });
  let compared = 0;
  for (const channel of world.channels.values()) {
    const expected = plainDeterminants(channel, { ...about, rateAt });
    const got = found.get(channel.id);
    if (expected.held === 0) {
      assert.equal(got?.held ?? 0, 0, channel.id);
      continue;
    }
    assert(got, channel.id);
    const { energy, held, derived } = expected;
    assert.deepEqual(
      [channel.id, got.expected, got.held, got.derived, got.energy],
      [channel.id, expected.expected, held, derived, energy],
    );
    for (const rate of got.rates) {
      const { energy: sum, maximumDemand } = expected.rates.get(rate.rate) ?? { energy: 0, maximumDemand: 0 };
      assert.deepEqual([rate.rate, rate.energy, rate.maximumDemand], [rate.rate, sum, maximumDemand]);
    }
    for (const rate of expected.rates.keys()) assert(got.rates.some((one) => one.rate === rate));
    const hours = (period.endMs - period.startMs) / hourMs;
    const most = Math.max(...[...expected.rates.values()].map(({ maximumDemand }) => maximumDemand));
    if (most > 0) assert.equal(got.loadFactor?.toFixed(12), (energy / hours / most).toFixed(12));
    compared += held;
  }
  return compared;
}

async function compareTotals(world: World): Promise<void> {
  const channel = [...world.channels.values()][world.random.below(8)] as PlainChannel;
  const index = world.random.below(6);
  const day = world.day(index);
  const [total] = await world.trial.mdm.aggregation.totals(
    channel.id,
    { ...day, endMs: day.startMs + hourMs },
    'day',
  );
  const { energy, expected, held, derived } = plainDeterminants(channel, {
    rateAt: () => 0,
    period: day,
  });
  assert.deepEqual(total, { ...day, value: energy, expected, held, derived });
}

async function compareBalance(world: World): Promise<void> {
  const period = world.somePeriod();
  const asOfMs = world.someInstant();
  const request = { level: 'feeder', period, ...(asOfMs === undefined ? {} : { asOfMs }) } as const;
  const found = await world.trial.mdm.aggregation.balance(request);
  for (const node of ['F', 'F2']) {
    const slots = [...world.channels].flatMap(([id, channel]) =>
      channel
        .slots(period, asOfMs)
        .filter(({ atMs }) => world.nodeOf(Number(id[1]), atMs) === node)
        .map((slot) => ({ ...slot, sign: id.endsWith('received') ? -1 : 1 })),
    );
    const sumOf = (sign: number) =>
      slots.reduce((sum, slot) => sum + (slot.sign === sign ? slot.value : 0), 0);
    const got: Partial<NodeBalance> = found.find((one) => one.node === node) ?? {};
    assert.deepEqual([node, got.delivered ?? 0, got.received ?? 0], [node, sumOf(1), sumOf(-1)]);
    if (slots.length === 0) continue;
    const { intervalSeconds = 0, net } = got;
    assert(slots.every(({ seconds }) => seconds <= intervalSeconds));
    const expected = new Float64Array(Math.ceil((period.endMs - period.startMs) / (intervalSeconds * 1000)));
    for (const { atMs, value, sign } of slots) {
      const into = Math.floor((atMs - period.startMs) / (intervalSeconds * 1000));
      expected[into] = (expected[into] as number) + sign * value;
    }
    assert.deepEqual(net, expected, `net of ${node}`);
  }
}

/** Net, gross and demand of a point whose interval never changed, over windows of an hour. */
async function comparePower(world: World): Promise<void> {
  const point = world.random.below(2) === 0 ? 'P1' : 'P4';
  const period = world.somePeriod();
  const figures = await world.trial.mdm.aggregation.power(point, { period, demandSeconds: 3600 });
  const [delivered, received] = types.map((type) => {
    const slots = world.channels.get(`${point}/${type}`)?.slots(period) ?? [];
    return new Map(slots.map(({ atMs, value }) => [atMs, value]));
  }) as [Map<number, number>, Map<number, number>];
  const sumOf = (values: Iterable<number>) => [...values].reduce((sum, value) => sum + value, 0);
  const starts = [...(world.channels.get(`${point}/delivered`)?.starts(period) ?? [])];
  // A point that never gave anything back has nothing behind its zeros.
  const nets = starts.flatMap((atMs) => {
    const back = received.size === 0 ? 0 : received.get(atMs);
    const out = delivered.get(atMs);
    return out === undefined || back === undefined ? [] : [out - back];
  });
  assert.deepEqual(
    [figures.deliveredWh, figures.receivedWh, figures.netWh, figures.importedWh, figures.exportedWh],
    [
      sumOf(delivered.values()),
      sumOf(received.values()),
      sumOf(nets),
      sumOf(nets.filter((net) => net > 0)),
      sumOf(nets.filter((net) => net < 0).map((net) => -net)),
    ],
  );
  assert.deepEqual([figures.slots, figures.missing], [starts.length, starts.length - nets.length]);
  const windows = Map.groupBy(starts, (atMs) => Math.floor((atMs - period.startMs) / hourMs));
  const perWindow = 3600 / (world.channels.get(`${point}/delivered`)?.secondsAt(0) ?? 0);
  // What is left at the end of the period is no window.
  const full = [...windows.values()].filter((slots) => slots.length === perWindow);
  const whole = full.filter((slots) => slots.every((atMs) => delivered.has(atMs)));
  const most = whole.reduce(
    (max, slots) => Math.max(max, sumOf(slots.map((at) => delivered.get(at) ?? 0))),
    -1,
  );
  assert.deepEqual(
    [figures.brokenWindows, figures.maximumDemand?.watts ?? -1],
    [full.length - whole.length, most],
  );
}

/** What one channel has over another of the same interval length, slot by slot. */
async function compareDifference(world: World): Promise<void> {
  const period = world.somePeriod();
  const ids = ['P1/delivered', 'P1/received'] as const;
  const found = await world.trial.mdm.aggregation.virtual(differenceOf(...ids), period);
  const [one, other] = ids.map((id) => {
    const slots = world.channels.get(id)?.slots(period) ?? [];
    return new Map(slots.map(({ atMs, value }) => [atMs, value]));
  }) as [Map<number, number>, Map<number, number>];
  const starts = [...(world.channels.get(ids[0])?.starts(period) ?? [])];
  const expected = starts.map((atMs) => {
    const [a, b] = [one.get(atMs), other.get(atMs)];
    return a === undefined || b === undefined ? null : a - b;
  });
  const got = Array.from(found.value, (value, slot) =>
    ((found.quality[slot] as number) & quality.missing) === 0 ? value : null,
  );
  assert.deepEqual(got, expected);
}

for (const setting of settings) {
  for (let world = 0; world < worlds; world++) {
    test(`sums in ${setting.zone} are those of every slot looked at alone, now and as known before (${world})`, async () => {
      const random = seededRandom(`plain ${setting.zone} ${world}`);
      const clock = virtualClock(Date.UTC(2026, 10, 2));
      const trial = await openTrial({ usagePoints: 0, clock });
      try {
        const town = new World(setting, random, trial, clock);
        await town.build();
        let compared = 0;
        for (let turn = 0; turn < turns; turn++) {
          await town.turn();
          if (turn % 3 !== 2) continue;
          compared += await compareDeterminants(town);
          await compareTotals(town);
          await compareBalance(town);
          await comparePower(town);
          await compareDifference(town);
        }
        await trial.reopen();
        compared += await compareDeterminants(town);
        await compareBalance(town);
        assert.ok(compared > 100, `${compared} readings were compared`);
      } finally {
        await trial.close();
      }
    });
  }
}
