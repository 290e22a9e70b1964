/** A captured push of whatever carrier (wrapper, LLC, HDLC, M-Bus, P1), strictly or with quirks that are named, as values. */
import { equalBytes, type Failure, failure, type Result, success } from '@wattline/base';
import { type ApduValue, decodeApdu } from './apdu/apdu.ts';
import type { Protection } from './association.ts';
import { createBlockAssembly } from './block-assembly.ts';
import { groupHdlcFrames, readHdlcFrames } from './hdlc/capture.ts';
import { withoutLlc } from './hdlc/llc.ts';
import { createHdlcCutter } from './hdlc/stream.ts';
import { createMbusReceiver, isMbus } from './mbus.ts';
import { attempt, OctetReader } from './octet-reader.ts';
import { decodeP1, isP1, type P1Telegram } from './p1.ts';
import { decodePush, type Push, type PushKeys } from './push.ts';
import { type PushValue, valuesOfPush } from './push-values.ts';
import { readSecurityHeader } from './security.ts';

/**
 * Bytes of the field that no standard allows: `wrong-check` takes HDLC frames whose check sequence is wrong;
 * `trailing-octets` leaves out what follows a whole APDU (the frame check left on a capture);
 * `swapped-tag` reads 06 09 before a code as 09 06 (a capture of an L+G ZMF100);
 * `shuffled-blocks` puts the blocks of a general transfer in the order of their numbers, a block sent twice once (a capture
 * of an L+G E450): strictly such a transfer is refused, never merged.
 */
export type PushQuirk = 'wrong-check' | 'trailing-octets' | 'swapped-tag' | 'shuffled-blocks';

/** What a capture held. */
export interface PushCapture {
  readonly values: readonly PushValue[];
  /** Which of the quirks allowed were needed. */
  readonly quirks: readonly PushQuirk[];
  /** The notification, unless the capture is a telegram of P1 or stays closed. */
  readonly push?: Push;
  /** The envelope of a push from a sender whose keys are not known: there are no values then. */
  readonly sealed?: SealedPush;
  readonly telegram?: P1Telegram;
}

/** What an envelope tells without a key. */
export interface SealedPush {
  readonly systemTitle: Uint8Array;
  readonly invocationCounter: number;
  readonly protection: Protection;
  /** What the envelope holds after security control and counter, with its authentication tag when there is one. */
  readonly contents: Uint8Array;
}

const maxApduSize = 1 << 16;
/** Blocks of a transfer that a capture may hold in any order. */
const maxShuffled = 256;

/**
 * The first push of a capture. Without `tolerate` only what the standards allow. A push whose sender is not known comes as
 * its envelope, without values.
 * Fails as `decodePush` and `decodeP1`, with `dlms/bad-checksum`, `dlms/bad-mbus-frame` or `dlms/block-out-of-order`.
 */
export function decodePushCapture(
  octets: Uint8Array,
  keys: PushKeys,
  tolerate: readonly PushQuirk[] = [],
): Result<PushCapture> {
  if (isP1(octets)) {
    const telegram = decodeP1(octets);
    return telegram.ok
      ? success({ values: telegram.value.values, quirks: [], telegram: telegram.value })
      : telegram;
  }
  const carried = unframe(octets, tolerate);
  if (!carried.ok) return carried;
  const { apdu, quirks } = carried.value;
  const push = decodePush(apdu, keys);
  if (push.ok) return success({ values: valuesOfPush(push.value.body), quirks, push: push.value });
  const sealed = push.error.code === 'dlms/unknown-system-title' ? sealedIn(apdu) : undefined;
  if (sealed) return success({ values: [], quirks, sealed });
  const repaired = repair(apdu, push.error, tolerate);
  const again = repaired && decodePush(repaired.apdu, keys);
  if (!repaired || !again?.ok) return push;
  return success({
    values: valuesOfPush(again.value.body),
    quirks: [...quirks, repaired.quirk],
    push: again.value,
  });
}

function sealedIn(apdu: Uint8Array): SealedPush | undefined {
  const decoded = decodeApdu(withoutLlc(apdu));
  if (!decoded.ok || decoded.value.apdu !== 'general-glo-ciphering') return undefined;
  const { systemTitle, cipheredService } = decoded.value.value;
  const header = readSecurityHeader(cipheredService);
  return header && { systemTitle, ...header };
}

/** The octets as the quirk allowed reads them; undefined when no quirk is allowed that fits the failure. */
function repair(
  apdu: Uint8Array,
  { code, where }: Failure,
  tolerate: readonly PushQuirk[],
): { readonly apdu: Uint8Array; readonly quirk: PushQuirk } | undefined {
  if (code === 'dlms/trailing-octets' && tolerate.includes('trailing-octets')) {
    return { apdu: withoutLlc(apdu).subarray(0, Number(where.offset)), quirk: 'trailing-octets' };
  }
  return tolerate.includes('swapped-tag') ? { apdu: swapTags(apdu), quirk: 'swapped-tag' } : undefined;
}

type Block = ApduValue<'general-block-transfer'>;

interface Carried {
  readonly apdu: Uint8Array;
  readonly quirks: readonly PushQuirk[];
}

function unframe(octets: Uint8Array, tolerate: readonly PushQuirk[]): Result<Carried> {
  if (isMbus(octets)) {
    const { apdus, failures } = createMbusReceiver(maxApduSize).receive(octets);
    return firstOf(apdus, failures, 'dlms/bad-mbus-frame');
  }
  if (octets[0] !== 0x7e) return success({ apdu: octets, quirks: [] });
  const { frames, failures } = createHdlcCutter().push(octets);
  // A piece after a flag that is no frame is noise of the line.
  const isDamaged = frames.length === 0 || failures.some(({ code }) => code === 'dlms/bad-checksum');
  if (!isDamaged) return join(groupHdlcFrames(frames), [], tolerate);
  if (!tolerate.includes('wrong-check')) return firstOf([], failures, 'dlms/bad-checksum');
  const read = attempt(() =>
    readHdlcFrames(octets, (start) => ({ reader: new OctetReader(octets, start), done: () => undefined })),
  );
  return read.ok ? join(groupHdlcFrames(read.value), ['wrong-check'], tolerate) : read;
}

function firstOf(apdus: readonly Uint8Array[], failures: readonly Failure[], code: string): Result<Carried> {
  const [apdu] = apdus;
  if (apdu) return success({ apdu, quirks: [] });
  const [first] = failures;
  return first ? { ok: false, error: first } : failure(code, 'the capture holds no whole frame');
}

/** The first whole APDU; blocks of a general transfer in frames of their own are put together. */
function join(
  information: ReturnType<typeof groupHdlcFrames>,
  quirks: readonly PushQuirk[],
  tolerate: readonly PushQuirk[],
): Result<Carried> {
  const assembly = createBlockAssembly(maxApduSize);
  for (const { octets, isWhole } of information) {
    if (!isWhole || octets.length === 0) continue;
    const apdu = withoutLlc(octets);
    const decoded = apdu[0] === 0xe0 ? decodeApdu(apdu) : undefined;
    if (!decoded?.ok || decoded.value.apdu !== 'general-block-transfer') return success({ apdu, quirks });
    const { value: block } = decoded.value;
    // Some meters close a transfer by an empty block.
    const whole = assembly.take(block);
    if (!whole.ok) {
      const ordered = tolerate.includes('shuffled-blocks') ? joinShuffled(information) : undefined;
      return ordered ? success({ apdu: ordered, quirks: [...quirks, 'shuffled-blocks'] }) : whole;
    }
    if (whole.value && whole.value.length > 0) return success({ apdu: whole.value, quirks });
  }
  return failure('dlms/truncated', 'the capture holds no whole push');
}

/** The blocks of one transfer in the order of their numbers; undefined when one is missing or two of a number differ. */
function joinShuffled(information: ReturnType<typeof groupHdlcFrames>): Uint8Array | undefined {
  const byNumber = new Map<number, Block>();
  for (const { octets, isWhole } of information) {
    const decoded = isWhole && octets.length > 0 ? decodeApdu(withoutLlc(octets)) : undefined;
    if (!decoded?.ok || decoded.value.apdu !== 'general-block-transfer') continue;
    const { value: block } = decoded.value;
    const known = byNumber.get(block.blockNumber);
    if (known && !equalBytes(known.blockData, block.blockData)) return undefined;
    if (byNumber.size >= maxShuffled) return undefined;
    byNumber.set(block.blockNumber, block);
  }
  const assembly = createBlockAssembly(maxApduSize);
  for (const block of [...byNumber.values()].sort((a, b) => a.blockNumber - b.blockNumber)) {
    const whole = assembly.take(block);
    if (!whole.ok || whole.value) return whole.ok ? whole.value : undefined;
  }
  return undefined;
}

/** 06 09 and a code after the head of a structure of two or three reads 09 06. */
function swapTags(apdu: Uint8Array): Uint8Array {
  const repaired = apdu.slice();
  for (let at = 0; at + 9 < apdu.length; at++) {
    const isHead = apdu[at] === 2 && (apdu[at + 1] === 2 || apdu[at + 1] === 3);
    if (isHead && apdu[at + 2] === 6 && apdu[at + 3] === 9 && apdu[at + 9] === 0xff) {
      repaired[at + 2] = 9;
      repaired[at + 3] = 6;
    }
  }
  return repaired;
}
