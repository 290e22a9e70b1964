/** What carries DLMS to a meter, as data: the wrapper over TCP or UDP, HDLC behind a converter, an optical port opened in mode E. */
import type { Clock } from '@wattline/base';
import { type Dialer, udpDialer } from '@wattline/network';
import type { ClientOptions } from '@wattline/protocols/dlms';
import { opticalDialer } from '../optical-dialer.ts';

/** To add a kind, add a row. */
export const linkKinds = {
  tcp: { title: 'wrapper over TCP (IEC 62056-47)', isHdlc: false, isOptical: false },
  udp: { title: 'wrapper over UDP (IEC 62056-47)', isHdlc: false, isOptical: false },
  hdlc: {
    title: 'HDLC (IEC 62056-46) over a stream, as a serial converter gives it',
    isHdlc: true,
    isOptical: false,
  },
  'mode-e': { title: 'HDLC after an opening in mode E (IEC 62056-21)', isHdlc: true, isOptical: true },
} as const;
export type LinkKind = keyof typeof linkKinds;

/** Times that HDLC asks again after silence: half-duplex lines lose octets. */
const hdlcRetries = 2;

/** How a session with a meter of this kind is dialled and framed. */
export interface Carrier {
  readonly dialer: Dialer;
  readonly framing: Pick<ClientOptions, 'hdlc'>;
  readonly retries: number;
}

/** The carrier of a kind over `dialer`. */
export function carrierOf(kind: LinkKind, dialer: Dialer, deadlines: Clock): Carrier {
  const { isHdlc, isOptical } = linkKinds[kind];
  const inner = kind === 'udp' ? udpDialer : dialer;
  return {
    dialer: isOptical ? opticalDialer(inner, { clock: deadlines }) : inner,
    framing: isHdlc ? { hdlc: {} } : {},
    retries: isHdlc ? hdlcRetries : 0,
  };
}
