/** Listens for what meters push (DataNotification, Green Book 9.4.6.9): power failures, whose teller may be dark a second later. */
import {
  type Clock,
  codeOf,
  type Failure,
  type Log,
  messageOf,
  type Result,
  success,
  toHex,
} from '@wattline/base';
import { type EventKind, type EventSink, eventKinds, type SystemEvent } from '@wattline/model';
import { type Address, type Link, type Listener, listenTcp } from '@wattline/network';
import { createPushReceiver, type Data, decodeDateTime, type Push } from '@wattline/protocols/dlms';
import { mappingOf } from '../collection/mapping.ts';
import { type HeadendErrorCode, headendFailure } from '../errors.ts';
import type { InvocationCounters } from '../keys/invocation-counters.ts';
import type { OpenKeys } from '../keys/opened-keys.ts';
import type { ClaimCounter } from '../keys/shared-acceptance.ts';
import type { HeadendPolicy } from '../policy.ts';
import type { Fleet, FleetMeter } from '../registry/fleet.ts';
import type { RegistryWriter } from '../registry/registry-writer.ts';
import { inboundTitle } from '../session/inbound-lines.ts';
import { createQuota } from './quota.ts';
import { type SharedLine, shareLine } from './shared-line.ts';

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
  const options: ServingOptions = { ...given, events: inOrder(given.events) };
  const links = new Set<Link>();
  const handled = new Set<Promise<void>>();
  const refusals = createQuota(options.deadlines, options.policy.refusalsPerHostMinute);
  const pushes = createQuota(options.deadlines, options.policy.pushesPerLinkMinute);
  let linkNumber = 0;
  const listener = await listenTcp(
    options.address,
    (link) => {
      links.add(link);
      const served = serveLink(link, `${linkNumber++}`, options, { refusals, pushes }).finally(() => {
        links.delete(link);
        handled.delete(served);
      });
      handled.add(served);
    },
    { maxLinks: options.policy.pushLinks },
  );
  return {
    address: listener.address,
    async close() {
      for (const link of links) link.close();
      await listener.close();
      await Promise.allSettled(handled);
    },
  };
}

/** What a link is served with: the sink can be given an event ahead of its proof. */
type ServingOptions = PushListenerOptions & { readonly events: Required<EventSink> };

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

interface Quotas {
  readonly refusals: ReturnType<typeof createQuota>;
  readonly pushes: ReturnType<typeof createQuota>;
}

/** Serves a link until it ends; resolves when all it said is on disk. */
async function serveLink(link: Link, name: string, options: ServingOptions, quotas: Quotas): Promise<void> {
  const { fleet, keysOf, counters, clock, deadlines, policy, log } = options;
  /** A title is asked for several times over one push. */
  let lastTitle: Uint8Array | undefined;
  let lastEntry: FleetMeter | undefined;
  const meterOf = (systemTitle: Uint8Array) => {
    if (systemTitle !== lastTitle) {
      lastTitle = systemTitle;
      lastEntry = fleet.ofSystemTitle(toHex(systemTitle));
    }
    return lastEntry;
  };
  const receiver = createPushReceiver({
    keysOf(systemTitle) {
      const entry = meterOf(systemTitle);
      if (!entry) return undefined;
      return keysOf(entry);
    },
    replayOf(systemTitle) {
      const entry = meterOf(systemTitle);
      if (!entry) return undefined;
      // Only looked at here: a push that is encrypted but not authenticated must not move the guard, anyone could have made it.
      return { accept: (counter) => counters.isFresh(`${entry.meter.serial}/push`, counter) };
    },
  });
  let owner: FleetMeter | undefined;
  let idleMs = policy.pushIdleMs;
  let backlog = 0;
  let disarm = () => {};
  const arm = () => {
    disarm();
    disarm = deadlines.after(idleMs, () => link.close());
  };
  const reporting = new Set<Promise<void>>();
  /** What goes to disk is begun in the order it came, so that a failure and the return of power stay so. */
  const begin = (task: Promise<void>) => {
    backlog++;
    const begun = task
      .catch((error: unknown) => log.error({ peer: link.peer, code: codeOf(error) }, messageOf(error)))
      .finally(() => {
        reporting.delete(begun);
        backlog--;
      });
    reporting.add(begun);
  };
  const refuse = (failure: Failure) => begin(refusePush(failure, link, options, quotas));
  const take = (octets: Uint8Array) => {
    const { pushes, failures, close } = receiver.receive(octets);
    for (const push of pushes) {
      if (!quotas.pushes.take(name) || backlog >= policy.pushBacklog) {
        refuse(headendFailure('headend/push-quota', 'expected fewer pushes of one link'));
        return link.close();
      }
      const entry = meterOf(push.systemTitle);
      const problem = judgePush(push, entry, counters);
      if (problem) refuse(problem);
      else if (entry) {
        const receivedMs = clock.now();
        const scope = `${entry.meter.serial}/push`;
        const { claim } = options;
        const isKept = claim ? Promise.resolve() : counters.acceptedOnDisk(scope);
        if (inboundTitle(entry.meter.host) !== undefined) own(entry);
        const taken = { push, entry, receivedMs, isKept };
        // Nothing of it is written before no other head-end has taken it.
        begin(
          claim
            ? claim(scope, push.invocationCounter ?? 0).then((isOurs) =>
                isOurs ? takePush(taken, options, refuse) : refuse(replayed(push, entry)),
              )
            : takePush(taken, options, refuse),
        );
      }
    }
    for (const failure of failures.slice(0, policy.pushBacklog - backlog)) refuse(failure);
    if (close || backlog >= policy.pushBacklog) link.close();
    else arm();
  };
  arm();
  const line = shareLine(link, {
    maxApduSize: policy.maxPduSize,
    onPush(octets) {
      try {
        take(octets);
      } catch (error) {
        log.error({ peer: link.peer, code: codeOf(error) }, messageOf(error));
        link.close();
      }
    },
  });
  /** The first meter that proves itself has the line; a concentrator that pushes for many has none. */
  const own = (entry: FleetMeter) => {
    owner ??= entry;
    idleMs = policy.inboundIdleMs;
    if (owner === entry) options.onLine?.(entry, line);
  };
  await link.closed;
  disarm();
  while (reporting.size > 0) await Promise.all(reporting);
}

/** Why a push may not be believed; when it may, its counter is taken and never again. */
function judgePush(
  { protection, invocationCounter }: Push,
  entry: FleetMeter | undefined,
  counters: InvocationCounters,
): Failure | undefined {
  const isProven = protection === 'a' || protection === 'ae';
  if (!isProven || !entry || invocationCounter === undefined) {
    const what = `expected an authenticated push of a known meter, found protection '${protection}'`;
    return headendFailure('headend/push-unprotected', what);
  }
  if (counters.accepted(`${entry.meter.serial}/push`).accept(invocationCounter)) return undefined;
  return replayed({ invocationCounter }, entry);
}

function replayed({ invocationCounter }: Pick<Push, 'invocationCounter'>, { meter }: FleetMeter): Failure {
  const what = `the invocation counter ${invocationCounter} was used before`;
  return headendFailure('headend/push-replayed', what, { serial: meter.serial });
}

/** A push whose seal and counter are right: counter and event go to disk together, nobody is told before both are; then the meter is read. */
async function takePush(
  taken: {
    readonly push: Push;
    readonly entry: FleetMeter;
    readonly receivedMs: number;
    /** Resolves when the counter is on disk. */
    readonly isKept: Promise<void>;
  },
  { events, onPush, onPowerRestore }: ServingOptions,
  refuse: (failure: Failure) => void,
): Promise<void> {
  const { push, entry, receivedMs, isKept } = taken;
  const read = readPushBody(push, entry, receivedMs);
  if (!read.ok) {
    await isKept;
    refuse({ ...read.error, where: { serial: entry.meter.serial } });
    return;
  }
  await events.reportAfter(read.value, isKept);
  onPush(true);
  if (read.value.kind === 'power-restore') onPowerRestore(entry);
}

/** Body of the demo profile: logical device name, push setup, date-time, event code, seconds of outage. */
function readPushBody(push: Push, { meter }: FleetMeter, nowMs: number): Result<SystemEvent> {
  const fields: readonly Data[] = push.body.type === 'structure' ? push.body.value : [];
  const [, , time, code, outage] = fields;
  if (time?.type !== 'octet-string' || code?.type !== 'unsigned' || outage?.type !== 'double-long-unsigned') {
    const found = fields.map(({ type }) => type).join(', ') || push.body.type;
    const expected = 'a structure of name, push setup, date-time, unsigned and double-long-unsigned';
    return refused('headend/push-body', `expected ${expected}, found ${found}`);
  }
  const kind = mappingOf(meter.profile).pushEvents[code.value];
  if (!kind) return refused('headend/push-event-unknown', `event code ${code.value}`);
  const decoded = decodeDateTime(time.value);
  const occurredMs = decoded.ok ? decoded.value.instantMs : (push.instantMs ?? nowMs);
  const duration = kind === 'power-restore' ? ` after ${outage.value} s` : '';
  return success({
    kind,
    occurredMs,
    receivedMs: nowMs,
    usagePointId: meter.usagePointId,
    serial: meter.serial,
    message: `${eventKinds[kind].title}${duration}`,
  });
}

function refused(code: HeadendErrorCode, message: string): Result<never> {
  return { ok: false, error: headendFailure(code, message) };
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
async function refusePush(
  failure: Failure,
  link: Link,
  options: ServingOptions,
  { refusals }: Quotas,
): Promise<void> {
  const { events, clock, fleet, onPush } = options;
  onPush(false);
  const host = link.peer.slice(0, Math.max(0, link.peer.lastIndexOf(':')));
  if (!refusals.take(host)) return;
  const { systemTitle } = failure.where;
  if (failure.code === 'dlms/unknown-system-title' && typeof systemTitle === 'string') {
    options.onUnknown?.(systemTitle.toUpperCase(), link.peer);
  }
  const entry = meterNamed(failure, fleet);
  const nowMs = clock.now();
  await events.report({
    kind: kindOfCode[failure.code] ?? 'frame-malformed',
    occurredMs: nowMs,
    receivedMs: nowMs,
    ...(entry ? { serial: entry.meter.serial, usagePointId: entry.meter.usagePointId } : {}),
    code: failure.code,
    message: `Push from ${link.peer} refused: ${failure.message}`,
  });
}

/** The meter a failure is about, when it says: by serial number or by system title (which anyone may have claimed). */
function meterNamed({ where }: Failure, fleet: Fleet): FleetMeter | undefined {
  if (typeof where.serial === 'string') return fleet.get(where.serial);
  return typeof where.systemTitle === 'string' ? fleet.ofSystemTitle(where.systemTitle) : undefined;
}
