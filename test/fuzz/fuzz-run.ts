/** Runs a target on mutants and watches it: nothing may be thrown, no message may take long or much memory. */
import { type Clock, messageOf, seededRandom, toHex } from '@wattline/base';
import { mutate } from './mutator.ts';

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
  readonly slowestMs: number;
  readonly execsPerSecond: number;
  /** The first octets that made the target throw, and what it threw. */
  readonly crash: { readonly hex: string; readonly message: string } | null;
  /** What the target said was no longer as it was. */
  readonly trouble: string | null;
}

/** Feeds `execs` mutants, the same for the same seed. */
export function runFuzz(
  target: FuzzTarget,
  options: { readonly execs: number; readonly seed: string; readonly clock: Clock },
): FuzzReport {
  const random = seededRandom(`${options.seed}/${target.name}`);
  const from = options.clock.monotonic();
  let accepted = 0;
  let slowestMs = 0;
  let crash: FuzzReport['crash'] = null;
  let execs = 0;
  while (execs < options.execs && crash === null) {
    const octets = mutate(target.seeds, random);
    const began = options.clock.monotonic();
    try {
      if (target.feed(octets)) accepted++;
    } catch (error) {
      crash = { hex: toHex(octets), message: messageOf(error) };
    }
    slowestMs = Math.max(slowestMs, options.clock.monotonic() - began);
    execs++;
  }
  const seconds = Math.max((options.clock.monotonic() - from) / 1000, 1e-9);
  return {
    target: target.name,
    execs,
    accepted,
    refused: execs - accepted,
    slowestMs: Math.round(slowestMs * 10) / 10,
    execsPerSecond: Math.round(execs / seconds),
    crash,
    trouble: crash === null ? (target.probe?.() ?? null) : null,
  };
}
