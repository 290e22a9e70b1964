/** Energy and largest value of stretches of the day over many channels and days, for determinants. */
import { type Bounds, type ChannelSet, listedChannels, type Members } from './aggregates.ts';
import { type DayLayout, dayBits, firstDayOf, mostPatternDays } from './day-layout.ts';
import type { Engine } from './engine.ts';
import { evenSumsQuery, patternSumsQuery, unevenChannelsQuery } from './pattern-statements.ts';
import { RowBinaryReader } from './row-binary.ts';
import { daySeconds } from './tables.ts';

/** Sum and largest value of each stretch, over all days of a channel with one pattern; the arrays are used again for the next. */
export interface PatternSums {
  readonly channel: number;
  readonly pattern: number;
  readonly held: number;
  readonly derived: number;
  readonly sums: Float64Array;
  readonly peaks: Float64Array;
  /** Start of the first store day whose stretch holds the peak, UTC seconds. */
  readonly peakStarts: Float64Array;
}

/** What the question needs of the store. */
export interface PatternSumsParts<Block> {
  readonly engine: Pick<Engine, 'rows'>;
  readonly memberSet: (members: Members) => Promise<ChannelSet>;
  /** Blocks of days in which one lies over another. */
  readonly contested: (set: ChannelSet, bounds: Bounds) => Promise<readonly Block[]>;
}

/**
 * Sums by channel, and the blocks of days that must be laid out first: those are in no sum. Most channels have nothing but whole
 * days, and are summed without a look at anything else; the others are told apart and summed with all conditions.
 */
export async function patternSumsOf<Block>(
  parts: PatternSumsParts<Block>,
  channels: Uint32Array,
  bounds: Bounds,
  layout: DayLayout,
): Promise<{ readonly sums: Iterable<PatternSums>; readonly contested: readonly Block[] }> {
  if (channels.length === 0) return { sums: [], contested: [] };
  const set = await setOf(parts, channels);
  const uneven = channelsIn(await parts.engine.rows(unevenChannelsQuery(set, bounds, layout)));
  if (uneven.length === 0)
    return { sums: readPatternSums(await evenSums(parts, channels, layout), layout), contested: [] };
  const isUneven = new Set(uneven);
  const even = channels.filter((channel) => !isUneven.has(channel));
  const [ofEven, { octets, contested }] = await Promise.all([
    evenSums(parts, even, layout),
    unevenSums(parts, uneven, bounds, layout),
  ]);
  return { sums: readPatternSums([...ofEven, octets], layout), contested };
}

async function evenSums<Block>(
  parts: PatternSumsParts<Block>,
  channels: Uint32Array,
  layout: DayLayout,
): Promise<Uint8Array[]> {
  if (channels.length === 0) return [];
  return [await parts.engine.rows(evenSumsQuery(await setOf(parts, channels), layout))];
}

async function unevenSums<Block>(
  parts: PatternSumsParts<Block>,
  channels: Uint32Array,
  bounds: Bounds,
  layout: DayLayout,
): Promise<{ readonly octets: Uint8Array; readonly contested: readonly Block[] }> {
  const set = await setOf(parts, channels);
  const contested = await parts.contested(set, bounds);
  const anyContested = contested.length > 0;
  const octets = await parts.engine.rows(patternSumsQuery(set, bounds, { layout, anyContested }));
  return { octets, contested };
}

/** Channels named in a statement at most. */
const mostListed = 1000;

async function setOf(
  { memberSet }: Pick<PatternSumsParts<unknown>, 'memberSet'>,
  channels: Uint32Array,
): Promise<ChannelSet> {
  if (channels.length <= mostListed) return listedChannels(channels);
  return memberSet({ channels, groups: new Uint32Array(channels.length) });
}

function channelsIn(octets: Uint8Array): Uint32Array {
  const reader = new RowBinaryReader(octets);
  return Uint32Array.from({ length: octets.byteLength / 4 }, () => reader.uint32());
}

/** Answers by channel: rows of one follow one another, and one of its patterns may stand in it twice: both are to be added. */
function* readPatternSums(answers: readonly Uint8Array[], layout: DayLayout): Generator<PatternSums> {
  const { cuts, phase } = layout;
  const lastPlace = mostPatternDays - 1;
  const first = firstDayOf(layout) * daySeconds + phase;
  const sums = new Float64Array(cuts.length);
  const peaks = new Float64Array(cuts.length);
  const peakStarts = new Float64Array(cuts.length);
  for (const octets of answers) {
    const reader = new RowBinaryReader(octets);
    while (reader.hasMore()) {
      const [channel, pattern] = [reader.uint32(), reader.uint32()];
      const [held, derived] = [reader.uint64(), reader.uint64()];
      for (let k = 0; k < cuts.length; k++) {
        sums[k] = reader.float64();
        const low = reader.uint32();
        peaks[k] = reader.uint32() * 2 ** (32 - dayBits) + (low >>> dayBits);
        peakStarts[k] = first + (lastPlace - (low & lastPlace)) * daySeconds;
      }
      yield { channel, pattern, held, derived, sums, peaks, peakStarts };
    }
  }
}
