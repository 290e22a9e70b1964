/**
 * The life that `kill.test.ts` ends: opens a data directory, checks it against what earlier lives acknowledged, then ingests
 * and prints each acknowledgement until it is killed. Arguments: directory, file of acknowledged batch numbers.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { realClock, silentLog } from '@wattline/base';
import { quality, type ReadingBatch } from '@wattline/model';
import { openReadingsStore } from '@wattline/store/readings';
import type { Mdm } from './mdm.ts';
import { openMdm } from './open-mdm.ts';
import { batchOf, intervals, registerAt, trialRegistry } from './trial.ts';

const [directory = '', ackFile = ''] = process.argv.slice(2);
const points = 4;
const dayMs = 86_400_000;
const start = Date.UTC(2020, 0, 1);
const slots = 96;
/** Slots that the meter never delivers: they are estimated so that the day sums to its register. */
const gap = { from: 40, to: 46 };
const inFlight = 12;

const valueAt = (number: number, slot: number) => 20 + ((number * 31 + slot * slot) % 211);
const channelAt = (number: number) => `UP-${1 + (number % points)}/delivered`;
const dayAt = (number: number) => start + Math.floor(number / points) * dayMs;

/** Sum of the full days before `number` on its channel: what the register showed. */
function registerBefore(number: number): number {
  let sum = 0;
  for (let earlier = number - points; earlier >= 0; earlier -= points) {
    for (let slot = 0; slot < slots; slot++) sum += valueAt(earlier, slot);
  }
  return sum;
}

function batchNumbered(number: number): ReadingBatch {
  const values = Array.from({ length: slots }, (_, slot) =>
    slot >= gap.from && slot < gap.to ? null : valueAt(number, slot),
  );
  const channel = channelAt(number);
  return batchOf(
    `batch-${number}`,
    intervals(channel, dayAt(number), values),
    registerAt(`${channel}-total`, dayAt(number), registerBefore(number)),
  );
}

async function check(mdm: Mdm, acknowledged: ReadonlySet<number>): Promise<number> {
  let last = -1;
  for (const number of acknowledged) last = Math.max(last, number);
  // Batches in flight at the kill may be there or not, but never in part.
  const end = last + 1 + inFlight * 2;
  for (let number = 0; number < end; number++) {
    const period = { startMs: dayAt(number), endMs: dayAt(number) + dayMs };
    const series = await mdm.series(channelAt(number), period);
    const measured = [...series.quality].filter((flags) => (flags & quality.measured) !== 0).length;
    const whole = slots - (gap.to - gap.from);
    assert(measured === whole || measured === 0, `batch ${number} is there in part: ${measured} intervals`);
    assert(measured === whole || !acknowledged.has(number), `acknowledged batch ${number} is lost`);
    series.quality.forEach((flags, slot) => {
      if ((flags & quality.measured) !== 0) assert.equal(series.value[slot], valueAt(number, slot));
    });
    if (!acknowledged.has(number) || !acknowledged.has(number + points)) continue;
    const sum = series.value.reduce((total, value) => total + value, 0);
    const register = registerBefore(number + points) - registerBefore(number);
    assert.equal(sum, register, `day ${number} was not reviewed`);
  }
  return last;
}

/** Each block of the meter once; of estimates, at most one a day. */
async function checkOnce(): Promise<void> {
  const store = await openReadingsStore({ directory: join(directory, 'store'), log: silentLog });
  const seen = new Set<string>();
  for (const { channel, start: at, isDerived } of await store.extents()) {
    const key = `${channel} ${at} ${isDerived}`;
    assert(!seen.has(key), `a block is stored twice: ${key}`);
    seen.add(key);
  }
  const { ids } = await store.tail(100_000);
  assert.equal(new Set(ids).size, ids.length, 'a batch is stored twice');
  await store.close();
}

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

const clock = realClock();
const registry = await trialRegistry({ usagePoints: points, installedMs: start });
const open = () =>
  openMdm({ directory, registry, clock, log: silentLog, events: { report: async () => {} } });
say('opening');
const first = await open();
await first.settled();
const acknowledged = new Set(readFileSync(ackFile, 'utf8').split('\n').filter(Boolean).map(Number));
let next = (await check(first, acknowledged)) + 1;
await first.close();
await checkOnce();
say(`checked ${acknowledged.size}`);
const mdm = await open();
// What was in flight at the last kill is delivered again: its batch may be known already.
for (let number = 0; number < next; number++) {
  if (acknowledged.has(number)) continue;
  await mdm.ingest(batchNumbered(number));
  say(`ack ${number}`);
}
async function deliver(): Promise<void> {
  for (;;) {
    const number = next++;
    await mdm.ingest(batchNumbered(number));
    say(`ack ${number}`);
  }
}
/** Questions that make the log go to the store all the time, so that kills fall between the two as well. */
async function ask(): Promise<void> {
  for (;;) await mdm.versions(channelAt(0), start);
}
await Promise.all([ask(), ...Array.from({ length: inFlight }, deliver)]);
