/** Information transfer on a connected HDLC link (IEC 62056-46 clause 6.4.4.4.5): segments, windows, sequence numbers. */
import { concatBytes } from '@wattline/base';
import type { HdlcFrame } from './frame.ts';
import type { LinkParameters } from './parameters.ts';

/** A frame without its addresses, which the link adds. */
export type BareFrame = Pick<HdlcFrame, 'control' | 'isSegmented' | 'information'>;

/** What a received frame led to. */
export interface TransferStep {
  readonly send: readonly BareFrame[];
  /** The whole information, once its last segment has come in order. */
  readonly received?: Uint8Array;
  /** The peer sent more than agreed: the link cannot go on. */
  readonly isTooLong?: boolean;
}

/** Both directions of one link; both sides are alike but for who may start. */
export interface Transfer {
  /** Frames that open the sending of one or more pieces of information. */
  send(...information: readonly Uint8Array[]): readonly BareFrame[];
  /** The frame that lets the peer go on. */
  ready(): BareFrame;
  /** Takes an I, RR or RNR frame. */
  receive(frame: HdlcFrame): TransferStep;
}

const nothing = new Uint8Array(0);

/** A transfer that gathers at most `maxLength` octets of information. */
export function createTransfer(parameters: LinkParameters, maxLength: number): Transfer {
  let sendState = 0;
  let receiveState = 0;
  /** Segments not yet acknowledged; the first `inFlight` of them are on their way. */
  let segments: { readonly information: Uint8Array; readonly isSegmented: boolean }[] = [];
  let inFlight = 0;
  let gathered: Uint8Array[] = [];
  let gatheredLength = 0;

  /** Sends what the window allows; the last frame hands the turn over. */
  const pump = (): BareFrame[] => {
    const count = Math.min(parameters.windowTransmit, segments.length);
    inFlight = count;
    return segments.slice(0, count).map(({ information, isSegmented }, i) => ({
      control: {
        kind: 'I',
        sent: (sendState + i) & 7,
        received: receiveState,
        isFinal: i === count - 1,
      },
      isSegmented,
      information,
    }));
  };

  /** Drops what the peer has acknowledged; false for a number that acknowledges what was never sent. */
  const acknowledge = (received: number): boolean => {
    const count = (received - sendState) & 7;
    if (count > inFlight) return false;
    segments = segments.slice(count);
    sendState = received;
    inFlight = 0;
    return true;
  };

  const ready = (): BareFrame => ({
    control: { kind: 'RR', received: receiveState, isFinal: true },
    isSegmented: false,
    information: nothing,
  });

  const takeInformation = (frame: HdlcFrame & { readonly control: { readonly kind: 'I' } }): TransferStep => {
    const { control, isSegmented, information } = frame;
    if (control.sent !== receiveState) {
      // Sent again because our answer was lost: what we have not heard acknowledged goes again too.
      const again = segments.length > 0 ? pump() : [ready()];
      return { send: control.isFinal ? again : [] };
    }
    receiveState = (receiveState + 1) & 7;
    gathered.push(information);
    gatheredLength += information.length;
    if (gatheredLength > maxLength) return { send: [], isTooLong: true };
    if (isSegmented) return { send: control.isFinal ? [ready()] : [] };
    const received = concatBytes(...gathered);
    gathered = [];
    gatheredLength = 0;
    return { send: [], received };
  };

  return {
    send(...information) {
      segments = information.flatMap((piece) => cutSegments(piece, parameters.maxTransmit));
      return pump();
    },
    ready,
    receive(frame) {
      const { control } = frame;
      if (control.kind !== 'I' && control.kind !== 'RR' && control.kind !== 'RNR') return { send: [] };
      const isRight = acknowledge(control.received);
      // Information under a wrong N(R) is not taken (clause 6.4.4.4.5.4): the peer hears where we stand.
      if (control.kind === 'I' && !isRight) return { send: control.isFinal ? [ready()] : [] };
      if (control.kind === 'I') return takeInformation({ ...frame, control });
      if (control.kind === 'RNR' || !control.isFinal) return { send: [] };
      return { send: segments.length > 0 ? pump() : [ready()] };
    },
  };
}

function cutSegments(information: Uint8Array, size: number) {
  const count = Math.max(1, Math.ceil(information.length / size));
  return Array.from({ length: count }, (_, i) => ({
    information: information.subarray(i * size, (i + 1) * size),
    isSegmented: i < count - 1,
  }));
}
