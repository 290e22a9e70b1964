/** M-Bus long frames (EN 13757-2) that carry DLMS APDUs in segments (EN 13757-3 transport, IEC 62056-7-3), cut and joined. */
import { concatBytes, type Failure, failure, type Result, success } from '@wattline/base';

const startOctet = 0x68;
const stopOctet = 0x16;
/** Start, length twice, start; check sum and stop at the end. */
const headLength = 4;
const tailLength = 2;
/** Control, address, control information, source and destination SAP of the transport layer. */
const headerLength = 5;
/** Control information 0x00 to 0x1F: a segment with its number in bits 0 to 3; bit 4 marks the last. */
const lastSegmentBit = 0x10;
const segmentMask = 0x0f;

/** One long frame. */
export interface MbusFrame {
  readonly control: number;
  readonly address: number;
  readonly isLast: boolean;
  /** Number of the segment, modulo 16. */
  readonly segment: number;
  readonly sourceSap: number;
  readonly destinationSap: number;
  readonly payload: Uint8Array;
}

/** Cuts a serial stream of M-Bus frames into APDUs. */
export interface MbusReceiver {
  receive(octets: Uint8Array): {
    readonly apdus: readonly Uint8Array[];
    readonly failures: readonly Failure[];
  };
}

/** Whether octets begin like a long frame. */
export function isMbus(octets: Uint8Array): boolean {
  return octets[0] === startOctet && octets[3] === startOctet && octets[1] === octets[2];
}

/** The one long frame these octets are. Fails with `dlms/bad-mbus-frame`. */
export function decodeMbusFrame(octets: Uint8Array): Result<MbusFrame> {
  const length = octets[1] ?? 0;
  if (!isMbus(octets) || octets.length !== headLength + length + tailLength || length < headerLength) {
    return failure('dlms/bad-mbus-frame', 'expected a long frame 68 L L 68', { offset: 0 });
  }
  const body = octets.subarray(headLength, headLength + length);
  const sum = body.reduce((total, octet) => (total + octet) & 0xff, 0);
  const [check, stop] = octets.subarray(headLength + length);
  if (check !== sum || stop !== stopOctet) {
    const offset = headLength + length;
    return failure('dlms/bad-mbus-frame', `expected check sum ${sum} and 16, found ${check} and ${stop}`, {
      offset,
    });
  }
  const [control = 0, address = 0, information = 0, sourceSap = 0, destinationSap = 0] = body;
  if (information > (lastSegmentBit | segmentMask)) {
    const message = `expected control information of a segment, found ${information}`;
    return failure('dlms/bad-mbus-frame', message, { offset: headLength + 2 });
  }
  return success({
    control,
    address,
    isLast: (information & lastSegmentBit) !== 0,
    segment: information & segmentMask,
    sourceSap,
    destinationSap,
    payload: body.subarray(headerLength),
  });
}

/** A receiver that holds at most one frame and one APDU of `maxApduSize` octets; noise before a start is passed over. */
export function createMbusReceiver(maxApduSize: number): MbusReceiver {
  let held: Uint8Array = new Uint8Array(0);
  let chunks: Uint8Array[] = [];
  let length = 0;

  const take = (frame: MbusFrame): Result<Uint8Array | undefined> => {
    if (frame.segment === 0) {
      chunks = [];
      length = 0;
    }
    const expected = chunks.length & segmentMask;
    if (frame.segment !== expected || length + frame.payload.length > maxApduSize) {
      chunks = [];
      length = 0;
      const message = `expected segment ${expected} of at most ${maxApduSize} octets, found ${frame.segment}`;
      return failure('dlms/bad-mbus-frame', message);
    }
    chunks.push(frame.payload);
    length += frame.payload.length;
    if (!frame.isLast) return success(undefined);
    const apdu = concatBytes(...chunks);
    chunks = [];
    length = 0;
    return success(apdu);
  };

  return {
    receive(octets) {
      held = held.length > 0 ? concatBytes(held, octets) : octets;
      const apdus: Uint8Array[] = [];
      const failures: Failure[] = [];
      let at = 0;
      while (at < held.length) {
        const rest = held.subarray(at);
        if (rest[0] !== startOctet || (rest.length >= headLength && !isMbus(rest))) {
          at += 1;
          continue;
        }
        const wanted = headLength + (rest[1] ?? 0) + tailLength;
        if (rest.length < headLength || rest.length < wanted) break;
        const frame = decodeMbusFrame(rest.slice(0, wanted));
        const taken = frame.ok ? take(frame.value) : frame;
        if (!taken.ok) failures.push(taken.error);
        else if (taken.value) apdus.push(taken.value);
        // After a wrong check sum the next start may lie inside what looked like the frame.
        at += frame.ok ? wanted : 1;
      }
      held = held.slice(at);
      return { apdus, failures };
    },
  };
}
