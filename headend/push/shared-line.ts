/**
 * A link that a meter opened, shared by what it pushes and by sessions held over it (IEC 62056-47): frames that no request of ours can
 * have caused go on to whoever listens for pushes, all others to the session that has borrowed the line.
 */
import type { Link, LinkEnd } from '@wattline/network';
import { createWrapperCutter, encodeWrapper, type WrapperFrame } from '@wattline/protocols/dlms';

/** The line of a meter that dialled in. */
export interface SharedLine {
  readonly link: Link;
  /** A link for one session, or undefined while another has it. Closed without a reason the line stays; with one it is closed too. */
  borrow(): Link | undefined;
}

/** Tags of DataNotification and of general-glo-ciphering, in which meters push; a reader's sessions use neither. */
const pushTags = new Set([0x0f, 0xdb]);

/** A line over `link`; `onPush` is given all octets while nobody has borrowed it, and whole frames of pushes otherwise. */
export function shareLine(
  link: Link,
  options: { readonly maxApduSize: number; readonly onPush: (octets: Uint8Array) => void },
): SharedLine {
  const { maxApduSize, onPush } = options;
  let borrower: Borrower | undefined;
  link.receive((octets) => {
    if (borrower) borrower.take(octets);
    else onPush(octets);
  });
  return {
    link,
    borrow() {
      if (borrower) return undefined;
      const mine = lend(link, {
        ...{ maxApduSize, onPush },
        onReturn: () => {
          if (borrower === mine) borrower = undefined;
        },
      });
      borrower = mine;
      return mine.link;
    },
  };
}

interface Borrower {
  readonly link: Link;
  take(octets: Uint8Array): void;
}

function lend(
  line: Link,
  options: {
    readonly maxApduSize: number;
    readonly onPush: (octets: Uint8Array) => void;
    readonly onReturn: () => void;
  },
): Borrower {
  const cutter = createWrapperCutter(options.maxApduSize);
  const ended = Promise.withResolvers<LinkEnd>();
  let handler: ((octets: Uint8Array) => void) | undefined;
  let early: Uint8Array[] = [];
  let isBack = false;
  void line.closed.then(ended.resolve);
  const pass = (frame: WrapperFrame) => {
    const octets = encodeWrapper(frame);
    if (pushTags.has(frame.apdu[0] ?? 0)) options.onPush(octets);
    else if (handler) handler(octets);
    else early.push(octets);
  };
  return {
    take(octets) {
      const { frames, failure } = cutter.push(octets);
      for (const frame of frames) pass(frame);
      if (failure) line.close({ code: 'network/refused', message: failure.message });
    },
    link: {
      peer: line.peer,
      closed: ended.promise,
      send(octets) {
        if (!isBack) line.send(octets);
      },
      pendingOctets: () => line.pendingOctets(),
      receive(next) {
        handler = next;
        const waiting = early;
        early = [];
        for (const octets of waiting) next(octets);
      },
      close(why) {
        if (isBack) return;
        isBack = true;
        options.onReturn();
        // An answer still on its way would be taken for one of the next session.
        if (why) line.close(why);
        ended.resolve({ reason: 'closed', code: 'network/closed', message: 'the session is over' });
      },
    },
  };
}
