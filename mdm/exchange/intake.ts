/** What a reader fills: series with their slots and problems with their place; given out as one result. */
import { createHash } from 'node:crypto';
import { formatInstant, type Where } from '@wattline/base';
import { type ChannelId, quality, type ReadingBlock } from '@wattline/model';
import type { FileUnit } from './amount.ts';
import { type Factor, factorOne, readAmount } from './amount.ts';
import { assignChannels, type Candidate } from './channel-assignment.ts';
import {
  type ExchangeContext,
  type ExchangeProblem,
  type ExchangeRead,
  type HeldSeries,
  problemText,
  type SeriesSource,
} from './exchange-format.ts';
import { type ExchangeProblemCode, exchangeProblems } from './exchange-problems.ts';
import { gatherSlots, type Slot } from './slot-columns.ts';

/** Most characters of one delivery. */
export const longestText = 256 * 1024 * 1024;
const listedByDefault = 100;
const toleranceByDefaultMs = 300_000;

/** One value as the file spells it. */
export interface SpelledValue {
  readonly startMs: number;
  readonly seconds: number;
  /** Decimal text; ignored when the flags say missing. */
  readonly text: string;
  readonly flags: number;
  readonly code: string;
  readonly where: Where;
}

/** One series being filled. */
export interface SeriesIntake {
  /** Reads and adds a value in `unit`; what cannot be taken is a problem. */
  add(value: SpelledValue, unit: FileUnit, factor?: Factor): void;
  /** Sets the series aside; the first reason stays. */
  hold(code: ExchangeProblemCode, particulars: string, where: Where): void;
}

/** The result of one file being filled. */
export interface Intake {
  readonly context: ExchangeContext;
  /** The series of a source; asked again with an equal source it is the same one. */
  series(source: SeriesSource): SeriesIntake;
  /** Notes a problem; `rejected` values are counted with it. */
  problem(code: ExchangeProblemCode, particulars: string, where: Where, rejected?: number): void;
  /** The result of a file that is refused as a whole. */
  refuse(code: ExchangeProblemCode, particulars: string, where?: Where): ExchangeRead;
  finish(): ExchangeRead;
}

/** An intake for one file. */
export function createIntake(format: string, content: string | Uint8Array, context: ExchangeContext): Intake {
  const series = new Map<
    string,
    { source: SeriesSource; slots: Slot[]; early: Slot[]; held: ExchangeProblem | null; intake: SeriesIntake }
  >();
  const problems: ExchangeProblem[] = [];
  const problemCounts: Partial<Record<ExchangeProblemCode, number>> = {};
  const most = context.mostProblems ?? listedByDefault;
  const latestMs = context.nowMs + (context.futureToleranceMs ?? toleranceByDefaultMs);
  let rejected = 0;

  function problem(
    code: ExchangeProblemCode,
    particulars: string,
    where: Where,
    values = 0,
  ): ExchangeProblem {
    const entry = { code, message: problemText(code, particulars.slice(0, 200)), where };
    problemCounts[code] = (problemCounts[code] ?? 0) + 1;
    rejected += values;
    if (problems.length < most) problems.push(entry);
    return entry;
  }

  function open(source: SeriesSource): SeriesIntake {
    const { point, register, meter, quantity } = source;
    const key = JSON.stringify([point, register, meter, Object.values(quantity)]);
    const known = series.get(key);
    if (known) return known.intake;
    const slots: Slot[] = [];
    const early: Slot[] = [];
    const intake: SeriesIntake = {
      add(value, unit, factor = factorOne) {
        const slot = slotOf(value, unit, factor);
        if (!slot) return;
        const endMs = slot.startMs + slot.seconds * 1000;
        const isEarly = endMs > latestMs && (slot.flags & quality.missing) === 0;
        if (isEarly) problem('mdm/exchange-future', `ends at ${formatInstant(endMs)}`, slot.where);
        (isEarly ? early : slots).push(slot);
      },
      hold(code, particulars, where) {
        entry.held ??= problem(code, particulars, where);
      },
    };
    const entry = { source, slots, early, held: null as ExchangeProblem | null, intake };
    series.set(key, entry);
    return intake;
  }

  function slotOf(spelled: SpelledValue, unit: FileUnit, factor: Factor): Slot | null {
    const { startMs, seconds, flags, code, where } = spelled;
    if (!Number.isInteger(startMs) || !Number.isInteger(seconds) || seconds < 0) {
      problem('mdm/exchange-bad-time', `start ${startMs} ms, length ${seconds} s`, where, 1);
      return null;
    }
    if ((flags & quality.missing) !== 0) return { startMs, seconds, value: 0, flags, code, where };
    const amount = readAmount(spelled.text, unit.exponent, factor);
    if (typeof amount === 'string') {
      problem(amount, `found '${spelled.text.slice(0, 40)}'`, where, 1);
      return null;
    }
    if (amount.isRounded) problem('mdm/exchange-rounded', spelled.text, where);
    return { startMs, seconds, value: amount.value, flags, code, where };
  }

  function finish(): ExchangeRead {
    const candidates: Candidate[] = [];
    const aside: HeldSeries[] = [];
    for (const { source, slots, early, held } of series.values()) {
      const setAside = (code: ExchangeProblemCode, some: readonly Slot[]) => {
        if (some.length > 0) aside.push(waiting(source, code, some));
      };
      if (slots.length > 0 || held) {
        const gathered = gatherSlots(slots, problem);
        candidates.push({ source, held, gathered });
        setAside('mdm/exchange-overlap', gathered.contested);
      }
      setAside('mdm/exchange-future', early);
    }
    const assigned = assignChannels(candidates, context, problem);
    const count = (pick: (candidate: Candidate) => number) =>
      candidates.reduce((sum, candidate) => sum + pick(candidate), 0);
    const held = assigned.heldValues;
    const waits = aside.reduce((sum, { blocks }) => sum + valuesIn(blocks), 0);
    const empty = candidates.length + aside.length === 0 ? emptiness() : null;
    return {
      format,
      contentId: createHash('sha256').update(content).digest('hex'),
      batchId: batchIdOf(assigned.series.flatMap((entry) => entry.blocks)),
      series: assigned.series,
      held: [...assigned.held, ...aside],
      refused: empty,
      problems,
      problemCounts,
      counts: {
        accepted: count((candidate) => candidate.gathered.values) - held,
        held: held + waits,
        missing: count((candidate) => candidate.gathered.missing),
        rejected,
        duplicates: count((candidate) => candidate.gathered.duplicates),
      },
    };
  }

  /** A file of which nothing is left is refused for its first problem. */
  function emptiness(): ExchangeProblem {
    const first = problems.find((entry) => exchangeProblems[entry.code].outcome !== 'noted');
    return first ?? problem('mdm/exchange-no-readings', `${content.length} characters`, {});
  }

  return {
    context,
    series: open,
    problem,
    refuse(code, particulars, where = {}) {
      const refused = problem(code, particulars, where);
      series.clear();
      return { ...finish(), refused };
    },
    finish,
  };
}

/** Values of a series that wait for themselves; of several for one time the first one does. */
function waiting(source: SeriesSource, code: ExchangeProblemCode, slots: readonly Slot[]): HeldSeries {
  const { blocks, notes } = gatherSlots([...slots], () => {});
  const first = slots[0] as Slot;
  const message = problemText(code, `${slots.length} values, the first of ${formatInstant(first.startMs)}`);
  return { source, code, message, blocks, notes };
}

function valuesIn(blocks: readonly ReadingBlock[]): number {
  return blocks.reduce((sum, { value }) => sum + value.length, 0);
}

/** A key of readings: equal for equal channels, times, values and qualities, whatever file they came in. */
export function batchIdOf(blocks: readonly ReadingBlock[]): string {
  const hash = createHash('sha256');
  const ordered = [...blocks].sort(
    (a, b) =>
      compareText(a.channel, b.channel) || a.startMs - b.startMs || a.intervalSeconds - b.intervalSeconds,
  );
  for (const block of ordered) {
    hash.update(
      `${JSON.stringify([block.channel, block.startMs, block.intervalSeconds, block.value.length])}\n`,
    );
    hash.update(octetsOf(block.value));
    hash.update(octetsOf(block.quality));
  }
  return `readings-${hash.digest('hex').slice(0, 40)}`;
}

function octetsOf(column: Float64Array | Uint16Array): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}

function compareText(a: ChannelId, b: ChannelId): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
