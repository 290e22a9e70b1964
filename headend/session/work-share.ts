/** Several head-ends on one registry: a meter is in a session with one of them at a time, and what another has just read is not read again. */
import type { Clock } from '@wattline/base';
import { createLeases, type Registry } from '@wattline/store/registry';
import type { ExchangeOutcome } from '../headend.ts';
import type { HeadendPolicy } from '../policy.ts';
import type { Fleet, FleetMeter } from '../registry/fleet.ts';

/** Sessions that one turn may hold at most: keys proved, a look, a counter asked, the reading itself twice. */
const sessionsOfTurn = 5;
/** Clocks of workers may differ by this much. */
const skewMs = 30_000;

/** Runs a turn with a meter under its lease, or tells why not without a session. */
export type WorkShare = <Asked extends string>(
  entry: FleetMeter,
  asked: Asked,
  turn: () => Promise<ExchangeOutcome | undefined>,
) => Promise<ExchangeOutcome | undefined>;

/** The share of one worker. */
export function createWorkShare(options: {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly fleet: Fleet;
  readonly policy: HeadendPolicy;
  readonly worker?: string;
}): WorkShare {
  const { registry, clock, policy, worker = '' } = options;
  const leaseMs = sessionsOfTurn * (policy.dialTimeoutMs + policy.sessionTimeoutMs) + skewMs;
  const leases = createLeases({ registry, clock, holder: worker, leaseMs });
  return async (entry, asked, turn) => {
    const { serial } = entry.meter;
    const lease = await leases.take(`meter/${serial}`);
    if (!lease) {
      const message = `another head-end is in a session with meter ${serial}`;
      return { ...nothingDone(serial), outcome: 'failure', code: 'headend/meter-leased', message };
    }
    try {
      await refresh(registry, entry);
      const isDone = asked === 'schedule' && isCurrent(entry, clock.now());
      return isDone ? { ...nothingDone(serial), outcome: 'answer', code: null, message: null } : await turn();
    } finally {
      await leases.release(lease);
    }
  };
}

function nothingDone(serial: string) {
  return { exchangeId: '', serial, readings: 0 };
}

/** How the meter stands may have been changed by another worker. */
async function refresh(registry: Registry, entry: FleetMeter): Promise<void> {
  const row = await registry
    .selectFrom('meter')
    .select(['state', 'failures', 'last_contact_ms', 'last_interval_ms', 'last_outcome'])
    .where('serial', '=', entry.meter.serial)
    .executeTakeFirst();
  if (!row) return;
  entry.status = {
    state: row.state,
    failures: row.failures,
    lastContactMs: row.last_contact_ms,
    lastIntervalMs: row.last_interval_ms,
    lastOutcome: row.last_outcome,
  };
}

/** Whether the interval that ended last is there. */
function isCurrent({ meter, status }: FleetMeter, nowMs: number): boolean {
  const stepMs = meter.intervalSeconds * 1000;
  return (status.lastIntervalMs ?? 0) >= Math.floor(nowMs / stepMs) * stepMs;
}
