import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { realClock } from '@wattline/base';
import { dlmsTargets } from './dlms-targets.ts';
import { runFuzz } from './fuzz-run.ts';
import { threadWatch } from './resource-watch.ts';

const execs = 20_000;
const seed = '1';
const clock = realClock();

describe(`${execs} mutated messages (seed ${seed}) at each door of DLMS`, () => {
  for (const target of dlmsTargets()) {
    test(`${target.name}: each is answered with a value, none with a throw`, () => {
      const report = runFuzz(target, { execs, seed, clock, watch: threadWatch });
      assert.equal(report.crash, null);
      assert.equal(report.trouble, null);
      assert.ok(report.refused > 0, 'mutants that are refused show that the mutator bites');
    });
  }
  test('a register that moved is found', () => {
    let value = 1;
    const moved = {
      name: 'moved',
      seeds: [Uint8Array.of(1)],
      feed: () => value++ > 0,
      probe: () => (value === 1 ? null : 'moved'),
    };
    assert.equal(runFuzz(moved, { execs: 3, seed, clock, watch: threadWatch }).trouble, 'moved');
  });
  test('octets that take more than 50 ms of the processor or 64 MiB are found', () => {
    const readings = { slow: [0, 51], hungry: [0, (64 << 20) + 1], fair: [0, 50] };
    const costOf = (ms: readonly number[], octets: readonly number[]) => {
      const watch = { processorMs: inTurn(ms), usedOctets: inTurn(octets) };
      const target = { name: 'costly', seeds: [Uint8Array.of(1)], feed: () => false };
      return runFuzz(target, { execs: 1, seed, clock, watch }).costly;
    };
    assert.equal(costOf(readings.slow, readings.fair)?.ms, 51);
    assert.ok((costOf(readings.fair, readings.hungry)?.megabytes ?? 0) > 64);
    assert.equal(costOf(readings.fair, readings.fair), null);
  });
  test('a target that throws is found, with its octets', () => {
    const planted = {
      name: 'planted',
      seeds: [Uint8Array.of(1, 2, 3)],
      feed: (octets: Uint8Array) => octets[0] === 1 || fail(),
    };
    assert.match(
      runFuzz(planted, { execs: 1000, seed, clock, watch: threadWatch }).crash?.hex ?? '',
      /^([0-9A-F]{2})*$/,
    );
  });
});

function inTurn(values: readonly number[]): () => number {
  let at = 0;
  return () => values[at++ % values.length] as number;
}

function fail(): never {
  throw new Error('planted');
}
