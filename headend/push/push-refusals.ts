/** Pushes that are not believed: all counted, some told, none answered. */
import type { Clock, Failure } from '@wattline/base';
import type { EventKind, EventSink } from '@wattline/model';
import type { Link } from '@wattline/network';
import type { Fleet, FleetMeter } from '../registry/fleet.ts';
import type { PushFramingName } from './push-framing.ts';
import type { Quota } from './quota.ts';

/** Told of each push that came, and over what. */
export type OnPush = (became: 'taken' | 'refused', framing: PushFramingName) => void;

/** Who is told of refusals. */
export interface RefusalOptions {
  readonly events: EventSink;
  readonly clock: Clock;
  readonly fleet: Pick<Fleet, 'get' | 'ofSystemTitle'>;
  /** Told of each push taken or refused. */
  readonly onPush: OnPush;
  /** Told of a sender that nobody has provisioned, within the quota of refusals. */
  readonly onUnknown?: (systemTitle: string, peer: string) => void;
  /** Refusals of one host that become events. */
  readonly refusals: Quota;
}

/** The host of a peer `host:port`; a serial line is its own. */
export function hostOf(peer: string): string {
  const colon = peer.lastIndexOf(':');
  return colon < 0 ? peer : peer.slice(0, colon);
}

const kindOfCode: Readonly<Record<string, EventKind>> = {
  'dlms/unknown-system-title': 'meter-unknown',
  'dlms/decryption-failed': 'authentication-failed',
  'dlms/authentication-failed': 'authentication-failed',
  'dlms/unprotected': 'authentication-failed',
  'headend/push-unprotected': 'authentication-failed',
  'dlms/counter-replayed': 'frame-replayed',
  'headend/push-replayed': 'frame-replayed',
};

/** Counts a refusal and, within the quota of its host, makes it an event. */
export async function refusePush(
  failure: Failure,
  { link: { peer }, framing }: { readonly link: Pick<Link, 'peer'>; readonly framing: PushFramingName },
  { events, clock, fleet, onPush, onUnknown, refusals }: RefusalOptions,
): Promise<void> {
  onPush('refused', framing);
  if (!refusals.take(hostOf(peer))) return;
  const { systemTitle } = failure.where;
  if (failure.code === 'dlms/unknown-system-title' && typeof systemTitle === 'string') {
    onUnknown?.(systemTitle.toUpperCase(), peer);
  }
  const entry = meterNamed(failure, fleet);
  const nowMs = clock.now();
  await events.report({
    kind: kindOfCode[failure.code] ?? 'frame-malformed',
    occurredMs: nowMs,
    receivedMs: nowMs,
    ...(entry ? { serial: entry.meter.serial, usagePointId: entry.meter.usagePointId } : {}),
    code: failure.code,
    message: `Push from ${peer} refused: ${failure.message}`,
  });
}

/** The meter a failure is about, when it says: by serial number or by system title (which anyone may have claimed). */
function meterNamed({ where }: Failure, fleet: RefusalOptions['fleet']): FleetMeter | undefined {
  if (typeof where.serial === 'string') return fleet.get(where.serial);
  return typeof where.systemTitle === 'string' ? fleet.ofSystemTitle(where.systemTitle) : undefined;
}
