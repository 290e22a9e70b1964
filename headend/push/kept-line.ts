/** A line that is ours to open, a serial port or a serial server, and opened again whenever it ends. */
import { type Clock, codeOf, type Log, messageOf } from '@wattline/base';
import { type Address, type Link, openSerial, type SerialOptions, tcpDialer } from '@wattline/network';
import type { HeadendPolicy } from '../policy.ts';

/** A serial port of this machine, or the address of a serial server. */
export type LineSource = SerialOptions | Address;

/** A line that is kept open. */
export interface KeptLine {
  /** Ends the keeping; the link itself is closed by who serves it. */
  close(): void;
  /** Resolves when it is kept no more. */
  readonly ended: Promise<void>;
}

/** Keeps a line open; `serve` resolves when a link has ended. */
export function keepLine(
  source: LineSource,
  options: {
    readonly deadlines: Clock;
    readonly log: Log;
    readonly policy: Pick<HeadendPolicy, 'dialTimeoutMs' | 'backoffMs' | 'backoffMaxMs'>;
    readonly serve: (link: Link) => Promise<void>;
  },
): KeptLine {
  const { deadlines, log, policy, serve } = options;
  const closed = Promise.withResolvers<void>();
  let isOpen = true;
  const open = () => ('path' in source ? openSerial(source) : tcpDialer.dial(source, policy.dialTimeoutMs));
  const pause = async (ms: number) => {
    const over = Promise.withResolvers<void>();
    const cancel = deadlines.after(ms, over.resolve);
    await Promise.race([over.promise, closed.promise]);
    cancel();
  };
  const keep = async () => {
    for (let failures = 0; isOpen; ) {
      try {
        const link = await open();
        if (!isOpen) return link.close();
        failures = 0;
        await serve(link);
      } catch (error) {
        if (failures++ === 0) log.warn({ source, code: codeOf(error) }, messageOf(error));
      }
      if (isOpen)
        await pause(Math.min(policy.backoffMaxMs, policy.backoffMs * 2 ** Math.max(0, failures - 1)));
    }
  };
  return {
    ended: keep(),
    close() {
      isOpen = false;
      closed.resolve();
    },
  };
}

const serialLine = /^(?<path>\/[^@]+?)(?:@(?<baudRate>\d{3,6}))?$/;
const serverLine = /^(?:\[(?<v6>[0-9a-fA-F:]+)\]|(?<host>[^/:@\s]+)):(?<port>\d{1,5})$/;

/** The line that a text names: `/dev/ttyUSB0`, `/dev/ttyUSB0@9600`, `10.0.0.7:4001`; undefined for any other text. */
export function parseLineSource(text: string): LineSource | undefined {
  const serial = serialLine.exec(text)?.groups;
  if (serial?.path) {
    return { path: serial.path, ...(serial.baudRate ? { baudRate: Number(serial.baudRate) } : {}) };
  }
  const server = serverLine.exec(text)?.groups;
  const host = server?.v6 ?? server?.host;
  const port = Number(server?.port);
  return host && port > 0 && port < 65_536 ? { host, port } : undefined;
}
