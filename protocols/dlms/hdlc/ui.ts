/** What is pushed in UI frames of HDLC (IEC 62056-46 clause 6.4.4.4.3.3), unacknowledged: segments put together sender by sender, bounded. */
import { concatBytes, type Failure } from '@wattline/base';
import { formatAddress } from './address.ts';
import type { HdlcFrame } from './frame.ts';
import { withoutLlc } from './llc.ts';
import { createHdlcCutter } from './stream.ts';

/** An APDU pushed without a link: from a server to a client. */
export interface UiPiece {
  readonly apdu: Uint8Array;
  readonly clientSap: number;
  readonly serverSap: number;
}

/** Cuts a line into what is pushed on it. */
export interface HdlcUiCutter {
  push(octets: Uint8Array): { readonly pieces: readonly UiPiece[]; readonly failures: readonly Failure[] };
}

/** Senders whose segments are held at a time; on one line meters take turns. */
const mostSenders = 32;

/** A cutter of APDUs of at most `maxApduSize` octets; damaged frames, foreign ones and noise are failures and the line goes on. */
export function createHdlcUiCutter(maxApduSize: number): HdlcUiCutter {
  const cutter = createHdlcCutter();
  const held = new Map<string, Uint8Array>();
  const take = (frame: HdlcFrame): UiPiece | Failure | undefined => {
    const sender = formatAddress(frame.source);
    if (frame.control.kind !== 'UI') {
      return fail(`expected a UI frame on a line of pushes, found ${frame.control.kind} of ${sender}`);
    }
    const whole = concatBytes(held.get(sender) ?? new Uint8Array(0), frame.information);
    held.delete(sender);
    if (whole.length > maxApduSize) {
      return fail(`expected at most ${maxApduSize} octets in segments of ${sender}, found ${whole.length}`);
    }
    if (frame.isSegmented) {
      const [oldest] = held.keys();
      if (held.size >= mostSenders && oldest !== undefined) held.delete(oldest);
      held.set(sender, whole);
      return undefined;
    }
    return { apdu: withoutLlc(whole), clientSap: frame.destination.upper, serverSap: frame.source.upper };
  };
  return {
    push(octets) {
      const cut = cutter.push(octets);
      const pieces: UiPiece[] = [];
      const failures: Failure[] = [...cut.failures];
      for (const frame of cut.frames) {
        const taken = take(frame);
        if (taken && 'apdu' in taken) pieces.push(taken);
        else if (taken) failures.push(taken);
      }
      return { pieces, failures };
    },
  };
}

function fail(message: string): Failure {
  return { code: 'dlms/bad-hdlc-frame', message, where: {} };
}
