/** What every carrier of a meter shares: how it answers, a fresh server for a link, and the answering itself. */
import type { Clock, Random } from '@wattline/base';
import type { Link } from '@wattline/network';
import {
  createServerConnection,
  type HdlcOptions,
  type LogicalDevice,
  type ServerConnection,
  type ServerEvent,
} from '@wattline/protocols/dlms';
import type { OpeningMeter } from '@wattline/protocols/iec62056-21';

/** How a meter answers. */
export interface ServeOptions {
  readonly random: Random;
  readonly clock: Clock;
  /** Largest APDU it takes and sends, octets; default 1024. */
  readonly maxPduSize?: number;
  /** Frames by HDLC (IEC 62056-46) in place of the wrapper. */
  readonly hdlc?: HdlcOptions;
  /** Listens for the opening of mode E first, as an optical port does; HDLC follows. */
  readonly optical?: OpeningMeter;
  /** HDLC: half a frame is forgotten after this long without an octet; default 500, as octets over IP may come late. */
  readonly interOctetMs?: number;
  /** A link silent for this long is closed; default five minutes, with HDLC its inactivity_time_out of two. */
  readonly idleMs?: number;
  /** Links at a time; default 8, peers over UDP 256. */
  readonly maxLinks?: number;
  /** While it says false, links are closed as soon as they open: a meter without power or out of reach. */
  readonly isReachable?: () => boolean;
  readonly onEvent?: (event: ServerEvent, peer: string) => void;
}

const defaultIdleMs = 300_000;
/** Default of inactivity_time_out, class 23 IEC HDLC setup (Blue Book 4.7.2). */
const defaultHdlcIdleMs = 120_000;
const defaultInterOctetMs = 500;
/** A peer that asks and never takes the answers is cut off at this many octets waiting. */
export const mostPendingOctets = 4 << 20;

/** Tells the server when octets stopped in the middle of a frame; to be called whenever some come. */
export function pauseWatch(
  link: Link,
  { clock, hdlc, interOctetMs = defaultInterOctetMs }: ServeOptions,
  onPause: () => void,
): () => void {
  if (!hdlc) return () => {};
  let disarm = () => {};
  void link.closed.then(() => disarm());
  return () => {
    disarm();
    disarm = clock.after(interOctetMs, onPause);
  };
}

/** Silence after which a link counts as given up, ms. */
export function idleMsOf({ idleMs, hdlc }: ServeOptions): number {
  return idleMs ?? (hdlc ? defaultHdlcIdleMs : defaultIdleMs);
}

/** A fresh server for one link. */
export function connectionOf(device: LogicalDevice, options: ServeOptions): ServerConnection {
  const { random, maxPduSize, hdlc } = options;
  return createServerConnection(device, {
    random,
    ...(maxPduSize === undefined ? {} : { maxPduSize }),
    ...(hdlc === undefined ? {} : { hdlc }),
  });
}

/** Gives octets to the server and its answers to the link; true when the link is to be closed. */
export function answer(
  connection: ServerConnection,
  octets: Uint8Array,
  link: Link,
  { onEvent }: ServeOptions,
): boolean {
  const { send, events, close } = connection.receive(octets);
  for (const reply of send) link.send(reply);
  for (const event of events) onEvent?.(event, link.peer);
  return close;
}
