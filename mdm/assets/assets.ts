/** Assets over time and the commands that change them: exchange, reset, rollover, multiplier, crossed meters, place in the grid. */
import { formatInstant, type Period } from '@wattline/base';
import { type ChannelId, channelIdOf, type ReadingBlock, readingTypes } from '@wattline/model';
import type { IntervalLengths } from '../channels/interval-lengths.ts';
import { mdmError } from '../errors.ts';
import { expectRulePack, type StandingPacks, wholeUtility } from '../packs/standing-packs.ts';
import { defaultPolicy } from '../policy.ts';
import { type AssetFact, AssetFacts, attributes, type NewFact, type Said } from './asset-facts.ts';
import { type AssetRecord, type AssetView, assetsAt, historyOf } from './asset-view.ts';
import { factsOfInterval, pointOfChannel, showPresentInterval } from './interval-change.ts';
import { factOfNodeMeter, type GridNode } from './node-meters.ts';
import { addOneWayPoint, type OneWayPoint } from './one-way-points.ts';
import { factsOfMove, type GridPlace, gridLevels, showPresentPlace } from './place-history.ts';
import { plainCourse, type RegisterCourse } from './register-course.ts';
import { coursesKnown } from './register-courses.ts';
import {
  createRestatement,
  type Multiplier,
  type Restatement,
  type RestatementParts,
} from './restatement.ts';
import { factsOfTariff, showPresentTariff } from './tariff-history.ts';

/** A change that can be taken back by its facts. */
export interface AssetChange {
  readonly facts: readonly number[];
}

/** Reads at an exchange as the displays show them, in the reading type's unit: a multiplier is put to them as to readings. */
export interface ExchangeReads {
  readonly atMs: number;
  readonly oldSerial: string | null;
  readonly newSerial: string | null;
  /** By register reading type: `delivered-total`, `received-total`. */
  readonly reads: Readonly<Record<string, { readonly final: number; readonly initial: number }>>;
}

/** Assets and their changes. */
export interface Assets extends Restatement {
  /** One meter in another's place, at any instant: days across it sum both parts. */
  exchangeMeter(usagePointId: string, exchange: ExchangeReads, said: Said): Promise<AssetChange>;
  /** The register was set: it stood at `before` and goes on from `after`. */
  resetRegister(
    channel: ChannelId,
    register: { atMs: number; before: number; after: number },
    said: Said,
  ): Promise<AssetChange>;
  /** Where the register begins again, from the number of its dials and the unit of its last one, as its display shows. */
  setDials(
    channel: ChannelId,
    dials: { fromMs: number; digits: number; unit: number },
    said: Said,
  ): Promise<AssetChange>;
  /**
   * What the meter's value is worth from an instant on; values that come later are scaled as they come. What a register showed
   * at that instant, as `read`, joins what it counted before and after; without it nothing can be said of a day across it.
   */
  setMultiplier(
    channel: ChannelId,
    multiplier: Multiplier & { fromMs: number; read?: number },
    said: Said,
  ): Promise<AssetChange>;
  /** From when on the meter's intervals are so long; the instant lies on the grid of both lengths. What came before stays as it is. */
  setIntervalLength(
    usagePointId: string,
    interval: { fromMs: number; seconds: number },
    said: Said,
  ): Promise<AssetChange>;
  /** Hangs a point on a place of the grid from an instant on; what is past and earlier stays as it was. */
  move(usagePointId: string, place: GridPlace & { fromMs: number }, said: Said): Promise<AssetChange>;
  /** From when on a channel measures what flows into a node of the grid; null ends it. The point of that channel is no customer. */
  setNodeMeter(
    node: GridNode,
    meter: { fromMs: number; channel: ChannelId | null },
    said: Said,
  ): Promise<AssetChange>;
  /**
   * By which rule pack a point is judged from an instant on, or with null every point of which nothing else was told. Days of
   * the point since then are judged anew; of the utility those that are reviewed from now on.
   */
  setRulePack(
    usagePointId: string | null,
    pack: { fromMs: number; rulePack: string },
    said: Said,
  ): Promise<AssetChange>;
  /** What the service of a point can carry from an instant on, W: above it an interval has `high-demand`. */
  setServiceLimit(
    usagePointId: string,
    limit: { fromMs: number; watts: number },
    said: Said,
  ): Promise<AssetChange>;
  /** What a point is billed by from an instant on: a month by the tariff that stood at its beginning. */
  setTariff(
    usagePointId: string,
    tariff: { fromMs: number; tariff: string },
    said: Said,
  ): Promise<AssetChange>;
  /** Adds a point whose meter is read by hand or heard by whoever drives by. */
  addOneWayPoint(point: OneWayPoint, said: Said): Promise<AssetChange>;
  /** How a register ran, as known at an instant (default: now). */
  course(channel: ChannelId, knownMs?: number): Promise<RegisterCourse>;
  /** What was true of a point at an instant, as known at another (default: now). */
  seen(usagePointId: string, when: { atMs: number; knownMs?: number }): Promise<AssetView>;
  /** The audit: who said what of a point, when and why, newest first. */
  history(usagePointId: string): Promise<readonly AssetRecord[]>;
  undo(change: AssetChange, said: Said): Promise<void>;
  /** Any other attribute, effective-dated. */
  readonly facts: AssetFacts;
}

/** What reviews and ingest ask, answered from memory. */
export interface AssetState {
  courseOf(channel: ChannelId): RegisterCourse;
  /** The block in stored units; the same object when nothing changes it. */
  scaled(block: ReadingBlock): ReadingBlock;
}

export interface AssetParts extends RestatementParts {
  /** A register's course changed: the days that the period touches are reviewed anew. */
  readonly onCourse: (channel: ChannelId, period: Period) => Promise<void>;
  readonly onGrid: () => void;
  /** Another meter stands at a point, or none, or the word of it was taken back. */
  readonly onMeter: (usagePointId: string) => Promise<void>;
  readonly lengths: IntervalLengths;
  readonly packs: StandingPacks;
  /** A point is judged by another pack over the period. */
  readonly onPack: (usagePointId: string, period: Period) => Promise<void>;
  /** The interval length of a channel changed. */
  readonly onLength: (channel: ChannelId) => Promise<void>;
}

/** Why a fact from the beginning of time is put down with the first change. */
const asBefore = 'as it stood before its first change';

/** Opens the assets; facts about registers and multipliers are kept in memory. */
export async function openAssets(parts: AssetParts): Promise<Assets & AssetState> {
  const { registry, clock } = parts;
  const facts = new AssetFacts(registry, clock);
  const grid = { registry, facts, clock };
  let courses = new Map<string, RegisterCourse>();
  let multipliers = new Map<string, AssetFact<Multiplier>[]>();

  async function reload(): Promise<void> {
    courses = await coursesKnown(facts, null);
    multipliers = Map.groupBy(
      await facts.standing<Multiplier>(null, attributes.multiplier),
      (fact) => fact.subject,
    );
  }
  await reload();

  async function tell(entries: Parameters<AssetFacts['record']>[0], said: Said): Promise<AssetChange> {
    const numbers = await facts.record(entries, said);
    await reload();
    return { facts: numbers };
  }

  const instant = (atMs: number): Period => ({ startMs: atMs, endMs: atMs + 1 });
  const since = (fromMs: number): Period => ({ startMs: fromMs, endMs: Math.max(clock.now(), fromMs + 1) });

  const breakFact = (
    channel: ChannelId,
    atMs: number,
    { before, after }: { before: number; after: number },
  ) => ({
    subject: `channel/${channel}`,
    attribute: attributes.break,
    fromMs: atMs,
    value: { before, after },
  });

  function expectPast(atMs: number): void {
    if (atMs > clock.now() + defaultPolicy.futureToleranceMs)
      throw mdmError('mdm/not-yet', formatInstant(atMs));
  }

  function expectWhole(...values: readonly number[]): void {
    const bad = values.find((value) => !Number.isSafeInteger(value) || value < 0);
    if (bad !== undefined) throw mdmError('mdm/bad-edit', `${bad} is no whole amount`);
  }

  /** A reading type of registers by its id, at a point that there is. */
  async function expectRegisters(usagePointId: string, types: readonly string[]): Promise<void> {
    const bad = types.find(
      (type) => !readingTypes.some(({ id, kind }) => id === type && kind === 'register'),
    );
    if (bad !== undefined) throw mdmError('mdm/not-a-register-channel', bad, { readingType: bad });
    const point = await registry
      .selectFrom('usage_point')
      .select('id')
      .where('id', '=', usagePointId)
      .executeTakeFirst();
    if (!point) throw mdmError('mdm/unknown-point', usagePointId, { usagePointId });
  }

  async function packChanged(subject: string, fromMs: number): Promise<void> {
    await parts.packs.reload();
    if (subject !== wholeUtility && fromMs < clock.now())
      await parts.onPack(subject.slice('usage-point/'.length), since(fromMs));
  }

  async function lengthsChanged(usagePointId: string): Promise<void> {
    await parts.lengths.reload();
    const channels = await showPresentInterval(grid, usagePointId);
    for (const channel of channels) await parts.onLength(channel);
    await parts.onMeter(usagePointId);
    parts.onGrid();
  }

  return {
    facts,
    ...createRestatement(parts),
    addOneWayPoint: (point, said) => addOneWayPoint(grid, point, said),
    seen: (usagePointId, when) =>
      assetsAt({ ...grid, configuredPack: parts.packs.configured.id }, usagePointId, when),
    course: async (channel, knownMs) =>
      (await coursesKnown(facts, `channel/${channel}`, knownMs)).get(`channel/${channel}`) ?? plainCourse,
    history: (usagePointId) => historyOf(registry, usagePointId),
    courseOf: (channel) =>
      courses.size === 0 ? plainCourse : (courses.get(`channel/${channel}`) ?? plainCourse),
    scaled(block) {
      if (multipliers.size === 0) return block;
      const known = multipliers.get(`channel/${block.channel}`);
      if (!known) return block;
      const value = block.value.map((one, slot) => {
        const atMs = block.startMs + slot * block.intervalSeconds * 1000;
        const factor = known.findLast((fact) => fact.fromMs <= atMs)?.value;
        return factor ? Math.round((one * factor.numerator) / factor.denominator) : one;
      });
      return { ...block, value };
    },
    async exchangeMeter(usagePointId, { atMs, oldSerial, newSerial, reads }, said) {
      expectPast(atMs);
      for (const { final, initial } of Object.values(reads)) expectWhole(final, initial);
      await expectRegisters(usagePointId, Object.keys(reads));
      const entries = Object.entries(reads).map(([type, { final, initial }]) =>
        breakFact(channelIdOf(usagePointId, type), atMs, { before: final, after: initial }),
      );
      const about = { subject: `usage-point/${usagePointId}`, attribute: attributes.meter };
      const meter = { ...about, fromMs: atMs, value: newSerial };
      const known = await facts.standing(about.subject, about.attribute);
      if (oldSerial !== null && known.length === 0)
        await facts.record([{ ...about, fromMs: 0, value: oldSerial }], { ...said, reason: asBefore });
      const change = await tell([...entries, meter], said);
      for (const type of Object.keys(reads))
        await parts.onCourse(channelIdOf(usagePointId, type), instant(atMs));
      await parts.onMeter(usagePointId);
      return change;
    },
    async resetRegister(channel, { atMs, before, after }, said) {
      expectPast(atMs);
      expectWhole(before, after);
      const change = await tell([breakFact(channel, atMs, { before, after })], said);
      await parts.onCourse(channel, instant(atMs));
      return change;
    },
    async setDials(channel, { fromMs, digits, unit }, said) {
      expectWhole(digits, unit);
      const fact = { subject: `channel/${channel}`, attribute: attributes.dials, fromMs };
      const change = await tell([{ ...fact, value: 10 ** digits * unit }], said);
      await parts.onCourse(channel, since(fromMs));
      return change;
    },
    async setMultiplier(channel, { fromMs, numerator, denominator, read }, said) {
      expectWhole(numerator, denominator, read ?? 0);
      if (numerator === 0 || denominator === 0)
        throw mdmError('mdm/bad-edit', `${numerator}/${denominator} is no factor`);
      const about = { subject: `channel/${channel}`, attribute: attributes.multiplier };
      const entries: NewFact[] = [{ ...about, fromMs, value: { numerator, denominator } }];
      if (read !== undefined) entries.push(breakFact(channel, fromMs, { before: read, after: read }));
      const change = await tell(entries, said);
      if (fromMs <= clock.now()) await parts.onCourse(channel, since(fromMs));
      return change;
    },
    async setIntervalLength(usagePointId, interval, said) {
      const { before, changed } = await factsOfInterval(grid, usagePointId, interval);
      if (before.length > 0) await facts.record(before, { ...said, reason: asBefore });
      const change = await tell(changed, said);
      await lengthsChanged(usagePointId);
      return change;
    },
    async setNodeMeter(node, { fromMs, channel }, said) {
      if (node.node.trim() === '') throw mdmError('mdm/bad-edit', `a ${node.level} without a name`);
      if (channel !== null) {
        const row = await registry
          .selectFrom('channel')
          .select(['reading_type', 'interval_seconds'])
          .where('id', '=', channel)
          .executeTakeFirst();
        if (!row) throw mdmError('mdm/unknown-channel', channel, { channel });
        if (row.interval_seconds === 0) throw mdmError('mdm/not-an-interval-channel', channel, { channel });
      }
      const change = await tell([factOfNodeMeter(node, { fromMs, channel })], said);
      parts.onGrid();
      return change;
    },
    async setRulePack(usagePointId, { fromMs, rulePack }, said) {
      expectRulePack(rulePack);
      if (usagePointId !== null) await expectRegisters(usagePointId, []);
      const subject = usagePointId === null ? wholeUtility : `usage-point/${usagePointId}`;
      const change = await tell([{ subject, attribute: attributes.rulePack, fromMs, value: rulePack }], said);
      await packChanged(subject, fromMs);
      return change;
    },
    async setServiceLimit(usagePointId, { fromMs, watts }, said) {
      expectWhole(watts);
      await expectRegisters(usagePointId, []);
      const about = { subject: `usage-point/${usagePointId}`, attribute: attributes.serviceLimit };
      const change = await tell([{ ...about, fromMs, value: watts }], said);
      await packChanged(about.subject, fromMs);
      return change;
    },
    async setTariff(usagePointId, { fromMs, tariff }, said) {
      const { before, changed } = await factsOfTariff(grid, usagePointId, { fromMs, tariff });
      if (before.length > 0) await facts.record(before, { ...said, reason: asBefore });
      const change = await tell(changed, said);
      await showPresentTariff(grid, usagePointId);
      return change;
    },
    async move(usagePointId, place, said) {
      const { before, moved } = await factsOfMove(grid, usagePointId, place);
      if (before.length > 0) await facts.record(before, { ...said, reason: asBefore });
      const change = await tell(moved, said);
      await showPresentPlace(grid, usagePointId);
      parts.onGrid();
      return change;
    },
    async undo({ facts: numbers }, said) {
      const rows = await registry
        .selectFrom('asset_fact')
        .selectAll()
        .where('number', 'in', [...numbers])
        .execute();
      await facts.undo(numbers, said);
      await reload();
      for (const { subject, attribute, from_ms } of rows) {
        const channel = subject.slice('channel/'.length);
        if (attribute === attributes.break) await parts.onCourse(channel, instant(from_ms));
        if (attribute === attributes.dials || attribute === attributes.multiplier)
          await parts.onCourse(channel, since(from_ms));
        if (attribute === attributes.interval) await lengthsChanged(pointOfChannel(channel));
        if (attribute === attributes.nodeMeter) parts.onGrid();
        if (attribute === attributes.rulePack || attribute === attributes.serviceLimit)
          await packChanged(subject, from_ms);
        if (attribute === attributes.tariff)
          await showPresentTariff(grid, subject.slice('usage-point/'.length));
        if (attribute === attributes.meter) await parts.onMeter(subject.slice('usage-point/'.length));
        if (gridLevels.some((level) => level === attribute)) {
          await showPresentPlace(grid, subject.slice('usage-point/'.length));
          parts.onGrid();
        }
      }
    },
  };
}
