/** Negotiation of an HDLC link (IEC 62056-46 clause 6.4.4.4.3.2): sizes and windows inside SNRM and UA. */
import { attempt, OctetReader } from '../octet-reader.ts';

/** Sizes of information fields, octets, and windows, frames, seen from the side that states them. */
export interface LinkParameters {
  readonly maxTransmit: number;
  readonly maxReceive: number;
  readonly windowTransmit: number;
  readonly windowReceive: number;
}

/** What a side that states nothing means. */
export const defaultParameters: LinkParameters = {
  maxTransmit: 128,
  maxReceive: 128,
  windowTransmit: 1,
  windowReceive: 1,
};

const formatIdentifier = 0x81;
const groupIdentifier = 0x80;
const identifiers = { 5: 'maxTransmit', 6: 'maxReceive', 7: 'windowTransmit', 8: 'windowReceive' } as const;
/** The largest information field of a frame of 2047 octets with two addresses of four octets. */
const maxInformation = 2030;
const maxWindow = 7;

/** The information field of an SNRM or UA. */
export function encodeParameters(parameters: LinkParameters): Uint8Array {
  const size = (identifier: number, value: number) => [identifier, 2, value >> 8, value & 0xff];
  const window = (identifier: number, value: number) => [identifier, 4, 0, 0, 0, value];
  const items = [
    ...size(5, parameters.maxTransmit),
    ...size(6, parameters.maxReceive),
    ...window(7, parameters.windowTransmit),
    ...window(8, parameters.windowReceive),
  ];
  return Uint8Array.from([formatIdentifier, groupIdentifier, items.length, ...items]);
}

/** The parameters of an information field; what it leaves out, or cannot mean, is the default. */
export function decodeParameters(information: Uint8Array): LinkParameters {
  const found: { -readonly [K in keyof LinkParameters]: number } = { ...defaultParameters };
  attempt(() => {
    const reader = new OctetReader(information);
    if (reader.u8() !== formatIdentifier || reader.u8() !== groupIdentifier) return;
    reader.within(reader.u8(), () => {
      while (reader.remaining > 0) {
        const name = identifiers[reader.u8() as keyof typeof identifiers];
        const value = reader.bytes(reader.u8()).reduce((sum, octet) => sum * 256 + octet, 0);
        const most = name === 'windowTransmit' || name === 'windowReceive' ? maxWindow : maxInformation;
        if (name && value > 0) found[name] = Math.min(value, most);
      }
    });
  });
  return found;
}

/** What a side may send, once it knows what the other said. */
export function agree(own: LinkParameters, peer: LinkParameters): LinkParameters {
  return {
    maxTransmit: Math.min(own.maxTransmit, peer.maxReceive),
    maxReceive: Math.min(own.maxReceive, peer.maxTransmit),
    windowTransmit: Math.min(own.windowTransmit, peer.windowReceive),
    windowReceive: Math.min(own.windowReceive, peer.windowTransmit),
  };
}

/** How one side wants its link; both directions alike. */
export interface HdlcOptions {
  /** Lower address of the server (its physical device). Without one the server address has one octet. */
  readonly serverLower?: number;
  /** Octets of the server address: 2 unless a part passes 127 or 4 is asked for. */
  readonly addressLength?: 1 | 2 | 4;
  /** Largest information field, octets, 32 to 2030. Default 128. */
  readonly maxInformation?: number;
  /** Frames sent before an acknowledgement, 1 to 7. Default 1. */
  readonly window?: number;
}

/** The parameters that options state. */
export function parametersOf(options: HdlcOptions): LinkParameters {
  const size = Math.min(maxInformation, Math.max(32, options.maxInformation ?? 128));
  const window = Math.min(maxWindow, Math.max(1, options.window ?? 1));
  return { maxTransmit: size, maxReceive: size, windowTransmit: window, windowReceive: window };
}
