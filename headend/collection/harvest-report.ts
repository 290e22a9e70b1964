/** What a session brought besides readings, told: event logs, entries that were dropped, a clock that is out. */
import { codeOf, messageOf } from '@wattline/base';
import type { EventKind } from '@wattline/model';
import { type HeadendErrorCode, headendErrors } from '../errors.ts';
import { meaningOf } from '../events/event-codes.ts';
import type { Task } from './collection-task.ts';

/** Tells all of it. A log that could not be told is read again. */
export async function reportHarvest(task: Task): Promise<void> {
  const { options, memory, harvest, entry } = task;
  for (const { scheme, entries } of harvest.logs) {
    const kinds = entries.map(({ code }) => meaningOf(scheme, code).kind);
    if (kinds.includes('firmware-changed')) memory.isFirmwareDoubtful = true;
    await options.desk.tellLog(entry, scheme, entries).catch((error: unknown) => {
      memory.logsReadMs = undefined;
      options.log.error({ serial: entry.meter.serial, code: codeOf(error) }, messageOf(error));
    });
  }
  for (const [code, count] of harvest.drops) {
    await report(task, 'reading-rejected', code, `${count} dropped: ${headendErrors[code]}`);
  }
  if (harvest.driftMs === null) return;
  const isDrifting = Math.abs(harvest.driftMs) > options.policy.clockDriftMs;
  if (isDrifting && !memory.isDriftReported) {
    const code: HeadendErrorCode = 'headend/clock-drift';
    const side = harvest.driftMs > 0 ? 'ahead' : 'behind';
    const seconds = Math.round(Math.abs(harvest.driftMs) / 1000);
    await report(task, 'clock-drift', code, `The meter's clock is ${seconds} s ${side}`);
  }
  memory.isDriftReported = isDrifting;
  await proposeShift(task, harvest.driftMs);
}

/** At most one proposal in a while for each meter: a command takes its time, and one that was refused is not asked for again at once. */
async function proposeShift({ options, entry, memory }: Task, driftMs: number): Promise<void> {
  const { policy, proposeClockShift, clock, log } = options;
  const outMs = Math.abs(driftMs);
  if (!proposeClockShift || outMs <= policy.clockShiftMs || outMs > policy.clockShiftMaxMs) return;
  const readMs = clock.now();
  if (readMs - (memory.shiftProposedMs ?? Number.NEGATIVE_INFINITY) < policy.clockShiftPauseMs) return;
  const { serial } = entry.meter;
  memory.shiftProposedMs = readMs;
  try {
    await proposeClockShift({ serial, driftMs, readMs });
  } catch (error) {
    log.warn({ serial, code: codeOf(error) }, `setting its clock was not proposed: ${messageOf(error)}`);
  }
}

/** A sink that fails must not cost the readings that are already delivered. */
export async function report(
  task: Task,
  kind: EventKind,
  code: string | null,
  message: string,
): Promise<void> {
  const { options, entry } = task;
  const { serial, usagePointId } = entry.meter;
  const nowMs = options.clock.now();
  try {
    await options.events.report({
      kind,
      occurredMs: nowMs,
      receivedMs: nowMs,
      usagePointId,
      serial,
      ...(code === null ? {} : { code }),
      message,
    });
  } catch (error) {
    options.log.error({ serial, kind, code: codeOf(error) }, `an event was not kept: ${messageOf(error)}`);
  }
}
