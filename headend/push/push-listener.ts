/** Listens for what meters push (DataNotification, Green Book 9.4.6.9): power failures, whose teller may be dark a second later. */
import type { Clock, Log } from '@wattline/base';
import type { EventSink, SystemEvent } from '@wattline/model';
import { type Address, type Link, type Listener, listenTcp } from '@wattline/network';
import type { InvocationCounters } from '../keys/invocation-counters.ts';
import type { OpenKeys } from '../keys/opened-keys.ts';
import type { ClaimCounter } from '../keys/shared-acceptance.ts';
import type { HeadendPolicy } from '../policy.ts';
import type { Fleet, FleetMeter } from '../registry/fleet.ts';
import type { RegistryWriter } from '../registry/registry-writer.ts';
import { type ServingOptions, servePushLine } from './push-line.ts';
import { createQuota } from './quota.ts';
import { openInPlace, startSealThread } from './seal-opener.ts';
import type { SharedLine } from './shared-line.ts';

/** What the listener needs. */
export interface PushListenerOptions {
  readonly address: Address;
  readonly fleet: Fleet;
  readonly keysOf: OpenKeys;
  readonly counters: InvocationCounters;
  readonly writer: RegistryWriter;
  readonly events: EventSink;
  readonly clock: Clock;
  readonly deadlines: Clock;
  readonly log: Log;
  readonly policy: HeadendPolicy;
  /** Takes a counter among several head-ends; without it this one is alone. */
  readonly claim?: ClaimCounter;
  /** Told when power is back at a meter, after the event is on disk. */
  readonly onPowerRestore: (entry: FleetMeter) => void;
  /** Told when a meter has proved that a line is its own, as often as it pushes. */
  readonly onLine?: (entry: FleetMeter, line: SharedLine) => void;
  /** Told of a sender that nobody has provisioned, within the quota of refusals. */
  readonly onUnknown?: (systemTitle: string, peer: string) => void;
  /** Told of each push taken or refused. */
  readonly onPush: (isTaken: boolean) => void;
}

/** Opens the listener; the port stands in `address` of what it resolves to. */
export async function openPushListener(given: PushListenerOptions): Promise<Listener> {
  const { policy, deadlines } = given;
  const opener = policy.sealThread ? startSealThread(given.log) : openInPlace;
  const options: ServingOptions = {
    ...given,
    events: inOrder(given.events),
    opener,
    refusals: createQuota(deadlines, policy.refusalsPerHostMinute),
    pushes: createQuota(deadlines, policy.pushesPerLinkMinute),
  };
  const links = new Set<Link>();
  const handled = new Set<Promise<void>>();
  let linkNumber = 0;
  const listener = await listenTcp(
    options.address,
    (link) => {
      links.add(link);
      const line = { link, framing: 'stream', quotaName: `${linkNumber++}`, mayIdle: true } as const;
      const served = servePushLine(line, options).finally(() => {
        links.delete(link);
        handled.delete(served);
      });
      handled.add(served);
    },
    { maxLinks: policy.pushLinks },
  );
  return {
    address: listener.address,
    async close() {
      for (const link of links) link.close();
      await listener.close();
      await Promise.allSettled(handled);
      await opener.close();
    },
  };
}

/** A sink without {@link EventSink.reportAfter} is given each event after its proof, and all in the order they came. */
function inOrder(events: EventSink): Required<EventSink> {
  const reportAfter = events.reportAfter?.bind(events);
  if (reportAfter) return { report: (event) => events.report(event), reportAfter };
  let turn: Promise<unknown> = Promise.resolve();
  const report = (event: SystemEvent, ready?: Promise<unknown>) => {
    const mine = Promise.all([turn, ready]);
    turn = mine.catch(() => undefined);
    return mine.then(() => events.report(event));
  };
  return { report: (event) => report(event), reportAfter: report };
}
