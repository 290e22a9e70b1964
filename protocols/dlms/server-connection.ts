/** A server on one connection: the TCP wrapper (IEC 62056-47) around the application layer, or HDLC when asked for. */

import { gatewayOverhead } from './gateway.ts';
import { createHdlcServer } from './hdlc/server-link.ts';
import type { CreateServerConnection, ServerEvent } from './server.ts';
import { openServer } from './server-gateway.ts';
import { defaultMaxPduSize } from './server-handshake.ts';
import { serveFrames } from './server-queue.ts';
import { createWrapperCutter, encodeWrapper } from './wrapper.ts';

/** An AARQ may come before a size is agreed: it must always fit. */
const leastReceive = 512;
/** Octets answered to one `receive`: short requests sent in a heap must not make a heap of long answers. */
const maxAnswered = 1 << 20;

/**
 * The server side of one TCP connection. Frames are answered in order; a stream that cannot be cut into frames ends with
 * `close` and an event of code `dlms/bad-wrapper` or `dlms/frame-too-long`.
 */
export const createServerConnection: CreateServerConnection = (device, options) => {
  const prefix = options.gateway ? gatewayOverhead : 0;
  const maxReceive = prefix + Math.max(leastReceive, options.maxPduSize ?? defaultMaxPduSize);
  if (options.hdlc) return createHdlcServer(device, options, { ...options.hdlc, maxReceive: maxReceive + 3 });
  const association = openServer(device, options);
  const cutter = createWrapperCutter(maxReceive);
  return {
    receive(octets) {
      const send: Uint8Array[] = [];
      const events: ServerEvent[] = [];
      const { frames, failure } = cutter.push(octets);
      let answered = 0;
      const isTooMuch = () => answered > maxAnswered;
      serveFrames(association, frames, ({ source, destination }, reaction) => {
        for (const event of reaction.events) events.push(event);
        const { answer, more = [] } = reaction;
        if (!answer) return true;
        for (const apdu of [answer, ...more]) answered += apdu.length;
        if (isTooMuch()) return false;
        send.push(encodeWrapper({ source: destination, destination: source, apdu: answer }));
        for (const apdu of more) send.push(encodeWrapper({ source: destination, destination: source, apdu }));
        return true;
      });
      if (isTooMuch()) {
        const message = `expected to answer at most ${maxAnswered} octets at once`;
        events.push({ kind: 'refused', code: 'dlms/transfer-too-long', message });
        return { send, events, close: true };
      }
      if (failure) events.push({ kind: 'refused', code: failure.code, message: failure.message });
      return { send, events, close: failure !== undefined };
    },
  };
};
