/** What collection proposes becomes one job a day and meter. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batch, CommandDesk } from '@wattline/headend';
import { requestClockShift } from './clock-policy.ts';

const readMs = Date.UTC(2026, 10, 21, 10);

test('a proposal becomes a batch of one meter with a deadline, and the same day makes no second one', async () => {
  const requested: Batch[] = [];
  const desk = {
    batch: async (key) => {
      const batch = requested.find((one) => one.key === key);
      return batch && { batch, hash: '', approvals: [], requestedMs: readMs };
    },
    request: async (batch) => {
      requested.push(batch);
      return [];
    },
  } satisfies Pick<CommandDesk, 'batch' | 'request'>;
  const clock = { now: () => readMs + 5_000 };
  await requestClockShift(desk, { serial: 'M1', driftMs: -90_400, readMs }, clock);
  await requestClockShift(desk, { serial: 'M1', driftMs: -95_000, readMs: readMs + 3_600_000 }, clock);
  await requestClockShift(desk, { serial: 'M1', driftMs: -95_000, readMs: readMs + 86_400_000 }, clock);
  assert.deepEqual(
    requested.map(({ key, command, meters, reason }) => [key, command, meters, reason]),
    [
      ['clock-policy/M1/2026-11-21', 'clock-shift', ['M1'], 'the clock is 90 s behind'],
      ['clock-policy/M1/2026-11-22', 'clock-shift', ['M1'], 'the clock is 95 s behind'],
    ],
  );
  assert.equal(requested[0]?.deadlineMs, readMs + 5_000 + 4 * 3_600_000);
});
