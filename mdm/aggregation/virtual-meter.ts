/** Meters that stand nowhere: a sum, a difference or a ratio of channels, slot by slot, in whole units. */
import type { Period } from '@wattline/base';
import { type ChannelId, quality, type ReadingSource, type Series } from '@wattline/model';
import { mdmError } from '../errors.ts';

/** A channel with the share of it that counts: `numerator / denominator`, negative to take away. */
export interface VirtualTerm {
  readonly channel: ChannelId;
  readonly numerator: number;
  readonly denominator: number;
}

/** A virtual meter: `linear` adds its terms; `ratio` divides its first by its second, in millionths. */
export interface VirtualMeter {
  readonly kind: 'linear' | 'ratio';
  readonly terms: readonly VirtualTerm[];
}

/** Its series; a slot is missing when one of its terms is, and estimated when one of its terms is. */
export interface VirtualSeries extends Omit<Series, 'channel'> {
  /** Slots whose result was rounded to a whole unit, half up. */
  readonly rounded: number;
}

/** A sum of channels. */
export function sumOf(...channels: readonly ChannelId[]): VirtualMeter {
  return { kind: 'linear', terms: channels.map((channel) => ({ channel, numerator: 1, denominator: 1 })) };
}

/** What the first channel has over the others. */
export function differenceOf(first: ChannelId, ...others: readonly ChannelId[]): VirtualMeter {
  const away = others.map((channel) => ({ channel, numerator: -1, denominator: 1 }));
  return { kind: 'linear', terms: [{ channel: first, numerator: 1, denominator: 1 }, ...away] };
}

const millionths = 1_000_000n;
/** Flags that pass from a term to the result. */
const inherited =
  quality.estimated | quality.edited | quality.manual | quality.suspect | quality.clockDoubtful;

/** The series of a virtual meter; its channels must have one interval length. */
export async function virtualSeries(
  source: Pick<ReadingSource, 'series'>,
  meter: VirtualMeter,
  period: Period,
): Promise<VirtualSeries> {
  const first = meter.terms[0];
  const isBad = !first || (meter.kind === 'ratio' && meter.terms.length !== 2);
  if (isBad) throw mdmError('mdm/bad-virtual-meter', `${meter.kind} of ${meter.terms.length} terms`);
  const series = await Promise.all(meter.terms.map(({ channel }) => source.series(channel, period)));
  const shape = series[0] as Series;
  for (const other of series) {
    if (other.intervalSeconds !== shape.intervalSeconds || other.startMs !== shape.startMs) {
      const particulars = `${shape.channel} has ${shape.intervalSeconds} s, ${other.channel} ${other.intervalSeconds} s`;
      throw mdmError('mdm/bad-virtual-meter', particulars);
    }
  }
  const combine = combinationOf(meter);
  const value = new Float64Array(shape.value.length);
  const flags = new Uint16Array(shape.value.length);
  let rounded = 0;
  for (let slot = 0; slot < value.length; slot++) {
    const bits = series.reduce((all, one) => all | (one.quality[slot] as number), 0);
    const result = (bits & quality.missing) !== 0 ? null : combine(series, slot);
    if (result === null) {
      flags[slot] = quality.missing;
      continue;
    }
    value[slot] = result.whole;
    if (!result.isExact) rounded++;
    const derived = bits & inherited;
    flags[slot] =
      derived & (quality.estimated | quality.edited | quality.manual) ? derived : derived | quality.measured;
  }
  const { startMs, intervalSeconds } = shape;
  const asOfMs = Math.min(...series.map((one) => one.asOfMs));
  return { startMs, intervalSeconds, value, quality: flags, asOfMs, rounded };
}

interface Combined {
  /** In whole units, half up. */
  readonly whole: number;
  readonly isExact: boolean;
}

/** How the terms of a meter are put together in a slot; null where that is not defined. Shares are no fractions of two: all is reckoned in whole numbers. */
function combinationOf({
  kind,
  terms,
}: VirtualMeter): (series: readonly Series[], slot: number) => Combined | null {
  const at = (series: readonly Series[], index: number, slot: number) =>
    (series[index] as Series).value[slot] as number;
  if (kind === 'linear' && terms.every(({ denominator }) => denominator === 1))
    return (series, slot) => ({
      whole: terms.reduce((sum, { numerator }, index) => sum + numerator * at(series, index, slot), 0),
      isExact: true,
    });
  const common = terms.reduce((all, { denominator }) => leastCommonMultiple(all, BigInt(denominator)), 1n);
  const shares = terms.map(
    ({ numerator, denominator }) => (BigInt(numerator) * common) / BigInt(denominator),
  );
  const share = (series: readonly Series[], index: number, slot: number) =>
    (shares[index] as bigint) * BigInt(at(series, index, slot));
  if (kind === 'linear')
    return (series, slot) =>
      divided(
        terms.reduce((sum, _, index) => sum + share(series, index, slot), 0n),
        common,
      );
  return (series, slot) => {
    const below = share(series, 1, slot);
    return below === 0n ? null : divided(share(series, 0, slot) * millionths, below);
  };
}

function divided(above: bigint, below: bigint): Combined {
  const [top, bottom] = below < 0n ? [-above, -below] : [above, below];
  const doubled = 2n * top + bottom;
  const floor = doubled / (2n * bottom);
  const whole = doubled < 0n && doubled % (2n * bottom) !== 0n ? floor - 1n : floor;
  return { whole: Number(whole), isExact: whole * bottom === top };
}

function leastCommonMultiple(a: bigint, b: bigint): bigint {
  let [rest, divisor] = [a, b];
  while (divisor !== 0n) [rest, divisor] = [divisor, rest % divisor];
  return (a / rest) * b;
}
