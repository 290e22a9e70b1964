/** What the rules say and write of a fleet with every fault there is: the same whatever the way in which it is reckoned. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { localDays, type Random, seededRandom, silentLog } from '@wattline/base';
import { quality, type ReadingBlock } from '@wattline/model';
import { openReadingsStore } from '@wattline/store/readings';
import { batchOf, openTrial, registerAt, type Trial } from '../fixture/trial.ts';
import { unpackPasses } from '../rules/pass-list.ts';

const zone = 'Europe/London';
const quarterMs = 900_000;
/** Over the clock change of March 2026, with days enough before it to make a usual one. */
const stretch = { startMs: Date.UTC(2026, 2, 19), endMs: Date.UTC(2026, 2, 31, 23) };
const points = 18;
const moreTypes = ['delivered-apparent', 'delivered-reactive', 'voltage', 'current', 'check'];

interface Columns {
  readonly value: Float64Array;
  readonly quality: Uint16Array;
}

/** Faults by number, done to a day of a point's columns. */
const faults: readonly ((day: Columns, random: Random) => void)[] = [
  () => {},
  ({ value, quality: flags }, random) => {
    const from = random.below(value.length);
    for (let slot = from; slot < Math.min(value.length, from + 1 + random.below(30)); slot++) {
      value[slot] = 0;
      flags[slot] = quality.missing;
    }
  },
  ({ value }, random) => {
    value[random.below(value.length)] = 9000;
  },
  ({ value }) => value.fill(0),
  ({ value }) => value.fill(77, 20, 80),
  ({ value }) => value.set(value.map((wh) => wh * 9)),
  ({ value }) => value.set(value.map((wh) => Math.floor(wh / 50))),
  ({ quality: flags }) => flags.fill(quality.measured | quality.clockDoubtful, 10, 20),
  ({ quality: flags }) => flags.fill(quality.measured | quality.suspect, 40, 44),
  ({ value, quality: flags }) => {
    flags.fill(quality.measured | quality.powerFail, 30, 50);
    value.fill(0, 30, 50);
    value[35] = 12;
    flags[40] = quality.measured;
  },
  ({ value, quality: flags }) => {
    flags.fill(quality.missing, 50, 60);
    value.fill(0, 50, 60);
    value[60] = 4000;
  },
];

const shapes: Readonly<Record<string, (wh: number, slot: number) => number>> = {
  received: (wh, slot) => (slot % 96 > 40 && slot % 96 < 56 ? wh * 3 : 0),
  'delivered-apparent': (wh) => Math.ceil(wh * 1.05),
  'delivered-reactive': (wh) => Math.round(wh * 0.4),
  voltage: (wh) => (wh === 333 ? 2900 : 2280 + (wh % 60)),
  current: (wh) => Math.round(wh * 1.7),
  check: (wh, slot) => wh + (slot % 7 === 0 ? 1 : 0),
};

/** All blocks of a point: its intervals day by day, other channels beside them, registers at local midnights. */
function blocksOf(point: number, random: Random): ReadingBlock[][] {
  const id = `UP-${point}`;
  const slots = (stretch.endMs - stretch.startMs) / quarterMs;
  const truth = Array.from({ length: slots }, () => 20 + random.below(400));
  let register = 0;
  let slot = 0;
  return localDays(stretch, zone).map(({ period }, number) => {
    const count = (period.endMs - period.startMs) / quarterMs;
    const clean = Float64Array.from(truth.slice(slot, slot + count));
    slot += count;
    const before = register;
    register += clean.reduce((sum, wh) => sum + wh, 0);
    const day = { value: clean.slice(), quality: new Uint16Array(count).fill(quality.measured) };
    if (number >= 6) faults[random.below(faults.length)]?.(day, random);
    const block = (type: string, columns: Columns) => ({
      channel: `${id}/${type}`,
      startMs: period.startMs,
      intervalSeconds: 900,
      ...columns,
    });
    const blocks: ReadingBlock[] = [block('delivered', day)];
    if (point % 3 === 0) {
      const flags = new Uint16Array(count).fill(quality.measured);
      for (const [type, shape] of Object.entries(shapes)) {
        if (random.below(8) === 0) continue;
        blocks.push(block(type, { value: clean.map(shape), quality: flags }));
      }
    }
    if (point % 2 === 0) {
      const off = random.below(6) === 0 ? 40 : 0;
      if (point === 2 && number === 8) register -= 60_000;
      blocks.push(registerAt(`${id}/delivered-total`, period.startMs, before));
      blocks.push(registerAt(`${id}/delivered-total`, period.endMs, register + off));
    }
    return blocks;
  });
}

/** Delivers day by day, the days of some points late and some blocks twice, then asks for a review of it all. */
async function deliver(trial: Trial): Promise<void> {
  const random = seededRandom('findings');
  const worlds = Array.from({ length: points }, (_, point) => blocksOf(point + 1, random));
  const late: ReadingBlock[] = [];
  for (let day = 0; day < (worlds[0] as ReadingBlock[][]).length; day++) {
    const blocks = worlds.flatMap((world) => world[day] as ReadingBlock[]);
    const kept = blocks.filter((block) => {
      if (block.intervalSeconds === 0 || random.below(12) !== 0) return true;
      late.push(block);
      return false;
    });
    await trial.mdm.ingest(batchOf(`day ${day}`, ...kept));
    await trial.mdm.settled();
  }
  for (let point = 1; point <= points; point++) await trial.mdm.review(`UP-${point}`, stretch);
  await trial.mdm.ingest(batchOf('late', ...late));
  await trial.mdm.ingest(batchOf('again', ...late.slice(0, 20)));
  await trial.mdm.settled();
}

interface Told {
  readonly digest: string;
  readonly rules: Record<string, { passed: number; failed: number }>;
  readonly methods: Record<string, number>;
}

async function told(directory: string, channels: number): Promise<Told> {
  const store = await openReadingsStore({ directory: join(directory, 'store'), log: silentLog });
  const hash = createHash('sha256');
  const ruleCounts: Told['rules'] = {};
  const methods: Told['methods'] = {};
  const span = { start: stretch.startMs / 1000 - 86_400, end: stretch.endMs / 1000 + 86_400 };
  const count = (rule: string, hasFailed: boolean) => {
    ruleCounts[rule] ??= { passed: 0, failed: 0 };
    const entry = ruleCounts[rule];
    if (hasFailed) entry.failed++;
    else entry.passed++;
  };
  try {
    const all = Array.from({ length: channels }, (_, index) => index + 1);
    const blocksByChannel = Map.groupBy(await store.blocks(all, span), (block) => block.channel);
    const verdictsByChannel = Map.groupBy(await store.lastVerdicts(all, span), (verdict) => verdict.channel);
    for (const channel of all) {
      const blocks = blocksByChannel.get(channel) ?? [];
      const lines = blocks.map(
        (b) => `${b.start} ${b.intervalSeconds} ${b.method} ${b.value.join()} ${b.quality.join()}`,
      );
      for (const { method } of blocks) methods[method] = (methods[method] ?? 0) + 1;
      const verdicts = verdictsByChannel.get(channel) ?? [];
      for (const { rule, hasFailed, detail } of verdicts) {
        if (rule === 'passed') for (const one of unpackPasses(detail)) count(one, false);
        else count(rule, hasFailed);
      }
      lines.push(...verdicts.map((v) => `${v.start} ${v.rule} ${v.hasFailed} ${v.detail}`).sort());
      hash.update(`${channel}\n${lines.join('\n')}\n`);
    }
  } finally {
    await store.close();
  }
  return { digest: hash.digest('hex'), rules: ruleCounts, methods };
}

test('Of a fleet with every fault the rules say, and the review writes, what is on record', async () => {
  const trial = await openTrial({
    zone,
    usagePoints: points,
    installedMs: stretch.startMs,
    nowMs: stretch.endMs + 3_600_000,
  });
  try {
    for (let point = 1; point <= points; point++) {
      const id = `UP-${point}`;
      await trial.registry
        .insertInto('channel')
        .values(
          moreTypes.map((type) => ({
            id: `${id}/${type}`,
            usage_point_id: id,
            reading_type: type,
            interval_seconds: 900,
          })),
        )
        .execute();
    }
    await deliver(trial);
    let found: Told | undefined;
    await trial.reopen(async () => {
      found = await told(trial.directory, points * (4 + moreTypes.length));
    });
    const record = JSON.parse(readFileSync(new URL('findings.json', import.meta.url), 'utf8')) as Told;
    assert.deepEqual(found, record);
  } finally {
    await trial.close();
  }
});
