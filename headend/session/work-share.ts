/** Several head-ends on one registry: a meter is in a session with one of them at a time, and what another has just read is not read again. */
import type { Clock } from '@wattline/base';
import { createLeases, type Lease, type Leases, type Registry } from '@wattline/store/registry';
import type { ExchangeOutcome } from '../headend.ts';
import type { InvocationCounters } from '../keys/invocation-counters.ts';
import type { HeadendPolicy } from '../policy.ts';
import { type Fleet, type FleetMeter, refreshMeter } from '../registry/fleet.ts';

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
  readonly deadlines: Clock;
  readonly fleet: Fleet;
  readonly policy: HeadendPolicy;
  readonly counters: Pick<InvocationCounters, 'sent'>;
  readonly worker: string;
  /** Since when a contact serves the sweeps that want a meter: asked once for each turn. */
  readonly sweptSinceMs: (serial: string) => number | undefined;
}): WorkShare {
  const { registry, clock, fleet, policy, counters, worker, sweptSinceMs } = options;
  const leases = createLeases({ registry, clock, holder: worker, leaseMs: policy.leaseMs });
  const fences = new Map<string, number>();
  return async (entry, asked, turn) => {
    const { serial } = entry.meter;
    const sinceMs = sweptSinceMs(serial) ?? Number.POSITIVE_INFINITY;
    const taken = await leases.take(`meter/${serial}`);
    if (!taken) {
      const message = `another head-end is in a session with meter ${serial}`;
      return { ...nothingDone(serial), outcome: 'failure', code: 'headend/meter-leased', message };
    }
    // Whoever had the meter in between has used higher numbers, and the meter takes no lower ones.
    if (taken.fence !== (fences.get(serial) ?? 0) + 1) counters.sent(`${serial}/reader`).forget();
    const renewal = keepRenewed(leases, taken, options);
    try {
      await refreshMeter(registry, fleet, entry);
      const isDone =
        (asked === 'schedule' && isCurrent(entry, clock.now())) ||
        (asked === 'history' && (entry.status.lastContactMs ?? 0) >= sinceMs);
      return isDone ? { ...nothingDone(serial), outcome: 'answer', code: null, message: null } : await turn();
    } finally {
      const lease = await renewal.end();
      await leases.release(lease);
      fences.set(serial, lease.fence);
    }
  };
}

/** A turn may take longer than a lease: it is renewed in time, so that only what a dead worker held becomes free. */
function keepRenewed(
  leases: Leases,
  taken: Lease,
  { deadlines, policy }: { readonly deadlines: Clock; readonly policy: HeadendPolicy },
) {
  let lease = taken;
  let isEnded = false;
  let renewing: Promise<void> = Promise.resolve();
  let cancel = () => {};
  const renew = async () => {
    const next = await leases.take(taken.name).catch(() => undefined);
    if (next) lease = next;
    arm();
  };
  const arm = () => {
    if (isEnded) return;
    cancel = deadlines.after(policy.leaseMs / 3, () => {
      renewing = renew();
    });
  };
  arm();
  return {
    async end(): Promise<Lease> {
      isEnded = true;
      cancel();
      await renewing;
      return lease;
    },
  };
}

function nothingDone(serial: string) {
  return { exchangeId: '', serial, readings: 0 };
}

/** Whether the interval that ended last is there. */
function isCurrent({ meter, status }: FleetMeter, nowMs: number): boolean {
  const stepMs = meter.intervalSeconds * 1000;
  return (status.lastIntervalMs ?? 0) >= Math.floor(nowMs / stepMs) * stepMs;
}
