/** What is missing because nobody asked, and what is missing because the meter refused. */
import assert from 'node:assert/strict';
import test, { after, before, describe } from 'node:test';
import { addUsagePoint, batchOf, intervals, openTrial, type Trial } from '../fixture/trial.ts';

const dayMs = 86_400_000;
const start = Date.UTC(2026, 2, 2);
const day = { startMs: start, endMs: start + dayMs };
const gapMs = start + 6 * 3_600_000;

let trial: Trial;
let next = 1;
before(async () => {
  trial = await openTrial({ usagePoints: 0, nowMs: start + 3 * dayMs });
});
after(() => trial.close());

type Outcome = 'answer' | 'refusal' | 'timeout';

/** A point that lacks the morning from six on, with these exchanges: hours after the gap began, outcome, code. */
async function reviewed(
  ...exchanges: readonly (readonly [hours: number, outcome: Outcome, code?: string])[]
) {
  const id = `AT-${next++}`;
  await addUsagePoint(trial.registry, id, { installedMs: start });
  for (const [index, [hours, outcome, code = null]] of exchanges.entries()) {
    const at = gapMs + hours * 3_600_000;
    const row = {
      id: `${id}/${index}`,
      serial: `M-${id}`,
      purpose: 'intervals',
      started_ms: at,
      ended_ms: at + 1,
      outcome,
      code,
    };
    const octets = { message: null, octets_sent: 1, octets_received: 1, digest: null, hex: null };
    await trial.registry
      .insertInto('exchange')
      .values({ ...row, ...octets })
      .execute();
  }
  const values = Array.from({ length: 96 }, (_, slot) => (slot >= 24 && slot < 48 ? null : 10));
  await trial.mdm.ingest(batchOf(id, intervals(`${id}/delivered`, start, values)));
  await trial.mdm.review(id, day);
  const verdicts = await trial.mdm.verdicts(`${id}/delivered`, start);
  const last = (rule: string) => verdicts.findLast((entry) => entry.rule === rule);
  return { id, asked: last('never-asked'), refused: last('asked-refused') };
}

describe('missing intervals', () => {
  test('that nobody asked for since are the process’s fault, and a task for people', async () => {
    const { id, asked, refused } = await reviewed([-24, 'answer']);
    assert.deepEqual([asked?.outcome, refused?.outcome], ['fail', 'pass']);
    assert.match(asked?.detail ?? '', /^24 intervals are missing and nobody asked since/);
    const tasks = await trial.mdm.worklist.open({ after: 0, limit: 100, rule: 'never-asked' });
    assert.ok(tasks.some((task) => task.usage_point_id === id));
  });
  test('that the meter was asked for and refused say so, with the last code', async () => {
    const { asked, refused } = await reviewed([1, 'timeout'], [2, 'refusal', 'headend/attribute-refused']);
    assert.deepEqual([asked?.outcome, refused?.outcome], ['pass', 'fail']);
    assert.match(refused?.detail ?? '', /asked 2 times, refused 1, last with headend\/attribute-refused$/);
  });
  test('of a meter that answers are neither', async () => {
    const { asked, refused } = await reviewed([1, 'refusal', 'x'], [5, 'answer']);
    assert.deepEqual([asked?.outcome, refused?.outcome], ['pass', 'pass']);
  });
  test('of a meter that was never asked in its life are not judged: it may be one that pushes', async () => {
    const { asked, refused } = await reviewed();
    assert.deepEqual([asked, refused], [undefined, undefined]);
  });
});
