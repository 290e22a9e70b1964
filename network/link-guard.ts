/** Looks after a link for whoever answers on it: silence for too long and answers that nobody takes end it. */
import type { Clock } from '@wattline/base';
import type { CloseReason, Link } from './link.ts';

/** Bounds of a link. */
export interface LinkBounds {
  readonly clock: Clock;
  /** Longest silence of the other end, ms. */
  readonly idleMs: number;
  /** Octets sent that may wait for the other end. */
  readonly mostPendingOctets: number;
  /** What silence leads to; default: the link is closed with `network/idle`. */
  readonly onIdle?: () => void;
}

/** Told of what passes on the link. */
export interface LinkGuard {
  /** Something came: the silence begins anew. */
  heard(): void;
  /** Something was sent: a peer that takes nothing is cut off with `network/overflow`. */
  sent(): void;
}

/** Guards a link until it closes. */
export function guardLink(link: Link, bounds: LinkBounds): LinkGuard {
  const { clock, idleMs, mostPendingOctets } = bounds;
  const message = `silent for ${idleMs} ms`;
  const onIdle = bounds.onIdle ?? (() => link.close({ code: 'network/idle', message }));
  let isOpen = true;
  let disarm = () => {};
  const heard = () => {
    disarm();
    if (isOpen) disarm = clock.after(idleMs, onIdle);
  };
  heard();
  void link.closed.then(() => {
    isOpen = false;
    disarm();
  });
  return {
    heard,
    sent() {
      const waiting = link.pendingOctets();
      if (waiting <= mostPendingOctets) return;
      const what = `expected at most ${mostPendingOctets} octets to wait for the other end, found ${waiting}`;
      link.close({ code: 'network/overflow', message: what } satisfies CloseReason);
    },
  };
}

/** Why a link is closed whose other end cannot be followed. */
export function refusedBecause(message: string): CloseReason {
  return { code: 'network/refused', message };
}
