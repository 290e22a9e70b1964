/** First finding of the frequency in samples that are not yet in step: two windowed transforms a known time apart. */

/** Where to look. */
export interface FrequencySearch {
  readonly sampleRateHz: number;
  readonly nominalHz: number;
  /** First sample and how many are there; about eleven cycles serve best. */
  readonly first: number;
  readonly count: number;
}

/** Lowest and highest frequency sought, as a share of the nominal (IEC 61000-4-30, 5.1: 42.5 to 57.5 Hz of 50). */
export const frequencyRange = [0.85, 1.15] as const;

/** The frequency of the strongest component in the range, Hz; `undefined` when the channel is silent (RMS below `leastRms`). */
export function findFrequency(x: Int32Array, search: FrequencySearch, leastRms: number): number | undefined {
  const { sampleRateHz, nominalHz, first, count } = search;
  const length = Math.floor(count * 0.7);
  const shift = count - length;
  const at = { re: 0, im: 0 };
  const halfBin = sampleRateHz / length / 2;
  let found = nominalHz;
  let most = 0;
  for (let hz = nominalHz * frequencyRange[0]; hz <= nominalHz * frequencyRange[1] + halfBin; hz += halfBin) {
    transformAt(x, { first, length, turnsPerSample: hz / sampleRateHz }, at);
    const size = Math.hypot(at.re, at.im);
    if (size > most) {
      most = size;
      found = hz;
    }
  }
  if (most / Math.SQRT2 < leastRms) return undefined;
  for (let round = 0; round < 4; round++) {
    const turnsPerSample = found / sampleRateHz;
    transformAt(x, { first, length, turnsPerSample }, at);
    const early = Math.atan2(at.im, at.re);
    transformAt(x, { first: first + shift, length, turnsPerSample }, at);
    const late = Math.atan2(at.im, at.re);
    const turns = (late - early) / (2 * Math.PI) - turnsPerSample * shift;
    found += ((turns - Math.round(turns)) * sampleRateHz) / shift;
  }
  return found;
}

/** Amplitude and angle (at the first sample) of a frequency under a raised cosine to the power of four. */
function transformAt(
  x: Int32Array,
  of: { readonly first: number; readonly length: number; readonly turnsPerSample: number },
  out: { re: number; im: number },
): void {
  let re = 0;
  let im = 0;
  for (let n = 0; n < of.length; n++) {
    const window = Math.sin((Math.PI * (n + 0.5)) / of.length) ** 4;
    const angle = -2 * Math.PI * of.turnsPerSample * n;
    const value = (x[of.first + n] as number) * window;
    re += value * Math.cos(angle);
    im += value * Math.sin(angle);
  }
  // The mean of the window is 3/8; a real sine has half its amplitude at each of two frequencies.
  const scale = 2 / (0.375 * of.length);
  out.re = re * scale;
  out.im = im * scale;
}
