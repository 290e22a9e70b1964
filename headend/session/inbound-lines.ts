/** Meters behind carrier NAT cannot be dialled: sessions are held over the lines they opened themselves, found by system title. */
import { type Clock, CodedError } from '@wattline/base';
import type { Dialer, Link } from '@wattline/network';
import type { SharedLine } from '../push/shared-line.ts';

/** Lines of meters that dialled in. */
export interface InboundLines {
  /** A meter has proved by an authenticated push that the line is its own; it takes the place of an older one. */
  heard(systemTitle: string, line: SharedLine): void;
  /** Whether a meter has a line now. */
  has(systemTitle: string): boolean;
  /** A dialer that takes hosts `inbound:<system title>` from here and dials all others. */
  over(dialer: Dialer): Dialer;
  /** Ends the wait of whoever waits for a meter to dial in. */
  close(reason: unknown): void;
}

/** The host of a meter that dials in: its system title, 16 hexadecimal digits. */
const inboundHost = /^inbound:([0-9A-F]{16})$/i;

/** The system title of such a host; undefined for a host that is dialled. */
export function inboundTitle(host: string): string | undefined {
  return inboundHost.exec(host)?.[1]?.toUpperCase();
}

interface Waiting {
  readonly take: (link: Link) => void;
  readonly giveUp: (reason: unknown) => void;
}

/** Lines, none yet. */
export function createInboundLines(deadlines: Clock): InboundLines {
  const lines = new Map<string, SharedLine>();
  const waiting = new Map<string, Set<Waiting>>();

  /** Gives a free line to who waits longest. */
  const serve = (title: string) => {
    const [first] = waiting.get(title) ?? [];
    const link = first && lines.get(title)?.borrow();
    if (!first || !link) return;
    release(title, first);
    first.take(watched(title, link));
  };
  /** A line that comes back serves who waits for it. */
  const watched = (title: string, link: Link): Link => {
    void link.closed.then(() => serve(title));
    return link;
  };
  const release = (title: string, one: Waiting) => {
    const all = waiting.get(title);
    all?.delete(one);
    if (all?.size === 0) waiting.delete(title);
  };
  const wait = (title: string, timeoutMs: number): Promise<Link> =>
    new Promise((resolve, reject) => {
      const one: Waiting = {
        take(link) {
          cancel();
          resolve(link);
        },
        giveUp(reason) {
          cancel();
          release(title, one);
          reject(reason);
        },
      };
      const cancel = deadlines.after(timeoutMs, () => {
        const what = `meter ${title} has not dialled in within ${timeoutMs} ms`;
        one.giveUp(new CodedError('network/unreachable', what, { systemTitle: title }));
      });
      const all = waiting.get(title) ?? new Set();
      waiting.set(title, all.add(one));
      serve(title);
    });

  return {
    heard(systemTitle, line) {
      const before = lines.get(systemTitle);
      if (before === line) return;
      lines.set(systemTitle, line);
      before?.link.close({ code: 'network/closed', message: 'the meter dialled in anew' });
      void line.link.closed.then(() => {
        if (lines.get(systemTitle) === line) lines.delete(systemTitle);
      });
      serve(systemTitle);
    },
    close(reason) {
      for (const one of [...waiting.values()].flatMap((all) => [...all])) one.giveUp(reason);
    },
    has: (systemTitle) => lines.has(systemTitle),
    over: (dialer) => ({
      dial(address, timeoutMs) {
        const title = inboundTitle(address.host);
        return title === undefined ? dialer.dial(address, timeoutMs) : wait(title, timeoutMs);
      },
    }),
  };
}
