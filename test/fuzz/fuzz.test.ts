import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { realClock } from '@wattline/base';
import { dlmsTargets } from './dlms-targets.ts';
import { runFuzz } from './fuzz-run.ts';

const execs = 20_000;
const seed = '1';

describe(`${execs} mutated messages (seed ${seed}) at each door of DLMS`, () => {
  for (const target of dlmsTargets()) {
    test(`${target.name}: each is answered with a value, none with a throw`, () => {
      const report = runFuzz(target, { execs, seed, clock: realClock() });
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
    assert.equal(runFuzz(moved, { execs: 3, seed, clock: realClock() }).trouble, 'moved');
  });
  test('a target that throws is found, with its octets', () => {
    const planted = {
      name: 'planted',
      seeds: [Uint8Array.of(1, 2, 3)],
      feed: (octets: Uint8Array) => octets[0] === 1 || fail(),
    };
    assert.match(
      runFuzz(planted, { execs: 1000, seed, clock: realClock() }).crash?.hex ?? '',
      /^([0-9A-F]{2})*$/,
    );
  });
});

function fail(): never {
  throw new Error('planted');
}
