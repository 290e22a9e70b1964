/** Power figures of a usage point over a period: net and gross energy, power factor, load factor, maximum demand. */
import type { Period } from '@wattline/base';
import { channelIdOf, quality, type ReadingSource, type ReadingTypeId, type Series } from '@wattline/model';
import { mdmError } from '../errors.ts';
import { loadFactor, netAndGross, powerFactor } from './power-figures.ts';

/** Figures over a period; net and gross are those of the slots that have a value both ways. */
export interface PowerFigures {
  readonly deliveredWh: number;
  readonly receivedWh: number;
  /** Delivered less received. */
  readonly netWh: number;
  /** What was taken and given in slots of one sign alone: net by slot, summed by direction. */
  readonly importedWh: number;
  readonly exportedWh: number;
  /** Null when reactive energy is not measured, or lacks a value of the period. */
  readonly reactiveVarh: number | null;
  /** Active over apparent energy, 0 to 1; null without reactive energy or when both are 0. */
  readonly powerFactor: number | null;
  /** Mean power over maximum demand, 0 to 1; null without demand or when a slot has no value. */
  readonly loadFactor: number | null;
  /** Largest mean power over a whole window, W, and when it began; null without a whole window. */
  readonly maximumDemand: { readonly watts: number; readonly startMs: number } | null;
  /** Windows in which a slot has no value: they cannot be the maximum. */
  readonly brokenWindows: number;
  readonly slots: number;
  /** Slots that lack a value of one way or the other. */
  readonly missing: number;
}

/** The figures; windows of `demandSeconds` (default: an interval) begin at the period's start and at each multiple from there. */
export async function powerOf(
  source: Pick<ReadingSource, 'series'>,
  { usagePointId, types }: { readonly usagePointId: string; readonly types: ReadonlySet<string> },
  { period, demandSeconds }: { readonly period: Period; readonly demandSeconds?: number },
): Promise<PowerFigures> {
  const read = async (type: ReadingTypeId): Promise<Series | null> =>
    types.has(type) ? source.series(channelIdOf(usagePointId, type), period) : null;
  const delivered = await read('delivered');
  if (!delivered) throw mdmError('mdm/unknown-channel', channelIdOf(usagePointId, 'delivered'));
  const { intervalSeconds, value } = delivered;
  const received = alike(await read('received'), delivered);
  const out = knownValues(delivered);
  const back = received ? knownValues(received) : { value: new Float64Array(value.length), missing: 0 };
  const both = received
    ? knownBothWays(delivered, received)
    : { out: out.value, back: back.value, missing: out.missing };
  const gross = netAndGross(both.out, both.back);
  const reactiveVarh = wholeSum(await read('delivered-reactive'));
  const deliveredWh = total(out.value);
  const window = demandSeconds ?? intervalSeconds;
  const demand = demandOf(delivered, window);
  const hours = (value.length * intervalSeconds) / 3600;
  return {
    deliveredWh,
    receivedWh: total(back.value),
    ...gross,
    reactiveVarh,
    powerFactor: reactiveVarh === null || out.missing > 0 ? null : powerFactor(deliveredWh, reactiveVarh),
    loadFactor: out.missing > 0 || !demand.most ? null : loadFactor(deliveredWh, demand.most.watts, hours),
    maximumDemand: demand.most,
    brokenWindows: demand.broken,
    slots: value.length,
    missing: both.missing,
  };
}

/** A series when it lies on the same grid. */
function alike(series: Series | null, shape: Series): Series | null {
  const isAlike = series?.startMs === shape.startMs && series.intervalSeconds === shape.intervalSeconds;
  // A channel that never said anything has nothing behind it.
  return series && isAlike && series.quality.some((bits) => (bits & quality.missing) === 0) ? series : null;
}

function knownValues({ value, quality: flags }: Series): { value: Float64Array; missing: number } {
  let missing = 0;
  const known = value.map((one, slot) => {
    if (((flags[slot] as number) & quality.missing) === 0) return one;
    missing++;
    return 0;
  });
  return { value: known, missing };
}

/** The values of slots that have one both ways; 0 in the others. */
function knownBothWays(
  delivered: Series,
  received: Series,
): { out: Float64Array; back: Float64Array; missing: number } {
  let missing = 0;
  const out = delivered.value.slice();
  const back = received.value.slice();
  for (let slot = 0; slot < out.length; slot++) {
    const bits = (delivered.quality[slot] as number) | (received.quality[slot] as number);
    if ((bits & quality.missing) === 0) continue;
    missing++;
    out[slot] = 0;
    back[slot] = 0;
  }
  return { out, back, missing };
}

function wholeSum(series: Series | null): number | null {
  if (!series || series.value.length === 0) return null;
  const { value, missing } = knownValues(series);
  return missing > 0 ? null : total(value);
}

function total(value: Float64Array): number {
  return value.reduce((sum, one) => sum + one, 0);
}

function demandOf({ startMs, intervalSeconds, value, quality: flags }: Series, demandSeconds: number) {
  const perWindow = demandSeconds / intervalSeconds;
  if (!Number.isInteger(perWindow) || perWindow < 1) {
    const particulars = `a demand window of ${demandSeconds} s over intervals of ${intervalSeconds} s`;
    throw mdmError('mdm/interval-unsupported', particulars);
  }
  let most: { watts: number; startMs: number } | null = null;
  let broken = 0;
  for (let slot = 0; slot + perWindow <= value.length; slot += perWindow) {
    if (flags.subarray(slot, slot + perWindow).some((bits) => (bits & quality.missing) !== 0)) {
      broken++;
      continue;
    }
    const watts = (total(value.subarray(slot, slot + perWindow)) * 3600) / demandSeconds;
    if (!most || watts > most.watts) most = { watts, startMs: startMs + slot * intervalSeconds * 1000 };
  }
  return { most, broken };
}
