/** A thousand virtual meters on virtual time behind fifty concentrators, with seeded loss, sleep and silence: the same world as the bench's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runWorldOfLoss } from '../../bench/headend/completeness.ts';

const seed = process.env.WATTLINE_SEED ?? '1';

test(`a thousand meters over radio that loses in bursts (seed ${seed}): what can be read is read, what is not has its cause`, async () => {
  const world = await runWorldOfLoss(1_000, seed, { hours: 4, judgedHours: 1 });
  assert.ok(world.lostShare > 0.1 && world.lostShare < 0.2, `${world.lostShare} of transmissions were lost`);
  // Five in a hundred sleep at any time and one is silent all day: two rounds of visits with their retries.
  assert.ok(world.within8h >= 97, `${world.within8h} % of the first hour came`);
  assert.equal(world.unexplained, 0);
  assert.equal(world.journalled, world.sessions);
  assert.ok(world.sessions > 2_000);
});
