/** Which days stay in memory when it runs short. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quality } from '@wattline/model';
import type { ReadingsStore } from '@wattline/store/readings';
import { type Channel, channelOf, storeDayStart } from './channel.ts';
import { DayCache } from './day-cache.ts';
import { emptyIndexState } from './index-snapshot.ts';
import { LocalDays } from './local-days.ts';
import { sizeOfDay, wholeIntervalDay } from './stored-day.ts';

const day = 20_514;
const slots = 96;
const days = new LocalDays('UTC');

function channelWith(number: number): Channel {
  const point = { usagePointId: `UP-${number}`, readingType: 'delivered', intervalSeconds: 900, zone: 'UTC' };
  return channelOf({ number, id: `UP-${number}/delivered`, ...point }, days, emptyIndexState(), []);
}

const dayOf = (channel: Channel) =>
  wholeIntervalDay(
    storeDayStart(channel, day),
    new Float64Array(slots),
    new Uint16Array(slots).fill(quality.measured),
  );

test('days that wait for their review stay in memory while older ones that were looked at go', async () => {
  const asked: number[] = [];
  const store = {
    blocks: async (channels: readonly number[]) => {
      asked.push(...channels);
      return [];
    },
  } as unknown as ReadingsStore;
  const fit = 200;
  const cache = new DayCache(store, fit * sizeOfDay(dayOf(channelWith(0))));
  const oldest = channelWith(1);
  const waiting: Channel[] = [];
  for (let number = 1; number <= 2000; number++) {
    const channel = number === 1 ? oldest : channelWith(number);
    cache.adopt(channel, dayOf(channel), { batch: number, knownMs: number });
    waiting.push(channel);
    if (number % 10 === 0) cache.trim(number);
    if (waiting.length > fit / 4) {
      const next = waiting.shift() as Channel;
      await cache.withDays([{ channel: next, day }], () => cache.interval(next, day));
    }
  }
  assert.deepEqual(asked, [], 'none of the days was asked of the store');
  await cache.withDays([{ channel: oldest, day }], () => {});
  assert.deepEqual(asked, [1], 'the oldest has gone');
});
