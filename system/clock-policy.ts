/** Clocks by policy: what collection proposes becomes a job of the command desk, which the signer carries out by its own clock. */
import { type Clock, formatInstant } from '@wattline/base';
import type { ClockShift, CommandDesk } from '@wattline/headend';

/** Hours that such a job may wait for its meter. */
const deadlineMs = 4 * 3_600_000;

/**
 * Requests that a meter's clock be set. One day's proposals for a meter are one batch, however often they are made.
 * Rejects as {@link CommandDesk.request} does.
 */
export async function requestClockShift(
  desk: Pick<CommandDesk, 'batch' | 'request'>,
  shift: ClockShift,
  clock: Pick<Clock, 'now'>,
): Promise<void> {
  const { serial, driftMs, readMs } = shift;
  const key = `clock-policy/${serial}/${formatInstant(readMs).slice(0, 10)}`;
  if (await desk.batch(key)) return;
  const seconds = Math.round(Math.abs(driftMs) / 1000);
  await desk.request({
    key,
    tenant: 'utility',
    command: 'clock-shift',
    lane: 'ordinary',
    meters: [serial],
    reason: `the clock is ${seconds} s ${driftMs > 0 ? 'ahead' : 'behind'}`,
    requestedBy: 'clock policy',
    deadlineMs: clock.now() + deadlineMs,
  });
}
