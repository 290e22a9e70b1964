/** The converter behind the sensors: bits, noise, DC; the same seed gives the same codes. */
import assert from 'node:assert/strict';
import { type Random, seededRandom } from '@wattline/base';

/** How a converter is built. */
export interface ConverterSpec {
  /** Bits with its sign, 8 to 24; default 24. */
  readonly bits?: number;
  /** Noise, dB below a full-scale sine; none when left out. */
  readonly noiseDb?: number;
  /** DC as a share of full scale. */
  readonly dcShare?: number;
  readonly seed?: number | string;
}

/** A converter: what it adds and how it rounds. `top` codes are full scale. */
export interface Converter {
  readonly top: number;
  readonly noise: number;
  readonly dc: number;
  readonly random: Random;
}

/** Builds the converter. */
export function createConverter({ bits = 24, noiseDb, dcShare = 0, seed = 1 }: ConverterSpec): Converter {
  assert(bits >= 8 && bits <= 24 && Number.isInteger(bits), 'a converter has 8 to 24 bits');
  const top = 2 ** (bits - 1);
  return {
    top,
    noise: noiseDb === undefined ? 0 : (top / Math.SQRT2) * 10 ** (-noiseDb / 20),
    dc: top * dcShare,
    random: seededRandom(seed),
  };
}

/** Codes of `count` values of a wave. */
export function quantise(
  codes: Int32Array,
  wave: Float64Array,
  count: number,
  codesPerUnit: number,
  converter: Converter,
): void {
  const { top, noise, dc, random } = converter;
  for (let n = 0; n < count; n++) {
    const held = (wave[n] as number) * codesPerUnit + dc + (noise === 0 ? 0 : noise * random.normal());
    codes[n] = Math.max(-top, Math.min(top - 1, Math.round(held)));
  }
}
