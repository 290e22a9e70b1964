/** A client on one connection: the TCP wrapper (IEC 62056-47) around the application layer, or HDLC when asked for. */
import type { Failure } from '@wattline/base';
import type { ClientOutcome, CreateClientConnection } from './client.ts';
import { openClient } from './client-gateway.ts';
import { createHdlcClient } from './hdlc/client-link.ts';
import { createWrapperCutter, encodeWrapper } from './wrapper.ts';

/** Servers have been seen to send more than was agreed; the wrapper's own limit bounds them. */
const maxReceive = 0xffff;

/**
 * The client side of one TCP connection. After an outcome `failure` every further octet is answered with that failure
 * and every request refused.
 */
export const createClientConnection: CreateClientConnection = (options) => {
  if (options.hdlc) return createHdlcClient(options, options.hdlc);
  const association = openClient(options);
  const cutter = createWrapperCutter(maxReceive);
  const { clientSap, serverSap } = options;
  let broken: Failure | undefined;
  const wrap = (apdu: Uint8Array) => encodeWrapper({ source: clientSap, destination: serverSap, apdu });
  const breakWith = (failure: Failure): ClientOutcome => {
    broken = failure;
    return { kind: 'failure', failure };
  };
  return {
    request(request) {
      if (broken) return { ok: false, error: broken };
      const apdu = association.request(request);
      return apdu.ok ? { ok: true, value: wrap(apdu.value) } : apdu;
    },
    receive(octets) {
      if (broken) return { send: [], outcome: { kind: 'failure', failure: broken } };
      const send: Uint8Array[] = [];
      let outcome: ClientOutcome | undefined;
      const { frames, failure } = cutter.push(octets);
      for (const { source, destination, apdu } of frames) {
        if (source !== serverSap || destination !== clientSap) {
          const message = `expected a frame from ${serverSap} to ${clientSap}, found ${source} to ${destination}`;
          return { send, outcome: breakWith({ code: 'dlms/unexpected-answer', message, where: {} }) };
        }
        const reaction = association.receive(apdu);
        for (const more of reaction.send ?? []) send.push(wrap(more));
        outcome = reaction.outcome ?? outcome;
        if (outcome?.kind === 'failure') return { send, outcome: breakWith(outcome.failure) };
      }
      return failure ? { send, outcome: breakWith(failure) } : { send, outcome };
    },
    retry() {
      const apdu = broken ? undefined : association.again();
      return apdu && wrap(apdu);
    },
  };
};
