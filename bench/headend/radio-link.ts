/** Links of a simulated field network on virtual time: round-trip time, hops that lose in bursts, concentrators that fail, meters that sleep. */
import { type Clock, CodedError, type Random } from '@wattline/base';
import { closedByPeer, closedHere, type Link, type LinkEnd } from '@wattline/network';

/** How the way to a meter behaves at an instant; asked for every message. */
export interface Way {
  /** Ms a message takes one way when nothing is lost. */
  readonly oneWayMs: number;
  /** Ms of tries until the message is through, null when it is lost for good. */
  passMs(): number | null;
  /** Whether the far end can be reached at all. */
  isUp(): boolean;
}

/** Two ends of a link over a way. A message that is lost takes the link with it: the ends notice by silence. */
export function radioLinkPair(
  clock: Clock,
  way: Way,
  names: readonly [string, string],
): readonly [Link, Link] {
  const ends = [new RadioEnd(clock, way, names[1]), new RadioEnd(clock, way, names[0])] as const;
  ends[0].other = ends[1];
  ends[1].other = ends[0];
  return ends;
}

class RadioEnd implements Link {
  readonly peer: string;
  readonly closed: Promise<LinkEnd>;
  readonly #clock: Clock;
  readonly #way: Way;
  other: RadioEnd | undefined;
  #resolve: (end: LinkEnd) => void = () => {};
  #handler: ((octets: Uint8Array) => void) | undefined;
  #early: Uint8Array[] = [];
  #isOpen = true;
  /** Nothing overtakes: a message arrives no earlier than the one before. */
  #freeAtMs = 0;
  #isDead = false;

  constructor(clock: Clock, way: Way, peer: string) {
    this.#clock = clock;
    this.#way = way;
    this.peer = peer;
    this.closed = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  send(octets: Uint8Array): void {
    if (!this.#isOpen || this.#isDead) return;
    const triesMs = this.#way.isUp() ? this.#way.passMs() : null;
    if (triesMs === null) {
      this.#isDead = true;
      return;
    }
    const copy = octets.slice();
    const atMs = Math.max(this.#freeAtMs, this.#clock.now() + this.#way.oneWayMs + triesMs);
    this.#freeAtMs = atMs;
    this.#clock.after(atMs - this.#clock.now(), () => this.other?.deliver(copy));
  }

  pendingOctets(): number {
    return 0;
  }

  receive(handler: (octets: Uint8Array) => void): void {
    this.#handler = handler;
    for (const octets of this.#early.splice(0)) handler(octets);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.end(closedHere);
    const { other } = this;
    this.#clock.after(this.#way.oneWayMs, () => other?.end(closedByPeer));
  }

  deliver(octets: Uint8Array): void {
    if (!this.#isOpen) return;
    if (this.#handler) this.#handler(octets);
    else this.#early.push(octets);
  }

  end(end: LinkEnd): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#resolve(end);
  }
}

/** Dialling over a way: a round trip when it is up, silence until the deadline when it is not. */
export async function dialOver(
  clock: Clock,
  way: Way,
  { name, timeoutMs }: { readonly name: string; readonly timeoutMs: number },
): Promise<void> {
  const triesMs = way.isUp() ? way.passMs() : null;
  if (triesMs !== null) return clock.sleep(2 * way.oneWayMs + triesMs);
  await clock.sleep(timeoutMs);
  throw new CodedError('network/unreachable', `${name}: no answer within ${timeoutMs} ms`, { name });
}

/** Loss of one radio cell: two states, good and bad, with the shares lost in each (Gilbert and Elliott). */
export interface BurstyLoss {
  /** Whether one transmission is lost now. */
  isLost(): boolean;
}

/** Bursts of `badMs` on average between `goodMs` on average. */
export function burstyLoss(
  clock: Clock,
  random: Random,
  of: {
    readonly goodMs: number;
    readonly badMs: number;
    readonly goodLoss: number;
    readonly badLoss: number;
  },
): BurstyLoss {
  let isBad = false;
  let untilMs = clock.now();
  return {
    isLost() {
      while (clock.now() >= untilMs) {
        isBad = !isBad;
        untilMs += -Math.log(1 - random.next()) * (isBad ? of.badMs : of.goodMs);
      }
      return random.next() < (isBad ? of.badLoss : of.goodLoss);
    },
  };
}

/** Ms that so many hops take, each tried up to `tries` times; null when a hop gives up. */
export function hopTries(
  loss: BurstyLoss,
  of: { hops: number; tries: number; tryMs: number },
): number | null {
  let tries = 0;
  for (let hop = 0; hop < of.hops; hop++) {
    let failed = 0;
    while (loss.isLost()) if (++failed === of.tries) return null;
    tries += failed;
  }
  return tries * of.tryMs;
}
