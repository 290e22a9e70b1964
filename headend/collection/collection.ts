/** Collecting one meter: plan, session, journal, delivery, status; the exchange is on disk before its readings are. */
import { codeOf, messageOf } from '@wattline/base';
import type { SecurityKeys } from '@wattline/protocols/dlms';
import { headendError } from '../errors.ts';
import type { ExchangeOutcome } from '../headend.ts';
import type { FleetMeter } from '../registry/fleet.ts';
import { holdPublicSession, holdReaderSession } from '../session/reader-session.ts';
import type { Conversation } from '../session/session.ts';
import type { CollectorOptions, Purpose, Task } from './collection-task.ts';
import { mayBeCounter, raiseCounter } from './counter-recovery.ts';
import { deliver } from './delivery.ts';
import { emptyHarvest, gatherReadings } from './harvest.ts';
import { reportHarvest } from './harvest-report.ts';
import { type MeterMapping, mappingOf } from './mapping.ts';
import { type CollectionPlan, emptyMemory, type MeterMemory, planCollection } from './missing.ts';
import { keepExchange, keepFindings, keepFirmwareTold, openRecords, settleStatus } from './session-record.ts';
import { wantedAlong } from './wanted-along.ts';

/** Reads what is missing from one meter. Never rejects: every exchange has one outcome. */
export type Collector = (entry: FleetMeter, purpose: Purpose) => Promise<ExchangeOutcome>;

/** A collector; what it learns of each meter it keeps in memory. */
export function createCollector(options: CollectorOptions): Collector {
  const memories = new Map<string, MeterMemory>();
  const records = openRecords(options.writer);
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

/** Sorts by time; the random part keeps two sessions of one millisecond apart. */
function newExchangeId({ clock, random }: CollectorOptions): string {
  const time = clock.now().toString(36).padStart(9, '0');
  return `X${time}${Buffer.from(random.bytes(5)).toString('hex')}`;
}

/** How one session of a visit went. */
interface Attempt {
  readonly conversation: Conversation;
  /** Whether the meter took the keys of the session. */
  readonly isAssociated: boolean;
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
  const attempt = (keys?: SecurityKeys) => holdSession(task, mapping, plan, keys);
  const first = await attempt();
  let { conversation } = (await tryPending(task, first, attempt)) ?? first;
  if (await recoverCounter(task, mapping, conversation)) {
    task.exchangeId = newExchangeId(options);
    conversation = (await attempt()).conversation;
  }
  const delivery = await deliver(task);
  await keepFindings(task);
  await keepFirmwareTold(task);
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

/**
 * A meter that did not associate, and to which a pair of keys is on its way, is asked once more with that pair: the change may have been
 * cut off behind its back. Both sessions number what they seal out of one counter, so that neither pair meets a number twice. Undefined
 * when there was no reason to.
 */
async function tryPending(
  task: Task,
  { conversation, isAssociated }: Attempt,
  attempt: (keys: SecurityKeys) => Promise<Attempt>,
): Promise<Attempt | undefined> {
  const { options, entry } = task;
  const { pendingKeys, log, signal } = options;
  const { serial } = entry.meter;
  // Who could not be reached says nothing of its keys; those of a meter's only client are the signer's.
  const isPointless = isAssociated || conversation.outcome === 'unreachable' || signal.aborted;
  if (!pendingKeys || isPointless || entry.sealed === null) return undefined;
  const keys = await pendingKeys.of(serial);
  if (!keys) return undefined;
  task.exchangeId = newExchangeId(options);
  const second = await attempt(keys);
  if (second.isAssociated) {
    try {
      await pendingKeys.prove(serial, keys);
    } catch (error) {
      // They stay on their way and are proved by the next visit; what was read is read.
      log.error({ serial, code: codeOf(error) }, messageOf(error));
    }
  }
  return second;
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

/** A session and its record; with `keys` in the place of the meter's own. */
async function holdSession(
  task: Task,
  mapping: MeterMapping,
  plan: CollectionPlan,
  keys?: SecurityKeys,
): Promise<Attempt> {
  const { options, entry, memory, harvest } = task;
  const along = wantedAlong(task, mapping);
  let isAssociated = false;
  const conversation = await holdReaderSession(
    keys ? { ...options, keysOf: () => keys } : options,
    entry,
    (session) => {
      isAssociated = true;
      return gatherReadings(session, {
        ...{ entry, mapping, memory, plan, harvest, along },
        clock: options.clock,
      });
    },
  );
  options.onExchange(entry, conversation);
  await keepExchange(task, conversation);
  return { conversation, isAssociated };
}
