/** A server on one HDLC link (IEC 62056-46): SNRM, UA, DISC and DM around the application layer. */
import { concatBytes } from '@wattline/base';
import type { LogicalDevice, ServerConnection, ServerEvent, ServerOptions } from '../server.ts';
import type { ServerAssociation } from '../server-association.ts';
import { openServer } from '../server-gateway.ts';
import type { HdlcAddress } from './address.ts';
import { encodeHdlcFrame, type HdlcFrame } from './frame.ts';
import { hasLlc, llcHeader, withoutLlc } from './llc.ts';
import { agree, decodeParameters, encodeParameters, type HdlcOptions, parametersOf } from './parameters.ts';
import { createHdlcCutter } from './stream.ts';
import { type BareFrame, createTransfer, type Transfer } from './transfer.ts';

/** A connected link: one client at a time, as on an optical port or behind a modem. */
interface Link {
  readonly clientSap: number;
  /** Octets of information agreed for one frame of the client. */
  readonly maxInformation: number;
  readonly transfer: Transfer;
  readonly association: ServerAssociation;
}

/**
 * The server side of one HDLC link. Frames for other addresses are passed over; damaged frames are dropped with an event
 * and the client sends again. `maxReceive` bounds the information gathered from segments.
 */
export function createHdlcServer(
  device: LogicalDevice,
  options: ServerOptions,
  how: HdlcOptions & { readonly maxReceive: number },
): ServerConnection {
  const cutter = createHdlcCutter();
  const own = parametersOf(how);
  let link: Link | undefined;

  const answer = (request: HdlcFrame, bare: BareFrame) =>
    encodeHdlcFrame({ destination: request.source, source: request.destination, ...bare });

  const unnumbered = (kind: 'UA' | 'DM', information: Uint8Array = new Uint8Array(0)): BareFrame => ({
    control: { kind, isFinal: true },
    isSegmented: false,
    information,
  });

  /** Opens the link anew; whatever association there was is gone. */
  const connect = (frame: HdlcFrame): BareFrame => {
    const agreed = agree(own, decodeParameters(frame.information));
    link = {
      clientSap: frame.source.upper,
      maxInformation: agreed.maxReceive,
      transfer: createTransfer(agreed, how.maxReceive),
      association: openServer(device, options),
    };
    return unnumbered('UA', encodeParameters(agreed));
  };

  const serve = (frame: HdlcFrame, current: Link, events: ServerEvent[]): readonly BareFrame[] => {
    if (frame.information.length > current.maxInformation) {
      const message = `expected at most ${current.maxInformation} octets of information, found ${frame.information.length}`;
      events.push({ kind: 'refused', code: 'dlms/frame-too-long', message });
      return [];
    }
    const { send, received, isTooLong } = current.transfer.receive(frame);
    if (isTooLong) {
      const message = `expected at most ${how.maxReceive} octets in segments`;
      events.push({ kind: 'refused', code: 'dlms/frame-too-long', message });
      link = undefined;
      return [unnumbered('DM')];
    }
    if (!received) return send;
    if (!hasLlc(received)) {
      const message = 'expected an LLC header E6 E6 00';
      events.push({ kind: 'refused', code: 'dlms/bad-hdlc-frame', message });
    }
    const addresses = { clientSap: frame.source.upper, serverSap: frame.destination.upper };
    const reaction = current.association.receive(withoutLlc(received), addresses);
    events.push(...reaction.events);
    if (reaction.isPartial) return frame.control.isFinal ? [...send, current.transfer.ready()] : send;
    const replies = [reaction.answer ?? new Uint8Array(0), ...(reaction.more ?? [])];
    return [
      ...send,
      ...current.transfer.send(...replies.map((reply) => concatBytes(llcHeader.response, reply))),
    ];
  };

  const react = (frame: HdlcFrame, events: ServerEvent[]): readonly BareFrame[] => {
    const isConnected = link?.clientSap === frame.source.upper;
    switch (frame.control.kind) {
      case 'SNRM':
        return [connect(frame)];
      case 'DISC':
        if (!isConnected) return [unnumbered('DM')];
        link = undefined;
        events.push({ kind: 'disconnected' });
        return [unnumbered('UA')];
      case 'I':
      case 'RR':
      case 'RNR':
        return isConnected && link ? serve(frame, link, events) : [unnumbered('DM')];
      default:
        return [];
    }
  };

  return {
    receive(octets) {
      const { frames, failures } = cutter.push(octets);
      const events: ServerEvent[] = failures.map(({ code, message }) => ({ kind: 'refused', code, message }));
      const send: Uint8Array[] = [];
      for (const frame of frames) {
        // A client's address has one octet (clause 6.4.2.4).
        const isClient = frame.source.length === 1;
        if (!isClient || !isOwn(frame.destination, device.serverSap, how.serverLower)) continue;
        for (const bare of react(frame, events)) send.push(answer(frame, bare));
      }
      return { send, events, close: false };
    },
    pause: () => cutter.reset(),
  };
}

/** Whether an address is ours; a server that was told no lower address takes any. */
function isOwn(address: HdlcAddress, serverSap: number, serverLower: number | undefined): boolean {
  const isLower = serverLower === undefined || address.lower === undefined || address.lower === serverLower;
  return address.upper === serverSap && isLower;
}
