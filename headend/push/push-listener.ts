/**
 * Listens for what meters push (DataNotification, Green Book 9.4.6.9): power failures, whose teller may be dark a second later. Over
 * TCP and UDP in wrapper frames (IEC 62056-47); over serial lines, and serial servers on TCP, in UI frames of HDLC (IEC 62056-46).
 */
import { codeOf, messageOf } from '@wattline/base';
import type { EventSink, SystemEvent } from '@wattline/model';
import { type Address, type Link, type Listener, listenTcp, listenUdp } from '@wattline/network';
import type { AcceptedCounter } from '../keys/accepted-counters.ts';
import type { InvocationCounters } from '../keys/invocation-counters.ts';
import type { FleetMeter } from '../registry/fleet.ts';
import { type KeptLine, keepLine } from './kept-line.ts';
import type { PushFramingName } from './push-framing.ts';
import { createPushGate } from './push-gate.ts';
import { type PushLine, type ServingOptions, servePushLine } from './push-line.ts';
import type { PushListenerOptions } from './push-options.ts';
import { hostOf } from './push-refusals.ts';
import { createQuota } from './quota.ts';
import { rehearsePushes } from './rehearsal.ts';
import { openInPlace, startSealThread } from './seal-opener.ts';
import { createStrangers } from './strangers.ts';

/** The listener, and where it listens. */
export interface PushListener extends Listener {
  readonly udp: Address | undefined;
  readonly hdlc: Address | undefined;
}

/**
 * Opens the listener; ports stand in what it resolves to. Lines that cannot be opened are tried again for as long as it is open.
 * @throws CodedError `network/port-taken`, `network/cannot-listen`
 */
export async function openPushListener(given: PushListenerOptions): Promise<PushListener> {
  const { policy, deadlines, log, sources = {} } = given;
  const opener = policy.sealThread ? startSealThread(log) : openInPlace;
  const options: ServingOptions = {
    ...given,
    events: inOrder(given.events),
    opener,
    gate: createPushGate(policy.pushesWaiting),
    counterOf: guardsOf(given.counters),
    refusals: createQuota(deadlines, policy.refusalsPerHostMinute),
    pushes: createQuota(deadlines, policy.pushesPerLinkMinute),
  };
  const links = new Set<Link>();
  const handled = new Set<Promise<void>>();
  const strangers = createStrangers(policy);
  let linkNumber = 0;
  const serve = (link: Link, framing: PushFramingName, idleMs: number) => {
    links.add(link);
    // Who changes his port is the same host still; over TCP each link is proved by a handshake.
    const quotaName = framing === 'datagram' ? hostOf(link.peer) : `${linkNumber++}`;
    const line: PushLine = { link, framing, quotaName, idleMs, onProven: () => strangers.forget(link) };
    if (framing !== 'datagram' && idleMs < stays) strangers.add(link);
    const served = servePushLine(line, options).finally(() => {
      links.delete(link);
      strangers.forget(link);
      handled.delete(served);
    });
    handled.add(served);
    return served;
  };
  const bounds = { maxLinks: policy.pushLinks };
  const listeners: Listener[] = [];
  const lines: KeptLine[] = [];
  const closing = Promise.withResolvers<false>();
  const rehearsed = rehearse(options, closing.promise);
  const close = async () => {
    closing.resolve(false);
    await rehearsed;
    for (const line of lines) line.close();
    for (const link of links) link.close();
    await Promise.all(listeners.map((listener) => listener.close()));
    await Promise.allSettled([...handled, ...lines.map(({ ended }) => ended)]);
    await opener.close();
  };
  const listen = async (opening: Promise<Listener>) => {
    const listener = await opening;
    listeners.push(listener);
    return listener.address;
  };
  const { pushIdleMs, inboundIdleMs } = policy;
  try {
    const address = await listen(
      listenTcp(given.address, (link) => void serve(link, 'stream', pushIdleMs), bounds),
    );
    const onDatagrams = (link: Link) => void serve(link, 'datagram', pushIdleMs);
    const udp =
      sources.udp && (await listen(listenUdp(sources.udp, onDatagrams, { ...bounds, replacesSilent: true })));
    const hdlc =
      sources.hdlc &&
      (await listen(listenTcp(sources.hdlc, (link) => void serve(link, 'hdlc', inboundIdleMs), bounds)));
    for (const source of sources.lines ?? []) {
      lines.push(keepLine(source, { deadlines, log, policy, serve: (link) => serve(link, 'hdlc', stays) }));
    }
    return { address, udp, hdlc, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The guard of each meter, found once: a storm must not put its scope together for each push. */
function guardsOf(counters: InvocationCounters): ServingOptions['counterOf'] {
  const guards = new WeakMap<FleetMeter, AcceptedCounter>();
  return (entry) => {
    const known = guards.get(entry);
    if (known) return known;
    const guard = counters.accepted(`${entry.meter.serial}/push`);
    guards.set(entry, guard);
    return guard;
  };
}

/** Pushes of the rehearsal, in rounds of 64: about as many as it takes until everything is compiled. */
const rehearsalRounds = 64;

/** Rehearses when there is a thread for storms, once it is there and the registry's writer is too. */
async function rehearse(options: ServingOptions, closing: Promise<false>): Promise<void> {
  const { opener, writer, log } = options;
  try {
    if (!(await Promise.race([closing, opener.ready]))) return;
    await writer.write(async () => {});
    await rehearsePushes(options, { rounds: rehearsalRounds, until: closing });
  } catch (error) {
    log.warn({ code: codeOf(error) }, `pushes could not be rehearsed: ${messageOf(error)}`);
  }
}

/** A line that is ours is never too silent. */
const stays = Number.POSITIVE_INFINITY;

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
