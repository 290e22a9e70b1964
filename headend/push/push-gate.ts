/**
 * Back-pressure of pushes: when too many wait for the disk no line is read until half of them are there. What comes meanwhile waits with
 * the network and with who sent it, and what was read is on disk soon.
 */
import type { Link } from '@wattline/network';

/** Counts what waits, of all lines and of one. */
export interface PushGate {
  /** A line that is held together with the others. */
  line(link: Link, mostWaiting: number): LineGate;
}

/** The gate as one line sees it. */
export interface LineGate {
  /** Pushes of the line that are not on disk yet. */
  readonly waiting: number;
  /** Whether the line cannot be held, as one of datagrams, and too much waits. */
  readonly isOverfull: boolean;
  /** One more waits. */
  enter(): void;
  /** One is on disk, or was refused. */
  leave(): void;
  close(): void;
}

/** What cannot be held is let in until so many times as much waits. */
const overfull = 16;
/** The same of one line. */
const overfullLine = 2;

/** A gate for all lines of a listener. */
export function createPushGate(mostWaiting: number): PushGate {
  const lines = new Set<{ hold(): void; release(): void }>();
  let waiting = 0;
  let isHeld = false;
  let newest: unknown;
  const enter = () => {
    if (++waiting < mostWaiting || isHeld) return;
    isHeld = true;
    for (const line of lines) line.hold();
  };
  const leave = () => {
    if (--waiting > mostWaiting / 2 || !isHeld) return;
    isHeld = false;
    for (const line of lines) line.release();
  };
  return {
    line(link, most) {
      let mine = 0;
      let isFull = false;
      const line = {
        hold: () => link.pause?.(),
        release() {
          if (!isFull) link.resume?.();
        },
      };
      lines.add(line);
      if (isHeld) line.hold();
      return {
        get waiting() {
          return mine;
        },
        get isOverfull() {
          return !link.pause && (mine >= most * overfullLine || waiting >= mostWaiting * overfull);
        },
        enter() {
          // Who was read last is let in last: else the same lines would be read for ever and others never.
          if (newest !== line) {
            newest = line;
            lines.delete(line);
            lines.add(line);
          }
          if (++mine >= most && !isFull) {
            isFull = true;
            line.hold();
          }
          enter();
        },
        leave() {
          mine--;
          if (isFull && mine <= most / 2) {
            isFull = false;
            if (!isHeld) line.release();
          }
          leave();
        },
        close: () => void lines.delete(line),
      };
    },
  };
}
