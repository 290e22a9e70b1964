/** Two joined ends in one process: delivery is asynchronous and in order. */
import { type CloseReason, closedBecause, closedByPeer, type Link, type LinkEnd } from './link.ts';

/** A pair of links; what one end sends the other receives. */
export function memoryLinkPair(names: readonly [string, string] = ['a', 'b']): readonly [Link, Link] {
  const ends = [new MemoryEnd(names[1]), new MemoryEnd(names[0])] as const;
  ends[0].other = ends[1];
  ends[1].other = ends[0];
  return ends;
}

class MemoryEnd implements Link {
  readonly peer: string;
  readonly closed: Promise<LinkEnd>;
  other: MemoryEnd | undefined;
  #resolveClosed: (end: LinkEnd) => void = () => {};
  #handler: ((octets: Uint8Array) => void) | undefined;
  #waiting: Uint8Array[] = [];
  #isOpen = true;

  constructor(peer: string) {
    this.peer = peer;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  send(octets: Uint8Array): void {
    if (!this.#isOpen) return;
    const copy = octets.slice();
    queueMicrotask(() => this.other?.deliver(copy));
  }

  pendingOctets(): number {
    return 0;
  }

  receive(handler: (octets: Uint8Array) => void): void {
    this.#handler = handler;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const octets of waiting) handler(octets);
  }

  close(why?: CloseReason): void {
    this.end(closedBecause(why));
    // After what is on its way, as a stream closes behind its last octet.
    queueMicrotask(() => this.other?.end(closedByPeer));
  }

  deliver(octets: Uint8Array): void {
    if (!this.#isOpen) return;
    if (this.#handler) this.#handler(octets);
    else this.#waiting.push(octets);
  }

  end(end: LinkEnd): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#resolveClosed(end);
  }
}
