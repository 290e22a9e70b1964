/** A client on one HDLC link (IEC 62056-46): SNRM before the AARQ, DISC after the RLRE, segments in between. */
import { concatBytes, type Failure } from '@wattline/base';
import type { ClientConnection, ClientOptions, ClientOutcome } from '../client.ts';
import { openClient } from '../client-gateway.ts';
import type { DlmsErrorCode } from '../errors.ts';
import type { HdlcAddress } from './address.ts';
import { encodeHdlcFrame, type HdlcFrame } from './frame.ts';
import { llcHeader, withoutLlc } from './llc.ts';
import { agree, decodeParameters, encodeParameters, type HdlcOptions, parametersOf } from './parameters.ts';
import { createHdlcCutter } from './stream.ts';
import { type BareFrame, createTransfer, type Transfer } from './transfer.ts';

/** Octets gathered from segments of one answer. */
const maxReceive = 0xffff;

/** `connecting` and `disconnecting` wait for UA. */
type LinkState = 'down' | 'connecting' | 'up' | 'disconnecting';

/**
 * The client side of one HDLC link. `retry` gives the octets to send again when the server stays silent: a damaged frame
 * of either side is dropped and costs one silence.
 */
export function createHdlcClient(options: ClientOptions, how: HdlcOptions): ClientConnection {
  return new HdlcClient(options, how);
}

/** Holds the link's state between frames. */
class HdlcClient implements ClientConnection {
  private readonly association;
  private readonly cutter = createHdlcCutter();
  private readonly own;
  private readonly server: HdlcAddress;
  private readonly client: HdlcAddress;
  private state: LinkState = 'down';
  private transfer: Transfer | undefined;
  private waiting: Uint8Array | undefined;
  private last: Uint8Array | undefined;
  private broken: Failure | undefined;

  constructor(options: ClientOptions, how: HdlcOptions) {
    this.association = openClient(options);
    this.own = parametersOf(how);
    this.server = serverAddress(options.serverSap, how);
    this.client = { upper: options.clientSap, lower: undefined, length: 1 };
  }

  request(request: Parameters<ClientConnection['request']>[0]): ReturnType<ClientConnection['request']> {
    if (this.broken) return { ok: false, error: this.broken };
    const apdu = this.association.request(request);
    if (!apdu.ok) return apdu;
    if (this.state === 'up') return { ok: true, value: this.sendApdu(apdu.value) };
    this.state = 'connecting';
    this.waiting = apdu.value;
    return { ok: true, value: this.sendFrames([unnumbered('SNRM', encodeParameters(this.own))]) };
  }

  retry(): Uint8Array | undefined {
    return this.broken ? undefined : this.last;
  }

  receive(octets: Uint8Array): ReturnType<ClientConnection['receive']> {
    const send: Uint8Array[] = [];
    let outcome: ClientOutcome | undefined = this.broken && { kind: 'failure', failure: this.broken };
    if (outcome) return { send, outcome };
    // Damaged frames are dropped: the caller's silence brings them again.
    for (const frame of this.cutter.push(octets).frames) {
      if (frame.destination.upper !== this.client.upper || frame.source.upper !== this.server.upper) continue;
      outcome = this.react(frame, send) ?? outcome;
      if (outcome?.kind === 'failure') break;
    }
    return { send, outcome };
  }

  private react(frame: HdlcFrame, send: Uint8Array[]): ClientOutcome | undefined {
    const { kind } = frame.control;
    if (kind === 'UA' && this.state === 'connecting' && this.waiting) {
      this.transfer = createTransfer(agree(this.own, decodeParameters(frame.information)), maxReceive);
      this.state = 'up';
      send.push(this.sendApdu(this.waiting));
      this.waiting = undefined;
      return undefined;
    }
    if ((kind === 'UA' || kind === 'DM') && this.state === 'disconnecting') {
      this.state = 'down';
      this.last = undefined;
      return { kind: 'released' };
    }
    if (kind === 'DM' || kind === 'FRMR') {
      return this.fail('dlms/link-disconnected', `the server answered ${kind}`);
    }
    return this.state === 'up' && this.transfer ? this.take(frame, this.transfer, send) : undefined;
  }

  private take(frame: HdlcFrame, transfer: Transfer, send: Uint8Array[]): ClientOutcome | undefined {
    const step = transfer.receive(frame);
    if (step.isTooLong) {
      return this.fail('dlms/frame-too-long', `expected at most ${maxReceive} octets in segments`);
    }
    // A bare RR answers our RR: nothing more is to be said, or both would go on for ever.
    const isIdle = frame.control.kind === 'RR' && step.send.every(({ control }) => control.kind === 'RR');
    if (step.send.length > 0 && !isIdle) send.push(this.sendFrames(step.send));
    if (!step.received) return undefined;
    const reaction = this.association.receive(withoutLlc(step.received));
    if (reaction.send) send.push(this.sendApdu(...reaction.send));
    else if (!reaction.outcome && frame.control.isFinal) send.push(this.sendFrames([transfer.ready()]));
    if (reaction.outcome?.kind === 'failure') this.broken = reaction.outcome.failure;
    if (reaction.outcome?.kind !== 'released') return reaction.outcome;
    this.state = 'disconnecting';
    send.push(this.sendFrames([unnumbered('DISC')]));
    return undefined;
  }

  private sendApdu(...apdus: readonly Uint8Array[]): Uint8Array {
    const information = apdus.map((apdu) => concatBytes(llcHeader.command, apdu));
    return this.sendFrames(this.transfer?.send(...information) ?? []);
  }

  private sendFrames(frames: readonly BareFrame[]): Uint8Array {
    const addressed = frames.map((bare) =>
      encodeHdlcFrame({ destination: this.server, source: this.client, ...bare }),
    );
    this.last = concatBytes(...addressed);
    return this.last;
  }

  private fail(code: DlmsErrorCode, message: string): ClientOutcome {
    this.broken = { code, message, where: {} };
    return { kind: 'failure', failure: this.broken };
  }
}

function unnumbered(kind: 'SNRM' | 'DISC', information: Uint8Array = new Uint8Array(0)): BareFrame {
  return { control: { kind, isFinal: true }, isSegmented: false, information };
}

function serverAddress(serverSap: number, how: HdlcOptions): HdlcAddress {
  const { serverLower: lower } = how;
  if (lower === undefined) return { upper: serverSap, lower, length: 1 };
  const length = how.addressLength ?? (Math.max(serverSap, lower) > 127 ? 4 : 2);
  return { upper: serverSap, lower, length };
}
