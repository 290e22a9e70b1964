/** The Link contract: an ordered stream of octets between two ends, as TCP, a serial line or a simulated radio gives it. */
import type { NetworkErrorCode } from './errors.ts';

/** One open connection. After `closed` resolves nothing more arrives and `send` does nothing. */
export interface Link {
  /** Where the other end is, for people and logs. */
  readonly peer: string;
  /** Queues octets for the other end. */
  send(octets: Uint8Array): void;
  /** Octets queued here and not yet taken by the network: the sender's back-pressure. */
  pendingOctets(): number;
  /** Sets the one receiver of octets; what came before is delivered at once. */
  receive(handler: (octets: Uint8Array) => void): void;
  /** Holds what comes back with the sender, where the carrier can: what is on its way may still arrive. */
  pause?(): void;
  /** Lets it come again. */
  resume?(): void;
  /** Closes it, after what was sent before; `why` is what `closed` tells, `network/closed` when left out. */
  close(why?: CloseReason): void;
  /** Resolves when the link is closed by either end, with the reason. */
  readonly closed: Promise<LinkEnd>;
}

/** Why a link ended. */
export interface LinkEnd extends CloseReason {
  readonly reason: 'closed' | 'closed-by-peer' | 'error';
}

/** A reason with its code: `network/idle`, `network/lost` and the like. */
export interface CloseReason {
  readonly code: NetworkErrorCode;
  readonly message: string;
}

/** The ends that need no words of their own. */
export const closedHere: LinkEnd = { reason: 'closed', code: 'network/closed', message: 'closed here' };
export const closedByPeer: LinkEnd = {
  reason: 'closed-by-peer',
  code: 'network/closed-by-peer',
  message: 'closed by the other end',
};

/** The end of a link that was closed here, for `why`. */
export function closedBecause(why: CloseReason | undefined): LinkEnd {
  return why ? { reason: 'closed', ...why } : closedHere;
}

/** Opens links to addresses. */
export interface Dialer {
  /** @throws CodedError `network/unreachable` when nothing answers within `timeoutMs`. */
  dial(address: Address, timeoutMs: number): Promise<Link>;
}

/** A TCP-like address. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Accepts links. */
export interface Listener {
  readonly address: Address;
  close(): Promise<void>;
}
