/** A meter on a serial line: the line stays open whatever happens on it, so silence ends the dialogue and not the link. */
import { guardLink, type Link, openSerial, type SerialOptions } from '@wattline/network';
import type { LogicalDevice, ServerConnection } from '@wattline/protocols/dlms';
import { openingLine } from '@wattline/protocols/iec62056-21';
import {
  answer,
  connectionOf,
  idleMsOf,
  mostPendingOctets,
  pauseWatch,
  type ServeOptions,
} from './dialogue.ts';
import { noticing } from './link-notice.ts';
import { attachOpticalPort } from './optical-port.ts';
import type { ServedMeter } from './serve.ts';

/**
 * Answers on a serial port until closed; an optical port begins at 300 Bd, others stay at their speed.
 * @throws CodedError `network/unreachable`, `network/bad-serial-setting`
 */
export async function serveMeterOnSerial(
  device: LogicalDevice,
  port: SerialOptions,
  options: ServeOptions,
): Promise<ServedMeter> {
  const link = await openSerial(options.optical ? { ...port, baudRate: openingLine.baud } : port);
  const line = attachLine(device, link, options);
  return {
    address: { host: port.path, port: 0 },
    dropLinks: line.startOver,
    async close() {
      link.close();
      await link.closed;
    },
  };
}

/** A line in service. */
export interface ServedLine {
  /** Forgets the dialogue: the next frame is answered as the first. */
  startOver(): void;
}

/** Answers on an open line, after an opening of mode E where the options say so; whoever falls silent, or cannot be followed, finds the meter as after power-up. */
export function attachLine(device: LogicalDevice, link: Link, told: ServeOptions): ServedLine {
  const { options, gone } = noticing(device, link, told);
  const { optical } = options;
  if (optical) return attachOpticalPort(device, link, { ...options, optical, onGone: gone });
  let connection: ServerConnection = connectionOf(device, options);
  const startOver = () => {
    gone();
    connection = connectionOf(device, options);
  };
  const pause = pauseWatch(link, options, () => connection.pause?.());
  const guard = guardLink(link, {
    clock: options.clock,
    idleMs: idleMsOf(options),
    mostPendingOctets,
    onIdle: startOver,
  });
  link.receive((octets) => {
    guard.heard();
    pause();
    if (options.isReachable?.() === false) return;
    if (answer(connection, octets, link, options)) startOver();
    guard.sent();
  });
  return { startOver };
}
