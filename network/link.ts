/** The Link contract: an ordered stream of octets between two ends, as TCP, a serial line or a simulated radio gives it. */

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
  close(): void;
  /** Resolves when the link is closed by either end, with the reason. */
  readonly closed: Promise<LinkEnd>;
}

/** Why a link ended. */
export interface LinkEnd {
  readonly reason: 'closed' | 'closed-by-peer' | 'error';
  readonly message: string;
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
