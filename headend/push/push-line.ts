/** One line that pushes come over: what is on it goes, in the order it came, through quotas and seals to the disk and then to who listens. */
import { codeOf, type Failure, messageOf, type Result, toHex } from '@wattline/base';
import type { EventSink } from '@wattline/model';
import type { Link } from '@wattline/network';
import { createPushReceiver, decodeOpenedPush, type Push, readPushSeal } from '@wattline/protocols/dlms';
import { headendFailure } from '../errors.ts';
import type { AcceptedCounter } from '../keys/accepted-counters.ts';
import type { FleetMeter } from '../registry/fleet.ts';
import { inboundTitle } from '../session/inbound-lines.ts';
import { confirmPush } from './push-confirmation.ts';
import { judgePush, readPushBody, replayed, type Sender } from './push-event.ts';
import { type FramedApdu, type PushFramingName, pushFramings } from './push-framing.ts';
import type { PushGate } from './push-gate.ts';
import type { PushListenerOptions } from './push-options.ts';
import { refusePush } from './push-refusals.ts';
import type { Quota } from './quota.ts';
import type { OnOpened, SealOpener } from './seal-opener.ts';
import { shareLine } from './shared-line.ts';
import { openThroughSigner } from './signer-opener.ts';

/** What lines are served with: the sink can be given an event ahead of its proof. */
export interface ServingOptions extends PushListenerOptions {
  readonly events: Required<EventSink>;
  readonly opener: SealOpener;
  readonly gate: PushGate;
  /** The guard of a meter's pushes. */
  readonly counterOf: (entry: FleetMeter) => AcceptedCounter;
  readonly refusals: Quota;
  readonly pushes: Quota;
}

/** What a line is. */
export interface PushLine {
  readonly link: Link;
  readonly framing: PushFramingName;
  /** Whose quota of pushes its are. */
  readonly quotaName: string;
  /** Longest silence, ms; Infinity for a line that stays. */
  readonly idleMs: number;
  /** Told once, when a meter known has proved itself on it. */
  readonly onProven?: () => void;
}

/** A push, or why there is none, with the meter that its seal names. */
interface Judged {
  readonly decoded: Result<Push | undefined>;
  readonly sender: Sender | undefined;
}

/** What came, and when. */
interface Arrival {
  readonly framed: FramedApdu;
  readonly receivedMs: number;
}

/** Serves a line until it ends; resolves when all it said is on disk. */
export async function servePushLine(line: PushLine, options: ServingOptions): Promise<void> {
  const { link, framing, quotaName } = line;
  const { fleet, keysOf, counterOf, clock, deadlines, policy, log, opener, signer } = options;
  const meterOf = (systemTitle: Uint8Array) => fleet.ofSystemTitle(toHex(systemTitle));
  /** For APDUs that are no plain seal: blocks, pushes in the clear, and what is none at all. */
  const receiver = createPushReceiver({
    keysOf(systemTitle) {
      const entry = meterOf(systemTitle);
      return entry && keysOf(entry);
    },
    replayOf(systemTitle) {
      const entry = meterOf(systemTitle);
      return entry && looking(counterOf(entry));
    },
  });
  const cut = pushFramings[framing](policy.maxPduSize);
  let isProven = false;
  let owner: FleetMeter | undefined;
  let { idleMs } = line;
  const gate = options.gate.line(link, policy.pushBacklog);
  let settled = () => {};
  const end = () => {
    gate.leave();
    if (gate.waiting === 0) settled();
  };
  const fail = (error: unknown) => log.error({ peer: link.peer, code: codeOf(error) }, messageOf(error));
  const refuse = (failure: Failure) => {
    gate.enter();
    refusePush(failure, line, options).catch(fail).finally(end);
  };
  /** Counter and event go to disk together, nobody is told before both are; then the meter is read. */
  const keep = async (push: Push, { entry, counter }: Sender, { receivedMs, framed }: Arrival) => {
    // Nothing of it is written before no other head-end has taken it.
    if (options.claim && !(await options.claim(`${entry.meter.serial}/push`, push.invocationCounter ?? 0))) {
      return refuse(replayed(push, entry));
    }
    const isKept = options.claim ? Promise.resolve() : counter.onDisk();
    const read = readPushBody(push, entry, receivedMs);
    if (!read.ok) {
      await isKept;
      refuse({ ...read.error, where: { serial: entry.meter.serial } });
      return;
    }
    await options.events.reportAfter(read.value, isKept);
    options.onPush('taken', framing);
    // Where the signer holds the keys nobody seals a confirmation: it opens and answers nothing.
    if (push.confirms !== undefined && framing !== 'hdlc' && keysOf(entry)) {
      const { clientSap, serverSap } = framed;
      link.send(await confirmPush(options, entry, { invokeId: push.confirms, clientSap, serverSap }));
    }
    if (read.value.kind === 'power-restore') options.onPowerRestore(entry);
  };
  const judge = ({ decoded, sender }: Judged, arrival: Arrival) => {
    if (!decoded.ok) return refuse(decoded.error);
    const push = decoded.value;
    if (!push) return;
    const problem = judgePush(push, sender);
    if (problem) return refuse(problem);
    if (!sender) return;
    const { entry } = sender;
    if (!isProven) line.onProven?.();
    isProven = true;
    if (inboundTitle(entry.meter.host) !== undefined) own(entry);
    gate.enter();
    keep(push, sender, arrival).then(end, (error: unknown) => {
      fail(error);
      end();
    });
  };
  const open = (arrival: Arrival) => {
    const { apdu } = arrival.framed;
    gate.enter();
    const then = (judged: Judged) => {
      try {
        judge(judged, arrival);
      } catch (error) {
        fail(error);
        link.close();
      } finally {
        end();
      }
    };
    const seal = readPushSeal(apdu);
    const entry = seal && meterOf(seal.systemTitle);
    const keys = entry && keysOf(entry);
    if (seal && entry && (keys || signer)) {
      const onOpened: OnOpened = (opened) => {
        const { systemTitle } = seal;
        const counter = counterOf(entry);
        const decoded = opened.ok ? decodeOpenedPush(opened.value, systemTitle, looking(counter)) : opened;
        then({ decoded, sender: { entry, counter } });
      };
      if (keys) opener.open({ seal, keys }, onOpened);
      else if (signer) openThroughSigner(signer, { entry, apdu }, onOpened);
      return;
    }
    opener.after(() => {
      const decoded = receiver.decode(apdu);
      const sealer = decoded.ok && decoded.value ? meterOf(decoded.value.systemTitle) : undefined;
      then({ decoded, sender: sealer && { entry: sealer, counter: counterOf(sealer) } });
    });
  };
  const isOverQuota = () => !options.pushes.take(quotaName) || gate.isOverfull;
  const take = (octets: Uint8Array) => {
    const receivedMs = clock.now();
    const { apdus, failures, isBroken } = cut(octets);
    for (const framed of apdus) {
      if (!isOverQuota()) {
        open({ framed, receivedMs });
        continue;
      }
      opener.after(() => refuse(headendFailure('headend/push-quota', 'expected fewer pushes of one link')));
      // Datagrams of a host come from as many ports as it likes: there is no link to close.
      return framing === 'datagram' ? arm() : link.close();
    }
    for (const failure of failures) opener.after(() => refuse(failure));
    if (isBroken) link.close();
    // Who dribbles octets without end is as silent as who sends none.
    else if (apdus.length > 0) arm();
  };
  let disarm = () => {};
  const arm = () => {
    disarm();
    if (idleMs < Number.POSITIVE_INFINITY) disarm = deadlines.after(idleMs, () => link.close());
  };
  arm();
  const shared = shareLine(link, {
    maxApduSize: policy.maxPduSize,
    onPush(octets) {
      try {
        take(octets);
      } catch (error) {
        fail(error);
        link.close();
      }
    },
  });
  /** The first meter that proves itself has the line; a concentrator that pushes for many has none. */
  const own = (entry: FleetMeter) => {
    owner ??= entry;
    idleMs = policy.inboundIdleMs;
    if (owner === entry) options.onLine?.(entry, shared);
  };
  await link.closed;
  disarm();
  await new Promise<void>((resolve) => opener.after(resolve));
  gate.close();
  while (gate.waiting > 0) {
    await new Promise<void>((resolve) => {
      settled = resolve;
    });
  }
}

/** A guard that is only looked at: a push that is encrypted but not authenticated must not move it, anyone could have made it. */
function looking(counter: AcceptedCounter) {
  return { accept: counter.isFresh };
}
