/** Runs a target on mutants and watches it: nothing may be thrown, no message may take long or much memory. */
import { type Clock, messageOf, seededRandom, toHex } from '@wattline/base';
import { mutate } from './mutator.ts';
import type { ResourceWatch } from './resource-watch.ts';

/** What is fuzzed: seeds are good octets, `feed` takes anything and answers whether it was accepted. */
export interface FuzzTarget {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  feed(octets: Uint8Array): boolean;
  /** Asked after the last mutant: what is no longer as it was, or null. */
  probe?(): string | null;
}

/** What a run found. */
export interface FuzzReport {
  readonly target: string;
  readonly execs: number;
  readonly accepted: number;
  readonly refused: number;
  /** Processor time of the slowest message, ms: what others do on the machine is not counted. */
  readonly slowestMs: number;
  /** What the hungriest message took, MiB. */
  readonly largestMegabytes: number;
  /** The first octets that took more than a message may, and what they took. */
  readonly costly: { readonly hex: string; readonly ms: number; readonly megabytes: number } | null;
  readonly execsPerSecond: number;
  /** The first octets that made the target throw, and what it threw. */
  readonly crash: { readonly hex: string; readonly message: string } | null;
  /** What the target said was no longer as it was. */
  readonly trouble: string | null;
}

/** How many mutants, of which seed, and what is watched meanwhile. */
export interface FuzzOptions {
  readonly execs: number;
  readonly seed: string;
  readonly clock: Clock;
  readonly watch: ResourceWatch;
}

/** What a message may take at most: ms of processor time, octets of memory. */
const limit = { ms: 50, octets: 64 << 20 } as const;

/** Feeds `execs` mutants, the same for the same seed. */
export function runFuzz(target: FuzzTarget, options: FuzzOptions): FuzzReport {
  const { watch } = options;
  const random = seededRandom(`${options.seed}/${target.name}`);
  const from = options.clock.monotonic();
  let accepted = 0;
  let slowestMs = 0;
  let crash: FuzzReport['crash'] = null;
  let costly: FuzzReport['costly'] = null;
  let largest = 0;
  let execs = 0;
  while (execs < options.execs && crash === null) {
    const octets = mutate(target.seeds, random);
    const usedBefore = watch.usedOctets();
    const began = watch.processorMs();
    try {
      if (target.feed(octets)) accepted++;
    } catch (error) {
      crash = { hex: toHex(octets), message: messageOf(error) };
    }
    const ms = watch.processorMs() - began;
    const used = watch.usedOctets() - usedBefore;
    if (costly === null && (ms > limit.ms || used > limit.octets)) {
      costly = { hex: toHex(octets), ms, megabytes: used / 2 ** 20 };
    }
    slowestMs = Math.max(slowestMs, ms);
    largest = Math.max(largest, used);
    execs++;
  }
  const seconds = Math.max((options.clock.monotonic() - from) / 1000, 1e-9);
  return {
    target: target.name,
    execs,
    accepted,
    refused: execs - accepted,
    slowestMs: Math.round(slowestMs * 10) / 10,
    largestMegabytes: Math.round((largest / 2 ** 20) * 10) / 10,
    costly,
    execsPerSecond: Math.round(execs / seconds),
    crash,
    trouble: crash === null ? (target.probe?.() ?? null) : null,
  };
}
