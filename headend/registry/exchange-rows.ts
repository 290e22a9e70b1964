/** Rows that each session leaves behind, as statements built once: the exchange, how the meter stands. */
import {
  compileInsert,
  compileStatement,
  type NewRow,
  parameter,
  type Registry,
} from '@wattline/store/registry';
import type { FleetMeter } from './fleet.ts';

/** Keeps exchanges: what was asked, what came, and its one outcome. */
export const insertExchanges = compileInsert<'exchange', unknown>(
  [
    'id',
    'serial',
    'purpose',
    'started_ms',
    'ended_ms',
    'outcome',
    'code',
    'message',
    'octets_sent',
    'octets_received',
    'digest',
    'hex',
  ],
  (registry, rows) => registry.insertInto('exchange').values(rows),
);

/** A row of the table of exchanges. */
export type ExchangeRow = NewRow<'exchange'>;

const updateStatus = compileStatement((registry) =>
  registry
    .updateTable('meter')
    .set({
      state: parameter,
      failures: parameter,
      last_contact_ms: parameter,
      last_interval_ms: parameter,
      last_outcome: parameter,
    })
    .where('serial', '=', parameter),
);

/** Keeps how meters stand. */
export async function updateStatuses(transaction: Registry, entries: readonly FleetMeter[]): Promise<void> {
  for (const { meter, status } of new Set(entries)) {
    const { state, failures, lastContactMs, lastIntervalMs, lastOutcome } = status;
    const values = [state, failures, lastContactMs, lastIntervalMs, lastOutcome, meter.serial];
    await updateStatus(transaction, values);
  }
}
