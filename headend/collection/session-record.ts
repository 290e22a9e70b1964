/** What a session leaves in the registry: its exchange first, then what it showed of missing intervals, and how the meter stands. */
import { eventKinds } from '@wattline/model';
import { insertExchanges, updateStatuses } from '../registry/exchange-rows.ts';
import { gatherWrites } from '../registry/gathered-write.ts';
import { keepFirmware } from '../registry/make-up-rows.ts';
import { statusAfter } from '../registry/meter-status.ts';
import type { RegistryWriter } from '../registry/registry-writer.ts';
import type { Conversation } from '../session/session.ts';
import type { Records, Task } from './collection-task.ts';
import { report } from './harvest-report.ts';

/** Records over a writer. */
export function openRecords(writer: RegistryWriter): Records {
  return {
    exchange: gatherWrites(writer, insertExchanges),
    status: gatherWrites(writer, updateStatuses),
  };
}

/** The frames a reading came from are on disk before the reading: every reading can be explained. */
export async function keepExchange(task: Task, conversation: Conversation): Promise<void> {
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

/** What this exchange showed of intervals that are missing, for the service-level ledger. */
export async function keepFindings({ options, entry, exchangeId, harvest, rejected }: Task): Promise<void> {
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

/** The firmware that the meter told, from now on. */
export async function keepFirmwareTold({ options, entry, harvest }: Task): Promise<void> {
  const { firmware: version } = harvest;
  if (version === null || version === entry.firmware) return;
  const { serial } = entry.meter;
  const told = { serial, version, told_by: 'meter' as const, from_ms: options.clock.now() };
  await options.writer.write((transaction) => keepFirmware(transaction, told));
  entry.firmware = version;
}

/** How the meter stands after its session; a change becomes an event. */
export async function settleStatus(
  task: Task,
  conversation: Conversation,
  isDelivered: boolean,
): Promise<void> {
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
