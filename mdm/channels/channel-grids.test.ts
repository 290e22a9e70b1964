/** Grids of many channels: read from the registry they are what the met channels have. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualClock } from '@wattline/base';
import type { Registry } from '@wattline/store/registry';
import { AssetFacts, attributes } from '../assets/asset-facts.ts';
import { addUsagePoint, trialRegistry } from '../fixture/trial.ts';
import { ChannelDirectory } from './channel-directory.ts';
import { gridsOf } from './channel-grids.ts';
import { emptyIndexState } from './index-snapshot.ts';
import { IntervalLengths } from './interval-lengths.ts';

async function partsOver(registry: Registry) {
  const lengths = await IntervalLengths.open(new AssetFacts(registry, virtualClock(0)));
  const directory = new ChannelDirectory(registry, { stateOf: () => emptyIndexState() }, lengths);
  return { registry, lengths, directory };
}

test('channels that were not met have the grid of their registry row, and one whose length changed its parts', async () => {
  const registry = await trialRegistry({ usagePoints: 30 });
  await addUsagePoint(registry, 'UP-31', { zone: 'Asia/Kolkata', intervalSeconds: 3600 });
  const facts = new AssetFacts(registry, virtualClock(0));
  const changed = 'UP-7/delivered';
  const about = { subject: `channel/${changed}`, attribute: attributes.interval };
  const lengths = [
    { ...about, fromMs: 0, value: 900 },
    { ...about, fromMs: 86_400_000, value: 1800 },
  ];
  await facts.record(lengths, { author: 'trial', reason: 'trial' });
  const ids = Array.from({ length: 31 }, (_, index) => `UP-${index + 1}`).flatMap((point) => [
    `${point}/delivered`,
    `${point}/delivered-total`,
  ]);
  const grids = await gridsOf(await partsOver(registry), [...ids, 'UP-99/delivered']);
  const met = await partsOver(registry);
  await met.directory.resolve(ids);
  assert(!grids.has('UP-99/delivered'), 'a channel that the registry does not have has none');
  for (const id of ids) {
    const grid = grids.get(id);
    const channel = met.directory.find(id);
    assert(grid && channel);
    const { number, isRegister, intervalSeconds, phase } = channel;
    assert.deepEqual(
      [grid.number, grid.isRegister, grid.intervalSeconds, grid.phase, grid.days.zone, grid.parts?.length],
      [number, isRegister, intervalSeconds, phase, channel.days.zone, channel.parts?.length],
    );
  }
  assert.equal(grids.get(changed)?.parts?.length, 2);
  assert.equal(grids.get('UP-31/delivered')?.phase, 1800);
  await registry.destroy();
});
