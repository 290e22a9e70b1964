/** How pushes lie in what a line carries: wrapper frames in a stream or one in each datagram (IEC 62056-47), UI frames of HDLC (IEC 62056-46). */
import type { Failure } from '@wattline/base';
import { createHdlcUiCutter, createWrapperCutter, isWrapped } from '@wattline/protocols/dlms';
import { headendFailure } from '../errors.ts';

/** An APDU of a push and between which SAPs it passed. */
export interface FramedApdu {
  readonly apdu: Uint8Array;
  readonly clientSap: number;
  readonly serverSap: number;
}

/** What octets of a line held. */
export interface Cut {
  readonly apdus: readonly FramedApdu[];
  readonly failures: readonly Failure[];
  /** Set when the line can be cut no more and is to be closed. */
  readonly isBroken: boolean;
}

/** Cuts what a line carries; bounded by one APDU. */
export type PushFraming = (octets: Uint8Array) => Cut;

/** How a framing is made, by the name that policies and pages use. */
export const pushFramings = {
  stream: framingOfStream,
  datagram: framingOfDatagrams,
  hdlc: framingOfHdlc,
} satisfies Record<string, (maxApduSize: number) => PushFraming>;
export type PushFramingName = keyof typeof pushFramings;

function framingOfStream(maxApduSize: number): PushFraming {
  const cutter = createWrapperCutter(maxApduSize);
  return (octets) => {
    const { frames, failure } = cutter.push(octets);
    const apdus = frames.map(({ apdu, source, destination }) => ({
      ...{ apdu, clientSap: destination, serverSap: source },
    }));
    return { apdus, failures: failure ? [failure] : [], isBroken: failure !== undefined };
  };
}

/** A datagram is one frame or nothing: what is cut short in one does not go on in the next. */
function framingOfDatagrams(maxApduSize: number): PushFraming {
  return (octets) => {
    if (!isWrapped(octets) || octets.length > maxApduSize) {
      const what = `expected one wrapped APDU of at most ${maxApduSize} octets in a datagram, found ${octets.length} octets`;
      return { apdus: [], failures: [headendFailure('headend/push-datagram', what)], isBroken: false };
    }
    return framingOfStream(maxApduSize)(octets);
  };
}

/** Noise of a serial line is told and passed over: the next flag begins anew. */
function framingOfHdlc(maxApduSize: number): PushFraming {
  const cutter = createHdlcUiCutter(maxApduSize);
  return (octets) => {
    const { pieces, failures } = cutter.push(octets);
    return { apdus: pieces, failures, isBroken: false };
  };
}
