/** Sums kept while readings come in, against those that the store makes of all it holds. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { localDay, type Random, seededRandom } from '@wattline/base';
import type { ReadingBlock } from '@wattline/model';
import { batchOf, intervals, openTrial, registerAt, type Trial } from '../fixture/trial.ts';

const points = 5;
const days = ['2026-03-27', '2026-03-28', '2026-03-29', '2026-03-30'];
/** Later than anything becomes known: a question about what was known at an instant goes to the store. */
const everMs = 4_000_000_000_000;
const said = { author: 'Trial', reason: 'because' };

interface Setting {
  readonly zone: string;
  readonly intervalSeconds: number;
}

/** A day of a point, or a piece of it, with holes; now and then its registers. */
function delivery({ zone, intervalSeconds }: Setting, random: Random): ReadingBlock[] {
  const { startMs, endMs } = localDay(days[random.below(days.length)] as string, zone);
  const id = `UP-${1 + random.below(points)}/${random.below(4) === 0 ? 'received' : 'delivered'}`;
  const slots = (endMs - startMs) / (intervalSeconds * 1000);
  const from = random.below(3) === 0 ? random.below(slots) : 0;
  const isHoley = random.below(3) === 0;
  const values = Array.from({ length: slots - from }, () =>
    isHoley && random.below(6) === 0 ? null : random.below(900),
  );
  const blocks = [intervals(id, startMs + from * intervalSeconds * 1000, values, { intervalSeconds })];
  if (random.below(3) === 0)
    blocks.push(registerAt(`${id}-total`, startMs, 100_000), registerAt(`${id}-total`, endMs, 150_000));
  return blocks;
}

/** One thing that changes what stands: a delivery, a review that estimates, or a person's edit. */
async function change(trial: Trial, setting: Setting, random: Random, turn: number): Promise<void> {
  const what = random.below(6);
  const point = `UP-${1 + random.below(points)}`;
  const period = localDay(days[random.below(days.length)] as string, setting.zone);
  if (what === 0) await trial.mdm.review(point, period);
  else if (what === 1)
    await trial.mdm.editor.edit({
      channel: `${point}/delivered`,
      startMs: period.startMs,
      values: [turn, null, 7],
      ...said,
    });
  else await trial.mdm.ingest(batchOf(`turn ${turn}`, ...delivery(setting, random)));
}

async function compare(trial: Trial, zone: string, random: Random): Promise<number> {
  const day = localDay(days[random.below(days.length)] as string, zone);
  const noonMs = (day.startMs + day.endMs) / 2;
  const period = random.below(4) === 0 ? { startMs: day.startMs, endMs: noonMs } : day;
  const kept = await trial.mdm.aggregation.balance({ level: 'feeder', period });
  const summed = await trial.mdm.aggregation.balance({ level: 'feeder', period, asOfMs: everMs });
  const byNode = new Map(kept.map((node) => [node.node, node]));
  // Counts are those of the store days that the period touches: they agree where it begins and ends with one.
  const isWhole = period.startMs % 86_400_000 === 0 && period.endMs % 86_400_000 === 0;
  for (const node of summed) {
    const { held, derived, ...sums } = byNode.get(node.node) ?? {};
    const { held: heldThere, derived: derivedThere, ...sumsThere } = node;
    assert.deepEqual(sums, sumsThere);
    if (isWhole) assert.deepEqual([held, derived], [heldThere, derivedThere]);
  }
  for (const { node, net } of kept) {
    if (!summed.some((other) => other.node === node)) assert.ok(net.every((wh) => wh === 0));
  }
  return summed.reduce((sum, { held }) => sum + held, 0);
}

for (const setting of [
  { zone: 'Europe/London', intervalSeconds: 900 },
  { zone: 'Asia/Kolkata', intervalSeconds: 3600 },
]) {
  test(`sums kept in ${setting.zone} are those of the store after late, corrected, estimated and edited readings`, async () => {
    const random = seededRandom(`kept ${setting.zone}`);
    const nowMs = Date.UTC(2026, 3, 2);
    const trial = await openTrial({
      ...setting,
      usagePoints: points,
      installedMs: Date.UTC(2026, 2, 26),
      nowMs,
    });
    try {
      await trial.registry
        .updateTable('usage_point')
        .set({ feeder: 'F2' })
        .where('id', '>', 'UP-3')
        .execute();
      let held = 0;
      for (let turn = 0; turn < 45; turn++) {
        await change(trial, setting, random, turn);
        if (random.below(3) === 0) await trial.mdm.settled();
        if (random.below(2) > 0) continue;
        await trial.mdm.settled();
        held += await compare(trial, setting.zone, random);
      }
      assert.ok(held > 1000, `${held} readings were compared`);
      await trial.reopen();
      await compare(trial, setting.zone, random);
    } finally {
      await trial.close();
    }
  });
}
