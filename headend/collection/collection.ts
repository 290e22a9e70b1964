/** Collecting one meter: plan, session, journal, delivery, status; the exchange is on disk before its readings are. */
import { type Clock, codeOf, type Log, messageOf, type Random } from '@wattline/base';
import {
  type EventKind,
  type EventSink,
  eventKinds,
  type ReadingBlock,
  type ReadingProgress,
  type ReadingSink,
} from '@wattline/model';
import type { Dialer } from '@wattline/network';
import { type HeadendErrorCode, headendError, headendErrors } from '../errors.ts';
import type { EventScheme } from '../events/event-codes.ts';
import type { EventDesk } from '../events/event-desk.ts';
import { accessOfLog, entriesOfLog, type LogEntry } from '../events/event-log.ts';
import type { ExchangeOutcome } from '../headend.ts';
import type { InvocationCounters } from '../keys/invocation-counters.ts';
import type { KeyVault } from '../keys/key-vault.ts';
import type { OpenKeys } from '../keys/opened-keys.ts';
import type { HeadendPolicy } from '../policy.ts';
import { type ExchangeRow, insertExchanges, updateStatuses } from '../registry/exchange-rows.ts';
import type { FleetMeter } from '../registry/fleet.ts';
import { type GatheredWrite, gatherWrites } from '../registry/gathered-write.ts';
import { statusAfter } from '../registry/meter-status.ts';
import type { RegistryWriter } from '../registry/registry-writer.ts';
import { holdPublicSession, holdReaderSession } from '../session/reader-session.ts';
import type { Conversation } from '../session/session.ts';
import { mayBeCounter, raiseCounter } from './counter-recovery.ts';
import { emptyHarvest, gatherReadings, type Harvest, type WantedAlong } from './harvest.ts';
import { offsetMinutesAt } from './local-days.ts';
import { type MeterMapping, mappingOf } from './mapping.ts';
import { type CollectionPlan, emptyMemory, type MeterMemory, planCollection } from './missing.ts';
import type { TimeRange } from './time-ranges.ts';

/** Why a meter is read; stands in the journal. */
export type Purpose = 'history' | 'schedule' | 'on-demand' | 'power-restore' | 'dial-in' | 'counter';

/** What collecting needs. */
export interface CollectorOptions {
  readonly dialer: Dialer;
  readonly clock: Clock;
  readonly deadlines: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly events: EventSink;
  readonly sink: ReadingSink;
  readonly progress: ReadingProgress;
  readonly vault: Pick<KeyVault, 'systemTitle'>;
  readonly keysOf: OpenKeys;
  readonly counters: InvocationCounters;
  readonly writer: RegistryWriter;
  readonly policy: HeadendPolicy;
  /** Aborted when the head-end closes. */
  readonly signal: AbortSignal;
  readonly desk: EventDesk;
  /** Proposes to set a clock; without it clocks are only watched. */
  readonly proposeClockShift?: ProposeClockShift;
  /** Told of each session once. */
  readonly onExchange: (entry: FleetMeter, conversation: Conversation) => void;
}

/** A clock that is out by more than the policy lets it be. Collection can set none: it is for a client that may. */
export interface ClockShift {
  readonly serial: string;
  /** The meter's clock minus ours, ms. */
  readonly driftMs: number;
  readonly readMs: number;
}

/** Hands a proposal on; resolves when it is kept. */
export type ProposeClockShift = (shift: ClockShift) => Promise<void>;

/** Reads what is missing from one meter. Never rejects: every exchange has one outcome. */
export type Collector = (entry: FleetMeter, purpose: Purpose) => Promise<ExchangeOutcome>;

/** A collector; what it learns of each meter it keeps in memory. */
export function createCollector(options: CollectorOptions): Collector {
  const memories = new Map<string, MeterMemory>();
  const records: Records = {
    exchange: gatherWrites(options.writer, insertExchanges),
    status: gatherWrites(options.writer, updateStatuses),
  };
  return async (entry, purpose) => {
    const { serial } = entry.meter;
    const memory = memories.get(serial) ?? emptyMemory();
    memories.set(serial, memory);
    const exchangeId = newExchangeId(options);
    const task: Task = {
      ...{ options, records, entry, purpose, memory, exchangeId },
      harvest: emptyHarvest(),
      rejected: [],
    };
    try {
      return await collect(task);
    } catch (error) {
      options.log.error({ serial, exchangeId, code: codeOf(error) }, messageOf(error));
      return outcomeOf(task, 'failure', codeOf(error), messageOf(error));
    }
  };
}

/** What a session leaves in the registry. */
interface Records {
  readonly exchange: GatheredWrite<ExchangeRow>;
  readonly status: GatheredWrite<FleetMeter>;
}

interface Task {
  readonly options: CollectorOptions;
  readonly records: Records;
  readonly entry: FleetMeter;
  readonly purpose: Purpose;
  readonly memory: MeterMemory;
  exchangeId: string;
  readonly harvest: Harvest;
  /** Ranges of which meter data management refused values. */
  readonly rejected: TimeRange[];
}

/** Sorts by time; the random part keeps two sessions of one millisecond apart. */
function newExchangeId({ clock, random }: CollectorOptions): string {
  const time = clock.now().toString(36).padStart(9, '0');
  return `X${time}${Buffer.from(random.bytes(5)).toString('hex')}`;
}

async function collect(task: Task): Promise<ExchangeOutcome> {
  const { options, entry, memory, harvest } = task;
  const { progress, policy, clock } = options;
  const mapping = mappingOf(entry.meter.profile);
  let plan: CollectionPlan;
  try {
    plan = await planCollection(progress, { entry, mapping, memory, policy, nowMs: clock.now() });
  } catch (error) {
    const what = `what is missing is not known: ${messageOf(error)}`;
    throw headendError('headend/progress-failed', what, { serial: entry.meter.serial }, error);
  }
  let conversation = await holdSession(task, mapping, plan);
  options.onExchange(entry, conversation);
  await keepExchange(task, conversation);
  if (await recoverCounter(task, mapping, conversation)) {
    task.exchangeId = newExchangeId(options);
    conversation = await holdSession(task, mapping, plan);
    options.onExchange(entry, conversation);
    await keepExchange(task, conversation);
  }
  const delivery = await deliver(task);
  await keepFindings(task);
  await settleStatus(task, conversation, delivery.isDelivered);
  await reportHarvest(task);
  if (!delivery.isDelivered) {
    return outcomeOf(task, 'failure', 'headend/delivery-failed', delivery.message);
  }
  const { outcome, code, message } = conversation;
  return { ...outcomeOf(task, outcome, code, message), readings: harvest.intervalValues };
}

function outcomeOf(
  { exchangeId, entry }: Task,
  outcome: ExchangeOutcome['outcome'],
  code: string | null,
  message: string | null,
): ExchangeOutcome {
  return { exchangeId, serial: entry.meter.serial, outcome, code, message, readings: 0 };
}

/** Event logs that are due, asked for in the round trip of the readings; what was due is read once the session has brought it. */
function wantedLogs(task: Task, { eventLogs }: MeterMapping): WantedAlong {
  const { options, entry, memory, harvest, purpose } = task;
  const { policy, clock, desk } = options;
  const nowMs = clock.now();
  const isDue = nowMs - (memory.logsReadMs ?? Number.NEGATIVE_INFINITY) >= policy.eventLogMs;
  if (!isDue && purpose !== 'power-restore') return { accesses: [], take() {} };
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

/** Whether our counter was too low and is no longer: then the meter is worth another session at once. */
async function recoverCounter(
  task: Task,
  { counter: told }: MeterMapping,
  conversation: Conversation,
): Promise<boolean> {
  const { options, entry, memory } = task;
  const { policy, counters, clock } = options;
  const { serial } = entry.meter;
  // The counter of a meter's only client is the signer's.
  if (!told || entry.sealed === null || !mayBeCounter(conversation)) return false;
  const nowMs = clock.now();
  if (nowMs - (memory.counterAskedMs ?? Number.NEGATIVE_INFINITY) < policy.counterAskPauseMs) return false;
  memory.counterAskedMs = nowMs;
  const counter = counters.sent(`${serial}/reader`);
  let isRaised = false;
  const asked = await holdPublicSession(options, entry, {
    clientSap: told.clientSap,
    talk: async (session) => {
      isRaised = await raiseCounter(session, { obis: told.obis, counter });
    },
  });
  options.onExchange(entry, asked);
  await keepExchange({ ...task, exchangeId: newExchangeId(options), purpose: 'counter' }, asked);
  if (isRaised)
    options.log.warn({ serial }, 'the meter had seen higher invocation counters: ours were raised');
  return isRaised;
}

function holdSession(task: Task, mapping: MeterMapping, plan: CollectionPlan): Promise<Conversation> {
  const { options, entry, memory, harvest } = task;
  const along = wantedLogs(task, mapping);
  return holdReaderSession(options, entry, (session) =>
    gatherReadings(session, { entry, mapping, memory, plan, clock: options.clock, harvest, along }),
  );
}

/** The frames a reading came from are on disk before the reading: every reading can be explained. */
async function keepExchange(task: Task, conversation: Conversation): Promise<void> {
  const { options, records, entry, purpose, exchangeId } = task;
  const { serial } = entry.meter;
  const { startedMs, endedMs, octetsSent, octetsReceived, outcome, code, message, digest, hex } =
    conversation;
  await Promise.all([
    records.exchange({
      ...{ id: exchangeId, serial, purpose, outcome, code, message, digest, hex },
      started_ms: startedMs,
      ended_ms: endedMs,
      octets_sent: octetsSent,
      octets_received: octetsReceived,
    }),
    options.counters.acceptedOnDisk(`${serial}/reader`),
  ]);
}

async function deliver(task: Task): Promise<{ readonly isDelivered: boolean; readonly message: string }> {
  const { options, entry, exchangeId, harvest } = task;
  const { serial } = entry.meter;
  if (harvest.blocks.length === 0) return { isDelivered: true, message: '' };
  try {
    const receipt = await options.sink.ingest({
      id: exchangeId,
      origin: { source: 'dlms', reference: exchangeId },
      receivedMs: options.clock.now(),
      blocks: harvest.blocks,
    });
    for (const { channel, code, count } of receipt.rejected) {
      for (const block of harvest.blocks) {
        if (block.channel === channel) task.rejected.push(rangeOfBlock(block));
      }
      options.log.warn({ serial, exchangeId, channel, code, count }, 'readings were rejected');
    }
    return { isDelivered: true, message: '' };
  } catch (error) {
    // Nothing is lost: the meter still has it, and what is not known is asked for again.
    task.memory.registersUntilMs = undefined;
    options.log.error({ serial, exchangeId, code: codeOf(error) }, messageOf(error));
    return { isDelivered: false, message: `the readings were not taken: ${messageOf(error)}` };
  }
}

function rangeOfBlock({ startMs, value, intervalSeconds }: ReadingBlock): TimeRange {
  return { startMs, endMs: startMs + value.length * intervalSeconds * 1000 };
}

/** What this exchange showed of intervals that are missing, for the service-level ledger. */
async function keepFindings({ options, entry, exchangeId, harvest, rejected }: Task): Promise<void> {
  const all = [...harvest.findings, ...rejected.map((range) => ({ ...range, cause: 'validation' as const }))];
  if (all.length === 0) return;
  const rows = all.slice(-findingsMax).map(({ startMs, endMs, cause }) => ({
    serial: entry.meter.serial,
    start_ms: startMs,
    end_ms: endMs,
    cause,
    exchange_id: exchangeId,
    at_ms: options.clock.now(),
  }));
  await options.writer.write(async (transaction) => {
    await transaction
      .insertInto('interval_finding')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['serial', 'start_ms', 'cause']).doUpdateSet((row) => ({
          end_ms: row.ref('excluded.end_ms'),
          exchange_id: row.ref('excluded.exchange_id'),
          at_ms: row.ref('excluded.at_ms'),
        })),
      )
      .execute();
  });
}

/** Findings kept of one exchange, the newest first to stay. */
const findingsMax = 256;

async function settleStatus(task: Task, conversation: Conversation, isDelivered: boolean): Promise<void> {
  const { options, entry, harvest } = task;
  // That we close is no failure of the meter.
  if (conversation.code === 'headend/closing') return;
  const { outcome, code, endedMs: atMs } = conversation;
  const newestMs = isDelivered ? harvest.newestMs : null;
  const change = statusAfter(
    entry.status,
    { outcome, code, atMs, newestMs },
    options.policy.unreachableAfter,
  );
  entry.status = change.status;
  await task.records.status(entry);
  // Why a meter without power does not answer is known.
  const isExplained = change.event === 'meter-unreachable' && options.desk.isDark(entry);
  if (change.event === null || isExplained) return;
  const message = conversation.message ?? `${harvest.intervalValues} interval values`;
  await report(task, change.event, code, `${eventKinds[change.event].title}: ${message}`);
}

async function reportHarvest(task: Task): Promise<void> {
  const { options, memory, harvest, entry } = task;
  for (const { scheme, entries } of harvest.logs) {
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
async function report(task: Task, kind: EventKind, code: string | null, message: string): Promise<void> {
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
