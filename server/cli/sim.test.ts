/** `wattline sim` as a process: the whole stack on a seeded world, held against what the world was. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import type { SimReport } from '../sim.ts';
import { bin } from './fixture/command-line.ts';

const run = (...flags: readonly string[]) =>
  spawnSync(process.execPath, [bin, 'sim', ...flags], { encoding: 'utf8', timeout: 200_000 });

test('a world of six days with its faults is stored to the watt-hour, and the faults are found', () => {
  const { status, stdout, stderr } = run('--meters', '8', '--days', '6', '--seed', '1', '--json');
  assert.equal(status, 0, stderr + stdout);
  const report = JSON.parse(stdout) as SimReport;
  assert.equal(report.isRight, true);
  assert.equal(report.meters, 8);
  for (const { name, compared, wrong } of report.checks) {
    assert.ok(compared > 0, name);
    assert.equal(wrong, 0, name);
  }
});

test('a fault that no world has is wrong usage that names those there are', () => {
  const { status, stderr } = run('--faults', 'earthquake');
  assert.equal(status, 2);
  assert.match(stderr, /outage, unreachable, profile-gap, profile-spike/);
});
