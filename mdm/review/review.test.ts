/** Reviews over a real store: whatever the meter lacks, a day whose registers are known sums to them, also at clock changes. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { localDays, type Random, seededRandom } from '@wattline/base';
import { quality, type ReadingBlock } from '@wattline/model';
import { batchOf, intervals, openTrial, registerAt, type Trial } from '../fixture/trial.ts';

const zone = 'Europe/London';
const seed = process.env.WATTLINE_SEED ?? '1';
const quarterMs = 900_000;
const points = 12;
/** Four local days around each clock change of 2026. */
const stretches = [
  { startMs: Date.UTC(2026, 2, 27), endMs: Date.UTC(2026, 2, 30, 23) },
  { startMs: Date.UTC(2026, 9, 22, 23), endMs: Date.UTC(2026, 9, 27) },
];

/** A point's true values, what of them the meter delivers at first, and its registers. */
interface World {
  readonly channel: string;
  readonly startMs: number;
  readonly truth: readonly number[];
  readonly delivered: readonly (number | null)[];
  readonly registers: readonly ReadingBlock[];
}

function worldOf(point: number, stretch: { startMs: number; endMs: number }, random: Random): World {
  const channel = `UP-${point}/delivered`;
  const slots = (stretch.endMs - stretch.startMs) / quarterMs;
  const truth = Array.from({ length: slots }, () => random.below(600));
  const delivered: (number | null)[] = [...truth];
  for (let gap = random.below(6); gap > 0; gap--) {
    const from = random.below(slots);
    for (let slot = from; slot < Math.min(slots, from + 1 + random.below(60)); slot++) delivered[slot] = null;
  }
  const registers = [registerAt(`${channel}-total`, stretch.startMs, 0)];
  let sum = 0;
  let slot = 0;
  for (const { period } of localDays(stretch, zone)) {
    while (stretch.startMs + slot * quarterMs < period.endMs) sum += truth[slot++] ?? 0;
    registers.push(registerAt(`${channel}-total`, period.endMs, sum));
  }
  return { channel, startMs: stretch.startMs, truth, delivered, registers };
}

async function checkDays(
  trial: Trial,
  world: World,
  stretch: { startMs: number; endMs: number },
): Promise<number> {
  const { mdm } = trial;
  let estimated = 0;
  for (const { period, date } of localDays(stretch, zone)) {
    const series = await mdm.series(world.channel, period);
    const sum = series.value.reduce((total, value) => total + value, 0);
    const before = await mdm.register(`${world.channel}-total`, period.startMs);
    const after = await mdm.register(`${world.channel}-total`, period.endMs);
    assert.equal(sum, (after as number) - (before as number), `${world.channel} on ${date}, seed ${seed}`);
    series.quality.forEach((flags, slot) => {
      const index = (period.startMs - world.startMs) / quarterMs + slot;
      const isMeasured = (flags & quality.measured) !== 0;
      if (isMeasured) assert.equal(series.value[slot], world.truth[index]);
      else assert.equal(flags, quality.estimated, 'an estimate is called one and nothing is left out');
      if (!isMeasured) estimated++;
    });
  }
  return estimated;
}

test(`days of 23, 24 and 25 hours sum to their registers whatever is missing (seed ${seed})`, async (t) => {
  const trial = await openTrial({ zone, usagePoints: points * 2, nowMs: Date.UTC(2026, 10, 1) });
  t.after(() => trial.close());
  for (const [index, stretch] of stretches.entries()) {
    const random = seededRandom(`${seed}/${index}`);
    const lengths = localDays(stretch, zone).map(({ period }) => (period.endMs - period.startMs) / 3_600_000);
    assert.deepEqual(lengths, index === 0 ? [24, 24, 23, 24].slice(0, lengths.length) : [24, 24, 25, 24]);
    for (let point = 1; point <= points; point++) {
      const world = worldOf(index * points + point, stretch, random);
      // Registers may come before the intervals or after them.
      const first = batchOf(`i${index}-${point}`, intervals(world.channel, world.startMs, world.delivered));
      const second = batchOf(`r${index}-${point}`, ...world.registers);
      for (const batch of random.next() < 0.5 ? [first, second] : [second, first])
        await trial.mdm.ingest(batch);
      await trial.mdm.settled();
      // A gap at the very end is closed by the review alone.
      await trial.mdm.review(`UP-${index * points + point}`, stretch);
      const before = await checkDays(trial, world, stretch);
      const lacking = world.delivered.filter((value) => value === null).length;
      assert.equal(before, lacking);
      // Half of what was missing comes late; the rest still sums.
      const late = world.truth.map((value, slot) =>
        world.delivered[slot] === null && slot % 2 === 0 ? value : null,
      );
      if (late.every((value) => value === null)) continue;
      await trial.mdm.ingest(batchOf(`l${index}-${point}`, intervals(world.channel, world.startMs, late)));
      await trial.mdm.review(`UP-${index * points + point}`, stretch);
      const after = await checkDays(trial, world, stretch);
      assert.equal(after, lacking - late.filter((value) => value !== null).length);
    }
  }
});

test('an interval is explained by its versions and the verdicts of its day, oldest first', async (t) => {
  const startMs = Date.UTC(2026, 2, 2);
  const trial = await openTrial({ nowMs: startMs + 10 * 86_400_000, installedMs: startMs });
  t.after(() => trial.close());
  const channel = 'UP-1/delivered';
  const values = Array.from({ length: 96 }, (_, slot) => (slot === 40 ? null : 100));
  const registers = [0, 1].map((day) =>
    registerAt(`${channel}-total`, startMs + day * 86_400_000, day * 9600),
  );
  await trial.mdm.ingest(batchOf('gap', intervals(channel, startMs, values), ...registers));
  await trial.mdm.settled();
  await trial.mdm.ingest(batchOf('late', intervals(channel, startMs + 40 * quarterMs, [100])));
  await trial.mdm.settled();
  const { reasons, versions } = await trial.mdm.explainInterval(channel, startMs + 40 * quarterMs);
  assert.deepEqual(
    versions.map(({ method, origin }) => ({ method, source: origin.source })),
    [
      { method: 'linear', source: 'estimate' },
      { method: '', source: 'dlms' },
    ],
  );
  const text = reasons.join('\n');
  assert.match(text, /value 100 \(estimated\): Straight line between the neighbours/);
  assert.match(
    text,
    /rule missing .* failed for the day from 2026-03-02T00:00:00Z: 1 of 96 intervals missing/,
  );
  assert.match(text, /value 100 \(measured\): from dlms exchange-late/);
  assert.match(text, /rule missing .* passed/);
  const unknown = await trial.mdm.explainInterval(channel, startMs + 5 * 86_400_000);
  assert.deepEqual(unknown.reasons, ['No value is known for this interval.']);
});

test('completeness counts each due slot once: received, estimated or missing', async (t) => {
  const startMs = Date.UTC(2026, 2, 2);
  const nowMs = startMs + 30 * 3_600_000;
  const trial = await openTrial({ usagePoints: 2, nowMs, installedMs: startMs + 3_600_000 });
  t.after(() => trial.close());
  const day = (from: number) => Array.from({ length: 96 - from }, (_, slot) => (slot === 20 ? null : 10));
  await trial.mdm.ingest(batchOf('one', intervals('UP-1/delivered', startMs + 3_600_000, day(4))));
  await trial.mdm.review('UP-1', { startMs, endMs: startMs + 86_400_000 });
  const found = await trial.mdm.completeness({ startMs, endMs: nowMs }, 'UTC');
  assert.deepEqual(found, [
    // Two meters from 01:00 on; one has all but a slot that is estimated, the other nothing.
    { date: '2026-03-02', expected: 184, received: 91, estimated: 1, missing: 92 },
    { date: '2026-03-03', expected: 48, received: 0, estimated: 0, missing: 48 },
  ]);
  const sparse = await trial.mdm.completeness({ startMs, endMs: startMs + 7_200_000 }, 'UTC');
  assert.deepEqual(sparse, [{ date: '2026-03-02', expected: 8, received: 4, estimated: 0, missing: 4 }]);
  await trial.reopen();
  assert.deepEqual(
    await trial.mdm.completeness({ startMs, endMs: nowMs }, 'UTC'),
    found,
    'after a restart too',
  );
});
