/** The town's clock is carried on at the speed at which it was seen to run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { townTime } from './town-clock.ts';

test('after one sighting the town keeps step with the machine', () => {
  const seen = { townMs: 1_000_000, machineMs: 500 };
  assert.equal(townTime(seen, seen, 2_500), 1_002_000);
});

test('a town that runs sixty times as fast does so between sightings too', () => {
  const first = { townMs: 0, machineMs: 0 };
  const last = { townMs: 60 * 30_000, machineMs: 30_000 };
  assert.equal(townTime(first, last, 31_000), 60 * 31_000);
});

test('the delay of the network is not taken for speed, nor a clock that was set back', () => {
  const first = { townMs: 0, machineMs: 0 };
  assert.equal(townTime(first, { townMs: 30_120, machineMs: 30_000 }, 31_000), 31_120);
  assert.equal(townTime(first, { townMs: -90_000, machineMs: 30_000 }, 31_000), -89_000);
});
