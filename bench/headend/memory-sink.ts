/** Meter data management in memory for worlds on virtual time: when each interval came, and which are missing. */
import type { Clock } from '@wattline/base';
import type { ReadingProgress, ReadingSink } from '@wattline/model';
import { stepMs } from './bench-meter.ts';

/** What came and when. */
export interface MemorySink extends ReadingSink, ReadingProgress {
  /** Instant at which an interval of a channel came; undefined when it did not. */
  cameMs(channel: string, startMs: number): number | undefined;
}

export function memorySink(clock: Clock): MemorySink {
  const came = new Map<string, Map<number, number>>();
  const of = (channel: string) => {
    const known = came.get(channel) ?? new Map<number, number>();
    came.set(channel, known);
    return known;
  };
  return {
    async ingest({ blocks }) {
      let accepted = 0;
      for (const { channel, startMs, intervalSeconds, value } of blocks) {
        if (intervalSeconds === 0) continue;
        const known = of(channel);
        for (let i = 0; i < value.length; i++) {
          const at = startMs + i * stepMs;
          if (!known.has(at)) known.set(at, clock.now());
          accepted++;
        }
      }
      return { accepted, duplicates: 0, rejected: [] };
    },
    async knownUntil(channel, sinceMs) {
      const known = of(channel);
      let at = sinceMs;
      while (known.has(at)) at += stepMs;
      return at;
    },
    async gaps(channel, startMs, endMs) {
      const known = of(channel);
      const gaps: { startMs: number; endMs: number }[] = [];
      for (let at = startMs; at < endMs; at += stepMs) {
        if (known.has(at)) continue;
        const open = gaps.at(-1);
        if (open?.endMs === at) open.endMs = at + stepMs;
        else gaps.push({ startMs: at, endMs: at + stepMs });
      }
      return gaps;
    },
    cameMs: (channel, startMs) => came.get(channel)?.get(startMs),
  };
}
