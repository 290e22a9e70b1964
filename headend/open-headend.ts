/** Opens the head-end: registry, keys, counters, push listener, queue and schedule put together. */
import { type Clock, codeOf, type Log, messageOf, type Random } from '@wattline/base';
import type { EventSink, ReadingProgress, ReadingSink } from '@wattline/model';
import type { Address, Dialer } from '@wattline/network';
import { type Registry, removedMeters } from '@wattline/store/registry';
import { createCollector } from './collection/collection.ts';
import type { CollectorOptions, ProposeClockShift, Purpose } from './collection/collection-task.ts';
import { createSchedule, type Schedule } from './collection/schedule.ts';
import { headendError } from './errors.ts';
import { openEventDesk } from './events/event-desk.ts';
import type { ExchangeOutcome, Headend, HeadendFigures, ProvisionReport } from './headend.ts';
import { openInvocationCounters } from './keys/invocation-counters.ts';
import { createKeyChangeStore } from './keys/key-change-store.ts';
import { createKeyProofs } from './keys/key-proof.ts';
import { openKeyVault } from './keys/key-vault.ts';
import { openedKeys } from './keys/opened-keys.ts';
import { createReaderKeys } from './keys/reader-keys.ts';
import { openRestoreWitness } from './keys/restore-witness.ts';
import { createSharedAcceptance } from './keys/shared-acceptance.ts';
import { createMomentDesk } from './moment/moment-desk.ts';
import { defaultPolicy, type HeadendPolicy } from './policy.ts';
import type { PushFramingName } from './push/push-framing.ts';
import { openPushListener } from './push/push-listener.ts';
import type { PushSources } from './push/push-options.ts';
import { discover } from './registry/discovery.ts';
import { type FleetMeter, loadFleet, refreshFleet, refreshPoint } from './registry/fleet.ts';
import { openHeldMeters } from './registry/held-meters.ts';
import { keepMakeUp } from './registry/make-up-rows.ts';
import type { MeterExchange } from './registry/meter-exchange.ts';
import { provisionMeters } from './registry/provisioning.ts';
import { createRegistryWriter } from './registry/registry-writer.ts';
import { createServiceLevel } from './service-level/service-level.ts';
import { throttleDials } from './session/dial-throttle.ts';
import { createErrands } from './session/errands.ts';
import { createInboundLines } from './session/inbound-lines.ts';
import { createRouteBudgets } from './session/route-budget.ts';
import { createRunningSweeps } from './session/running-sweeps.ts';
import { createSessionQueue, type Priority } from './session/session-queue.ts';
import { newestSweep, sweepMeters, tellSweep } from './session/shared-sweep.ts';
import { createWorkShare } from './session/work-share.ts';
import type { AskSigner } from './signer/signer-channel.ts';

/** What the head-end is given. */
export interface HeadendOptions {
  /** Stays the caller's: it is not destroyed by `close`. */
  readonly registry: Registry;
  readonly dialer: Dialer;
  /** Where to listen for pushes; port 0 lets the system choose. */
  readonly push: Address;
  /** Where else meters push to: UDP, HDLC; default nowhere. */
  readonly pushSources?: PushSources;
  /** The clock of instants: when an interval is over, when something happened. */
  readonly clock: Clock;
  /** The clock of deadlines and back-off; `clock` unless that one runs faster than the network. */
  readonly deadlines?: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly events: EventSink;
  readonly sink: ReadingSink;
  readonly progress: ReadingProgress;
  /** Path of the key file, made when missing. Without it the keys in the registry cannot be opened. */
  readonly keyFile: string;
  readonly policy?: Partial<HeadendPolicy>;
  /** Takes the word of a shipment that one meter took another's place; without it such rows are refused. */
  readonly onExchange?: (exchange: MeterExchange) => Promise<void>;
  /** Name of this head-end among several on one registry, unique; without it this one is alone. */
  readonly worker?: string;
  /** Proposes to set a clock that is out by more than the policy lets it be: a job of the command desk. Without it clocks are only watched. */
  readonly proposeClockShift?: ProposeClockShift;
  /** The channel to the signer: meters with one client alone are read through it, and not without it. */
  readonly signer?: AskSigner;
}

/**
 * Opens the head-end and listens for pushes; nothing is read until asked or scheduled.
 * @throws CodedError `headend/key-file-invalid`, `network/port-taken`, `network/cannot-listen`
 */
export async function openHeadend(options: HeadendOptions): Promise<Headend> {
  const { registry, clock, random, log } = options;
  const deadlines = options.deadlines ?? clock;
  const policy: HeadendPolicy = { ...defaultPolicy, ...options.policy };
  const vault = openKeyVault(options.keyFile);
  const keysOf = openedKeys(vault);
  const fleet = await loadFleet(registry, clock.now());
  const desk = await openEventDesk({ registry, fleet, events: options.events, clock });
  const events = desk.sink;
  const writer = createRegistryWriter(registry);
  const witness = await openRestoreWitness({ registry, path: `${options.keyFile}.counters` });
  if (witness.wasRestored) {
    log.warn(
      {},
      'the registry was restored from a backup: invocation counters jump past what was used since',
    );
  }
  const counters = await openInvocationCounters({ registry, writer, witness });
  const closing = new AbortController();
  const figures = createFigures();
  const budgets = createRouteBudgets({
    clock: deadlines,
    octetsPerHour: policy.routeOctetsPerHour,
    ...(policy.backgroundHours ? { background: policy.backgroundHours } : {}),
    onOpen: () => queue.pump(),
  });
  const inbound = createInboundLines(deadlines);
  const throttled = throttleDials(options.dialer, { clock: deadlines, perSecond: policy.dialsPerSecond });
  const dialer = inbound.over(throttled);
  const session = {
    ...options,
    ...{ events, desk },
    dialer,
    deadlines,
    policy,
    vault,
    keysOf,
    pendingKeys: {
      of: (serial) => readerKeys.pending(serial),
      prove: (serial, keys) => readerKeys.prove(serial, keys),
    },
    counters,
    writer,
    signal: closing.signal,
    onExchange({ meter }, { outcome, octetsSent, octetsReceived }) {
      if (meter.route) budgets.charge(meter.route, octetsSent + octetsReceived);
      figures.exchanges[outcome]++;
      figures.octetsSent += octetsSent;
      figures.octetsReceived += octetsReceived;
    },
  } satisfies CollectorOptions;
  const collect = createCollector(session);
  const moments = createMomentDesk(session);
  const proofs = createKeyProofs(session);
  const errands = createErrands(session);
  /** Why a meter that waits is to be collected; who only wants to look has no reason here. */
  const reasons = new Map<string, Purpose>();
  const serve = async (entry: FleetMeter, asked: Purpose | 'look') => {
    const { serial } = entry.meter;
    const purpose = asked === 'look' ? reasons.get(serial) : asked;
    reasons.delete(serial);
    await proofs.serve(entry);
    await moments.serve(entry);
    await errands.serve(entry);
    return purpose && collect(entry, purpose);
  };
  const sweeps = createRunningSweeps();
  const { worker } = options;
  const share =
    worker === undefined
      ? undefined
      : createWorkShare({
          ...{ registry, clock, deadlines, fleet, policy, counters, worker },
          sweptSinceMs: sweeps.serve,
        });
  const queue = createSessionQueue<Purpose | 'look', ExchangeOutcome | undefined>(
    async (serial, asked) => {
      const entry = fleet.get(serial) as FleetMeter;
      if (share) return share(entry, asked, () => serve(entry, asked));
      return serve(entry, asked);
    },
    {
      concurrency: policy.concurrency,
      routeSessions: policy.routeSessions,
      routeOf: (serial) => fleet.get(serial)?.meter.route ?? undefined,
      mayStart: budgets.mayStart,
      monotonic: () => deadlines.monotonic(),
    },
  );
  let schedule: Schedule | undefined;
  const request = async (entry: FleetMeter, reason: Purpose, priority: Priority) => {
    const { serial } = entry.meter;
    reasons.set(serial, reason);
    const outcome = await queue.request({ serial, reason, priority });
    if (outcome) return outcome;
    throw headendError('headend/unexpected', `meter ${serial} was looked at in place of being collected`);
  };
  let provisioning: Promise<unknown> = Promise.resolve();
  const provision = (text: string, format: 'csv' | 'json'): Promise<ProvisionReport> => {
    const { onExchange } = options;
    const provisioner = {
      ...{ registry, fleet, vault, onExchange },
      events,
      clock,
      log,
      onMeter: addToSchedule,
    };
    // Files one after the other: each is checked against what the one before left.
    const next = provisioning.then(() => provisionMeters(provisioner, text, format));
    provisioning = next.catch(() => undefined);
    return next;
  };
  const held = await openHeldMeters({ registry, clock, log, provision: (text) => provision(text, 'json') });
  const listener = await openPushListener({
    address: options.push,
    ...(options.pushSources && { sources: options.pushSources }),
    fleet,
    keysOf,
    counters,
    systemTitle: vault.systemTitle,
    signer: options.signer,
    writer,
    events,
    clock,
    deadlines,
    log,
    policy,
    ...(worker === undefined ? {} : { claim: createSharedAcceptance(writer) }),
    onUnknown: (systemTitle, peer) => held.note(systemTitle, peer),
    onPush(became, framing) {
      if (became === 'taken') figures.pushesReceived++;
      else figures.pushesRefused++;
      figures.pushesOver[framing][became]++;
    },
    onLine(entry, line) {
      const isNew = !inbound.has(entry.meter.systemTitle);
      inbound.heard(entry.meter.systemTitle, line);
      // Who dials in may soon be gone again: what is missing is asked for at once.
      if (isNew) {
        request(entry, 'dial-in', 1).catch((error: unknown) =>
          log.debug({ serial: entry.meter.serial, code: codeOf(error) }, messageOf(error)),
        );
      }
    },
    onPowerRestore(entry) {
      request(entry, 'power-restore', 1).catch((error: unknown) =>
        log.debug({ serial: entry.meter.serial, code: codeOf(error) }, messageOf(error)),
      );
    },
  });
  const readerKeys = createReaderKeys({
    registry,
    random,
    store: createKeyChangeStore({
      ...{ registry, writer, vault, nowMs: () => clock.now() },
      onCommit(serial, sealed) {
        const entry = fleet.get(serial);
        if (entry) fleet.put({ ...entry, sealed });
      },
    }),
    async opens(serial, keys) {
      const proof = proofs.want(serial, keys);
      const turn = queue.request({ serial, reason: 'look', priority: 0 });
      return Promise.race([proof, turn.then(() => proof)]);
    },
  });

  return {
    pushAddress: listener.address,
    pushAddresses: { udp: listener.udp, hdlc: listener.hdlc },
    dialer,
    readerKeys,
    serviceLevel: createServiceLevel({ registry, progress: options.progress, fleet, clock }),
    provision,
    held,
    outages: () => desk.outages(),
    async collect(serial) {
      const entry = fleet.get(serial);
      if (!entry) {
        throw headendError('headend/meter-unknown', `no meter '${serial.slice(0, 64)}' is provisioned`);
      }
      return request(entry, 'on-demand', 0);
    },
    async lookAt(serial) {
      const entry = fleet.get(serial);
      if (!entry) {
        throw headendError('headend/meter-unknown', `no meter '${serial.slice(0, 64)}' is provisioned`);
      }
      const moment = moments.want(serial);
      // A session that is over without a word, as when the head-end closes, is the end of the wait too.
      const turn = queue.request({ serial, reason: 'look', priority: 0 });
      return Promise.race([moment, turn.then(() => moment)]);
    },
    async discover(serial) {
      if (!fleet.get(serial)) {
        throw headendError('headend/meter-unknown', `no meter '${serial.slice(0, 64)}' is provisioned`);
      }
      const found = errands.want(serial, discover);
      const turn = queue.request({ serial, reason: 'look', priority: 0 });
      const makeUp = await Promise.race([found, turn.then(() => found)]);
      await keepMakeUp(registry, serial, { makeUp, nowMs: clock.now() });
      return makeUp;
    },
    async collectAll({ concurrency, sinceMs, onProgress }) {
      const meters = fleet.standing().filter(mayRead);
      let done = 0;
      const sweep = sweeps.begin({ concurrency, sinceMs });
      queue.setConcurrency(sweeps.concurrency(policy.concurrency));
      try {
        await sweepMeters(meters, {
          ...{ concurrency, deadlines, pauseMs: policy.leaseMs / 3 },
          random: sinceMs === undefined ? undefined : random,
          read(entry) {
            sweep.want(entry.meter.serial);
            return request(entry, 'history', 3);
          },
          onDone: () => onProgress?.(++done, meters.length),
        });
      } finally {
        sweep.end();
        queue.setConcurrency(sweeps.concurrency(policy.concurrency));
      }
    },
    async tellSweep() {
      const sinceMs = clock.now();
      await tellSweep(registry, sinceMs);
      return sinceMs;
    },
    newestSweep: () => newestSweep(registry),
    refresh: () => refreshFleet(registry, fleet, { nowMs: clock.now(), onMeter: addToSchedule }),
    async meterMoved(usagePointId) {
      await refreshPoint(registry, fleet, usagePointId);
      const gone = await removedMeters(registry, clock.now(), usagePointId);
      for (const entry of fleet.all()) {
        const { serial, usagePointId: point } = entry.meter;
        if (point !== usagePointId) continue;
        const isBack = entry.removedMs !== undefined && !gone.has(serial);
        fleet.setRemoved(serial, gone.get(serial));
        if (entry.removedMs !== undefined) schedule?.remove(serial);
        else if (isBack) addToSchedule(entry);
      }
    },
    startSchedule() {
      if (schedule || closing.signal.aborted) return;
      schedule = createSchedule({
        clock,
        random,
        policy,
        read: (entry, attempts) => request(entry, 'schedule', attempts < policy.unreachableAfter ? 2 : 3),
      });
      for (const entry of fleet.all()) addToSchedule(entry);
    },
    figures: () => structuredClone(figures),
    async close() {
      const reason = headendError('headend/closing', 'the head-end is closing');
      schedule?.close();
      // The queue first: nothing that waits may start when what runs is ended.
      const ended = queue.close(reason);
      closing.abort(reason);
      inbound.close(reason);
      budgets.close();
      await listener.close();
      await ended;
      await provisioning;
      await held.settled();
      await writer.close();
      witness.close();
    },
  };

  /** Meters with one client are read by the signer: a worker without one leaves them to those that have it. */
  function mayRead({ sealed }: FleetMeter): boolean {
    return worker === undefined || sealed !== null || options.signer !== undefined;
  }

  function addToSchedule(entry: FleetMeter): void {
    if (entry.removedMs === undefined && mayRead(entry)) schedule?.add(entry);
  }
}

type MutableFigures = {
  -readonly [name in keyof Omit<HeadendFigures, 'pushesOver'>]: HeadendFigures[name];
} & {
  exchanges: Record<ExchangeOutcome['outcome'], number>;
  pushesOver: Record<PushFramingName, Record<'taken' | 'refused', number>>;
};

function createFigures(): MutableFigures {
  return {
    exchanges: { answer: 0, refusal: 0, timeout: 0, unreachable: 0, failure: 0 },
    octetsSent: 0,
    octetsReceived: 0,
    pushesReceived: 0,
    pushesRefused: 0,
    pushesOver: {
      stream: { taken: 0, refused: 0 },
      datagram: { taken: 0, refused: 0 },
      hdlc: { taken: 0, refused: 0 },
    },
  };
}
