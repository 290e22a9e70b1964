/** What is asked for in the round trip of the readings besides them: event logs that are due, and a firmware that nobody knows. */

import { crc32 } from 'node:zlib';
import type { EventScheme } from '../events/event-codes.ts';
import { accessOfLog, entriesOfLog, type LogEntry } from '../events/event-log.ts';
import { textIn } from '../registry/associations.ts';
import type { Task } from './collection-task.ts';
import type { WantedAlong } from './harvest.ts';
import { offsetMinutesAt } from './local-days.ts';
import type { MeterMapping } from './mapping.ts';

/** What is due counts as read once the session has brought it. */
export function wantedAlong(task: Task, mapping: MeterMapping): WantedAlong {
  const logs = wantedLogs(task, mapping);
  const firmware = wantedFirmware(task, mapping);
  const logCount = logs.accesses.length;
  return {
    accesses: [...logs.accesses, ...firmware.accesses],
    take(answers) {
      logs.take(answers.slice(0, logCount));
      firmware.take(answers.slice(logCount));
    },
  };
}

const nothing: WantedAlong = { accesses: [], take() {} };
/** Pause between two questions to a meter that does not tell its firmware. */
const firmwarePauseMs = 30 * 86_400_000;

/** Visits over which a fleet whose firmware nobody knows is asked: no one sweep carries and writes it for all. */
const firmwareTurns = 8;

/**
 * The active firmware identifier, while it is unknown or after the meter's log told of another. Not in the first session since the start, which
 * has the profiles to learn, and in an eighth of the visits after it, unless a person asks.
 */
function wantedFirmware(task: Task, { firmwareObis }: MeterMapping): WantedAlong {
  const { options, entry, memory, harvest, purpose } = task;
  const { isFirmwareDoubtful, shapes } = memory;
  const nowMs = options.clock.now();
  const wasAsked = nowMs - (memory.firmwareAskedMs ?? Number.NEGATIVE_INFINITY) < firmwarePauseMs;
  const isUnknown = (entry.firmware ?? null) === null && !wasAsked;
  const isTurn = memory.visits++ % firmwareTurns === crc32(entry.meter.serial) % firmwareTurns;
  const isWanted = isFirmwareDoubtful || (isUnknown && (isTurn || purpose === 'on-demand'));
  if (!firmwareObis || !shapes || !isWanted) return nothing;
  return {
    accesses: [{ classId: 1, obis: firmwareObis, attribute: 2 }],
    take([answer]) {
      memory.firmwareAskedMs = nowMs;
      memory.isFirmwareDoubtful = false;
      harvest.firmware = textIn(answer);
    },
  };
}

function wantedLogs(task: Task, { eventLogs }: MeterMapping): WantedAlong {
  const { options, entry, memory, harvest, purpose } = task;
  const { policy, clock, desk } = options;
  const nowMs = clock.now();
  const isDue = nowMs - (memory.logsReadMs ?? Number.NEGATIVE_INFINITY) >= policy.eventLogMs;
  if (!isDue && purpose !== 'power-restore') return nothing;
  const { serial, installedAtMs } = entry.meter;
  const sinceMs = Math.max(installedAtMs, nowMs - policy.eventLogDays * 86_400_000);
  const rangeOf = (scheme: EventScheme) => ({
    afterMs: desk.newestOf(serial, scheme) ?? sinceMs,
    untilMs: nowMs + policy.clockShiftMaxMs,
    offsetMinutes: offsetMinutesAt(nowMs, entry.zone),
  });
  return {
    accesses: eventLogs.map((log) => accessOfLog(log, rangeOf(log.scheme))),
    take(answers) {
      const byScheme = new Map<EventScheme, LogEntry[]>();
      for (const [i, log] of eventLogs.entries()) {
        const entries = entriesOfLog(log, answers[i], rangeOf(log.scheme));
        byScheme.set(log.scheme, [...(byScheme.get(log.scheme) ?? []), ...entries]);
      }
      // All logs of a list at once: what is told of one moves the mark for the others too.
      for (const [scheme, entries] of byScheme) {
        harvest.logs.push({ scheme, entries: entries.sort((x, y) => x.atMs - y.atMs) });
      }
      memory.logsReadMs = nowMs;
    },
  };
}
