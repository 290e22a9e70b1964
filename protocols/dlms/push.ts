/** Push (Green Book 9.3.9): DataNotification under general-glo-ciphering in a wrapper, and its reception, bounded. */
import { type Failure, failure, type Result, success } from '@wattline/base';
import { type ApduValue, decodeApdu, encodeApdu, type XdlmsName } from './apdu/apdu.ts';
import type { InvocationCounter, Protection, ReplayGuard, SecurityKeys } from './association.ts';
import { type BlockAssembly, createBlockAssembly } from './block-assembly.ts';
import type { Data } from './data.ts';
import { decodeDateTime, encodeDateTime } from './date-time.ts';
import { withoutLlc } from './hdlc/llc.ts';
import { openPushSeal, type PushSeal, titleLength, titleOf } from './push-seal.ts';
import { acceptCounter, nextCounter, type Opened, seal } from './security.ts';
import { createWrapperCutter, encodeWrapper, isWrapped, wrapperHeaderLength } from './wrapper.ts';

/** How an unasked message is sealed and addressed. */
export interface PushEnvelope {
  readonly systemTitle: Uint8Array;
  readonly keys: SecurityKeys;
  readonly counter: InvocationCounter;
  readonly protection: Protection;
  readonly clientSap: number;
  readonly serverSap: number;
}

/** An attribute whose value a meter tells of unasked. */
export interface EventMessage extends PushEnvelope {
  /** When it came about, UTC ms, written as wall clock `offsetMinutes` east of UTC; left out when undefined. */
  readonly instantMs?: number;
  readonly offsetMinutes?: number;
  readonly source: { readonly classId: number; readonly obis: string; readonly attribute: number };
  readonly body: Data;
}

/** Variables by short name of which a meter tells unasked. */
export interface ReportMessage extends PushEnvelope {
  readonly instantMs?: number;
  readonly offsetMinutes?: number;
  readonly variables: readonly { readonly name: number; readonly value: Data }[];
}

/** What a meter pushes. */
export interface PushMessage extends PushEnvelope {
  /** When it was sent, UTC ms, written as wall clock `offsetMinutes` east of UTC. */
  readonly instantMs: number;
  readonly offsetMinutes: number;
  readonly body: Data;
  /** Asks the receiver for a DataNotification-Confirm. */
  readonly isConfirmed?: boolean;
}

/** A push received. */
export interface Push {
  /** Who sealed it; empty when it came in the clear and names no one. */
  readonly systemTitle: Uint8Array;
  readonly invocationCounter: number | undefined;
  readonly isCiphered: boolean;
  /** How it was protected; only `a` and `ae` prove who sent it. */
  readonly protection: Protection;
  /** When the meter says it was sent, UTC ms; undefined when it says nothing or no instant. */
  readonly instantMs: number | undefined;
  /** Set when the push asks to be confirmed: the invoke id to confirm. */
  readonly confirms?: number;
  /** An EventNotification names the attribute whose value the body is. */
  readonly source?: { readonly classId: number; readonly obis: string; readonly attribute: number };
  /** An InformationReport names variables by short name; the body is a structure of their values in this order. */
  readonly shortNames?: readonly number[];
  readonly body: Data;
}

/** Where a receiver of pushes finds what it needs to know of a sender. */
export interface PushKeys {
  keysOf(systemTitle: Uint8Array): SecurityKeys | undefined;
  /** The guard of the sender; without one a replayed push is not noticed. */
  replayOf(systemTitle: Uint8Array): ReplayGuard | undefined;
}

/** How a {@link PushReceiver} is bounded. */
export interface PushReceiverOptions extends PushKeys {
  /** Longest APDU taken, octets, also put together from blocks. Default 16384. */
  readonly maxApduSize?: number;
}

/** Cuts a stream of octets into pushes. */
export interface PushReceiver {
  /** The push that one APDU, cut out elsewhere, is or completes. */
  decode(apdu: Uint8Array): Result<Push | undefined>;
  receive(octets: Uint8Array): {
    readonly pushes: readonly Push[];
    readonly failures: readonly Failure[];
    /** The stream can no longer be cut into frames: close it. */
    readonly close: boolean;
  };
}

const defaultMaxApduSize = 16_384;
/** Long invoke id: its number, and the bit that asks for a confirmation. */
const invokeIdMask = 0xffffff;
const confirmedBit = 0x40000000;

/**
 * The wrapper frame of a push: DataNotification inside general-glo-ciphering, or bare with protection `none`.
 * The long-invoke-id is the low 24 bits of the invocation counter, 0 without ciphering.
 * @throws CodedError `dlms/counter-exhausted` when the counter has no number left.
 */
export function encodePush(message: PushMessage): Uint8Array {
  const invocationCounter = message.protection === 'none' ? 0 : nextCounter(message.counter);
  const notification = encodeApdu('data-notification', {
    longInvokeIdAndPriority: (invocationCounter & invokeIdMask) | (message.isConfirmed ? confirmedBit : 0),
    dateTime: encodeDateTime(message.instantMs, message.offsetMinutes),
    notificationBody: message.body,
  });
  return enclosePush(message, notification, invocationCounter);
}

/** The wrapper frame of an EventNotification. Throws as {@link encodePush}. */
export function encodeEvent(message: EventMessage): Uint8Array {
  const invocationCounter = message.protection === 'none' ? 0 : nextCounter(message.counter);
  const notification = encodeApdu('event-notification-request', {
    time: timeOf(message),
    attributeDescriptor: message.source,
    attributeValue: message.body,
  });
  return enclosePush(message, notification, invocationCounter);
}

/** The wrapper frame of an InformationReport. Throws as {@link encodePush}. */
export function encodeReport(message: ReportMessage): Uint8Array {
  const invocationCounter = message.protection === 'none' ? 0 : nextCounter(message.counter);
  const report = encodeApdu('information-report-request', {
    currentTime: timeOf(message),
    variableAccessSpecification: message.variables.map(({ name }) => ({
      choice: 'variable-name',
      value: (name << 16) >> 16,
    })),
    listOfData: message.variables.map(({ value }) => value),
  });
  return enclosePush(message, report, invocationCounter);
}

function timeOf({ instantMs, offsetMinutes = 0 }: EventMessage | ReportMessage): Uint8Array | undefined {
  return instantMs === undefined ? undefined : encodeDateTime(instantMs, offsetMinutes);
}

/** The wrapper frame of an unasked message, sealed as its envelope says. */
export function enclosePush(
  envelope: PushEnvelope,
  plain: Uint8Array,
  invocationCounter: number,
): Uint8Array {
  const { systemTitle, keys, protection, clientSap, serverSap } = envelope;
  const apdu =
    protection === 'none'
      ? plain
      : encodeApdu('general-glo-ciphering', {
          systemTitle,
          cipheredService: seal(plain, { keys, systemTitle }, { protection, invocationCounter }),
        });
  return encodeWrapper({ source: serverSap, destination: clientSap, apdu });
}

/**
 * The push in a frame, with or without its wrapper (or LLC header), ciphered or not. What it may be believed is the
 * caller's to judge by `protection`.
 * Fails with `dlms/unknown-system-title`, `dlms/decryption-failed`, `dlms/counter-replayed`, `dlms/unknown-apdu` or the
 * code of what is malformed.
 */
export function decodePush(octets: Uint8Array, keys: PushKeys): Result<Push> {
  const apdu = isWrapped(octets) ? octets.subarray(wrapperHeaderLength) : withoutLlc(octets);
  const whole = decodeApduOfPush(apdu, keys, createBlockAssembly(apdu.length));
  if (!whole.ok) return whole;
  return whole.value
    ? success(whole.value)
    : failure('dlms/truncated', 'expected a push, found one block of a longer one');
}

/** The APDU called `name` in a frame of an unasked message, and who sealed it. Fails as {@link decodePush}. */
export function openPush<N extends XdlmsName>(
  octets: Uint8Array,
  keys: PushKeys,
  name: N,
): Result<{ readonly value: ApduValue<N>; readonly systemTitle: Uint8Array }> {
  const apdu = isWrapped(octets) ? octets.subarray(wrapperHeaderLength) : withoutLlc(octets);
  const outer = decodeApdu(apdu);
  if (!outer.ok) return outer;
  const opened =
    outer.value.apdu === 'general-glo-ciphering' ? openGeneral(outer.value.value, keys) : undefined;
  if (opened && !opened.ok) return opened;
  const inner = opened ? decodeApdu(opened.value.plain) : outer;
  if (!inner.ok) return inner;
  if (inner.value.apdu !== name) {
    return failure('dlms/unknown-apdu', `expected ${name}, found ${inner.value.apdu}`, { offset: 0 });
  }
  const { systemTitle } = opened ? opened.value.carried : inTheClear;
  return success({ value: inner.value.value as ApduValue<N>, systemTitle });
}

/** A receiver for one TCP stream of wrapper frames. A frame that cannot be read is a failure; the stream goes on. */
export function createPushReceiver(options: PushReceiverOptions): PushReceiver {
  const maxApduSize = options.maxApduSize ?? defaultMaxApduSize;
  const cutter = createWrapperCutter(maxApduSize);
  const assembly = createBlockAssembly(maxApduSize);
  return {
    decode: (apdu) => decodeApduOfPush(apdu, options, assembly),
    receive(octets) {
      const pushes: Push[] = [];
      const failures: Failure[] = [];
      const { frames, failure: broken } = cutter.push(octets);
      for (const { apdu } of frames) {
        const decoded = decodeApduOfPush(apdu, options, assembly);
        if (!decoded.ok) failures.push(decoded.error);
        else if (decoded.value) pushes.push(decoded.value);
      }
      if (broken) failures.push(broken);
      return { pushes, failures, close: broken !== undefined };
    },
  };
}

/** The push in an opened seal. Fails with `dlms/counter-replayed`, `dlms/unknown-apdu` or the code of what is malformed. */
export function decodeOpenedPush(
  opened: Opened,
  systemTitle: Uint8Array,
  replay: ReplayGuard | undefined,
): Result<Push> {
  const carried = carriedBy(opened, systemTitle, replay);
  if (!carried.ok) return carried;
  const decoded = decodeApduOfPush(opened.plain, noKeys, noBlocks, carried.value);
  if (!decoded.ok || decoded.value) return decoded as Result<Push>;
  return failure('dlms/unknown-apdu', 'expected a notification inside a seal', { offset: 0 });
}

function carriedBy(
  { invocationCounter, protection }: Opened,
  systemTitle: Uint8Array,
  replay: ReplayGuard | undefined,
): Result<Carried> {
  const accepted = acceptCounter(replay, invocationCounter);
  if (accepted.ok) return success({ systemTitle, invocationCounter, isCiphered: true, protection });
  const where = { systemTitle: titleOf(systemTitle), invocationCounter };
  return failure(accepted.error.code, accepted.error.message, where);
}

/** Inside a seal there is neither another nor a block. */
const noKeys: PushKeys = { keysOf: () => undefined, replayOf: () => undefined };
const noBlocks = createBlockAssembly(0);

/** How the notification at hand was carried. */
type Carried = Pick<Push, 'systemTitle' | 'invocationCounter' | 'isCiphered' | 'protection'>;

const inTheClear: Carried = {
  systemTitle: new Uint8Array(0),
  invocationCounter: undefined,
  isCiphered: false,
  protection: 'none',
};

/** Undefined means that more blocks must come. */
function decodeApduOfPush(
  octets: Uint8Array,
  keys: PushKeys,
  assembly: BlockAssembly,
  carried: Carried = inTheClear,
): Result<Push | undefined> {
  const decoded = decodeApdu(octets);
  if (!decoded.ok) return decoded;
  const { value: apdu } = decoded;
  switch (apdu.apdu) {
    case 'general-block-transfer': {
      if (carried.isCiphered) break;
      const whole = assembly.take(apdu.value);
      if (!whole.ok || !whole.value) return whole as Result<undefined>;
      // A block that holds a block would let a few octets call this for ever.
      if (whole.value[0] === octets[0]) break;
      return decodeApduOfPush(whole.value, keys, assembly);
    }
    case 'general-glo-ciphering': {
      if (carried.isCiphered) break;
      const opened = openGeneral(apdu.value, keys);
      return opened.ok ? decodeApduOfPush(opened.value.plain, keys, assembly, opened.value.carried) : opened;
    }
    case 'data-notification': {
      const { dateTime, notificationBody: body, longInvokeIdAndPriority: id } = apdu.value;
      const asked = (id & confirmedBit) === 0 ? {} : { confirms: id & invokeIdMask };
      return success({ ...carried, instantMs: instantOf(dateTime), ...asked, body });
    }
    case 'event-notification-request': {
      const { time, attributeDescriptor: source, attributeValue: body } = apdu.value;
      return success({ ...carried, instantMs: instantOf(time), source, body });
    }
    case 'information-report-request': {
      const { currentTime, variableAccessSpecification: variables, listOfData: value } = apdu.value;
      const names = variables.flatMap((variable) => nameOf(variable));
      if (names.length !== value.length) {
        return failure('dlms/bad-value', `expected as many values as names, found ${value.length}`);
      }
      const body: Data = { type: 'structure', value };
      return success({ ...carried, instantMs: instantOf(currentTime), shortNames: names, body });
    }
  }
  return failure('dlms/unknown-apdu', `expected a notification, found ${apdu.apdu}`, { offset: 0 });
}

/** The short name of a variable of a report; none for a block, which no report holds. */
function nameOf(variable: ApduValue<'read-request'>[number]): readonly number[] {
  if (variable.choice === 'variable-name') return [variable.value & 0xffff];
  return variable.choice === 'parameterized-access' ? [variable.value.variableName & 0xffff] : [];
}

function openGeneral(
  envelope: PushSeal,
  { keysOf, replayOf }: PushKeys,
): Result<{ readonly plain: Uint8Array; readonly carried: Carried }> {
  const { systemTitle } = envelope;
  if (systemTitle.length !== titleLength) {
    return failure(
      'dlms/system-title-mismatch',
      `expected a system title of 8 octets, found ${systemTitle.length}`,
    );
  }
  const opened = openPushSeal(envelope, keysOf(systemTitle));
  if (!opened.ok) return opened;
  const carried = carriedBy(opened.value, systemTitle, replayOf(systemTitle));
  return carried.ok ? success({ plain: opened.value.plain, carried: carried.value }) : carried;
}

function instantOf(octets: Uint8Array | undefined): number | undefined {
  const decoded = octets && decodeDateTime(octets);
  return decoded?.ok ? decoded.value.instantMs : undefined;
}
