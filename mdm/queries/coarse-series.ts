/** Pieces of a channel whose interval length changed as one series: the finer ones summed up to the coarsest. */
import { quality, type Series } from '@wattline/model';

/** Flags that pass from any of the finer intervals to the coarse one. */
const inherited =
  quality.measured |
  quality.suspect |
  quality.estimated |
  quality.edited |
  quality.manual |
  quality.powerFail |
  quality.clockDoubtful;

/** One series on the grid of the coarsest piece from `startMs` on; a slot of which any part is missing is missing. */
export function coarseSeries(pieces: readonly Series[], startMs: number, slots: number): Series {
  const step = Math.max(...pieces.map(({ intervalSeconds }) => intervalSeconds));
  const value = new Float64Array(slots);
  const flags = new Uint16Array(slots);
  const known = new Uint32Array(slots);
  for (const piece of pieces) {
    for (let i = 0; i < piece.value.length; i++) {
      const slot = Math.floor((piece.startMs + i * piece.intervalSeconds * 1000 - startMs) / (step * 1000));
      const bits = piece.quality[i] as number;
      if (slot < 0 || slot >= slots || (bits & quality.missing) !== 0) continue;
      value[slot] = (value[slot] as number) + (piece.value[i] as number);
      // Every piece must be final for the whole to be.
      const final = known[slot] === 0 ? bits & quality.final : (flags[slot] as number) & bits & quality.final;
      flags[slot] = (((flags[slot] as number) | bits) & inherited) | final;
      known[slot] = (known[slot] as number) + piece.intervalSeconds;
    }
  }
  for (let slot = 0; slot < slots; slot++) {
    if ((known[slot] as number) < step) {
      value[slot] = 0;
      flags[slot] = quality.missing;
    } else if (((flags[slot] as number) & (quality.estimated | quality.edited)) !== 0) {
      flags[slot] = (flags[slot] as number) & ~quality.measured;
    }
  }
  const [{ channel, asOfMs }] = pieces as [Series, ...Series[]];
  return { channel, startMs, intervalSeconds: step, value, quality: flags, asOfMs };
}
