/** Carries pushes to the head-end: one link each, a few at a time; a last gasp has one try, as its meter is dark. */
import { codeOf } from '@wattline/base';
import type { Address, Dialer } from '@wattline/network';

/** A sender of pushes. */
export interface PushSender {
  /** Queues octets; beyond the bound the newest is dropped and counted. */
  send(serial: string, octets: Uint8Array): void;
}

const atOnce = 32;
const mostWaiting = 100_000;
const dialTimeoutMs = 5_000;

/** A sender to one address; `onLost` is told of each push that did not go out. */
export function createPushSender(of: {
  readonly dialer: Dialer;
  readonly address: Address;
  readonly onLost: (serial: string, code: string) => void;
}): PushSender {
  const { dialer, address, onLost } = of;
  const waiting: { readonly serial: string; readonly octets: Uint8Array }[] = [];
  let open = 0;
  const next = () => {
    const push = open < atOnce ? waiting.shift() : undefined;
    if (!push) return;
    open++;
    void deliver(push.octets)
      .catch((error: unknown) => onLost(push.serial, codeOf(error)))
      .finally(() => {
        open--;
        next();
      });
  };
  const deliver = async (octets: Uint8Array) => {
    const link = await dialer.dial(address, dialTimeoutMs);
    link.send(octets);
    link.close();
  };
  return {
    send(serial, octets) {
      if (waiting.length >= mostWaiting) return onLost(serial, 'sim/push-queue-full');
      waiting.push({ serial, octets });
      next();
    },
  };
}
