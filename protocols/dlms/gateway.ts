/**
 * The gateway prefix (Green Book, communication through a gateway): E6 before a request, E7 before its answer, then network id,
 * length and physical device address of the meter behind, and its APDU; as a codec and around both sides of an association.
 */
import { concatBytes, equalBytes, failure, type Result, success, toHex } from '@wattline/base';
import { AxdrWriter } from './axdr-writer.ts';
import type { ClientAssociation, ClientReaction } from './client-association.ts';
import { type Codec, octetString, sequence, u8 } from './codec.ts';
import { attempt, OctetReader } from './octet-reader.ts';
import type { GatewayRoute } from './server.ts';
import type { Addresses, ServerAssociation, ServerReaction } from './server-association.ts';

/** The octets that announce a prefix. */
export const gatewayTags = { request: 0xe6, response: 0xe7 } as const;
/** The most octets a prefix takes: tag, network, length and an address of 255. */
export const gatewayOverhead = 3 + 255;
/** Meters behind one gateway that one connection may talk to at a time. */
const maxRoutes = 64;

/** Which meter behind a gateway is meant. */
export interface GatewayAddress {
  /** 0 to 255: one of the networks of the gateway. */
  readonly networkId: number;
  /** Physical device address in that network, at most 255 octets. */
  readonly deviceAddress: Uint8Array;
}

/** An APDU with its prefix. */
export interface GatewayFrame extends GatewayAddress {
  readonly direction: keyof typeof gatewayTags;
  readonly apdu: Uint8Array;
}

/** Network id and address; the length of the address is one octet whatever it is. */
const address: Codec<GatewayAddress> = sequence({
  networkId: u8,
  deviceAddress: {
    read: (reader) => reader.bytes(reader.u8()),
    write: (writer, value) => writer.u8(value.length).raw(value),
    ...(octetString.print ? { print: octetString.print } : {}),
  },
});

/** Octets of a prefix and the APDU behind it. */
export function encodeGateway({ direction, apdu, ...to }: GatewayFrame): Uint8Array {
  const writer = new AxdrWriter();
  writer.u8(gatewayTags[direction]);
  address.write(writer, to);
  return concatBytes(writer.finish(), apdu);
}

/** The prefix of these octets. Fails with `dlms/bad-tag` when they have none, or with `dlms/truncated`. */
export function decodeGateway(octets: Uint8Array): Result<GatewayFrame> {
  return attempt(() => {
    const reader = new OctetReader(octets);
    const prefix = readGateway(reader);
    return { ...prefix, apdu: octets.subarray(reader.at) };
  });
}

/** Reads a prefix up to its APDU. */
export function readGateway(reader: OctetReader): Omit<GatewayFrame, 'apdu'> {
  const tag = reader.node(
    'gateway-tag',
    () => reader.u8(),
    (value) => toHex(Uint8Array.of(value)),
  );
  const isRequest = tag === gatewayTags.request;
  if (!isRequest && tag !== gatewayTags.response) {
    reader.fail('dlms/bad-tag', `expected a gateway prefix E6 or E7, found ${tag}`, -1);
  }
  return { direction: isRequest ? 'request' : 'response', ...address.read(reader) };
}

/** Whether octets begin with a prefix of either direction. */
export function hasGateway(octets: Uint8Array, at = 0): boolean {
  return octets[at] === gatewayTags.request || octets[at] === gatewayTags.response;
}

/** A client whose server is behind a gateway: every APDU goes and comes with the prefix. */
export function behindGateway(inner: ClientAssociation, to: GatewayAddress): ClientAssociation {
  const prefixed = (apdu: Uint8Array) => encodeGateway({ direction: 'request', ...to, apdu });
  return {
    request(request) {
      const apdu = inner.request(request);
      return apdu.ok ? success(prefixed(apdu.value)) : apdu;
    },
    receive(octets): ClientReaction {
      const opened = octets.length === 0 ? success(octets) : answerOf(octets, to);
      if (!opened.ok) return { outcome: { kind: 'failure', failure: opened.error } };
      const { send, ...reaction } = inner.receive(opened.value);
      return send ? { ...reaction, send: send.map(prefixed) } : reaction;
    },
    again() {
      const apdu = inner.again();
      return apdu && prefixed(apdu);
    },
  };
}

function answerOf(octets: Uint8Array, to: GatewayAddress): Result<Uint8Array> {
  const decoded = decodeGateway(octets);
  if (!decoded.ok) return decoded;
  const { direction, networkId, deviceAddress, apdu } = decoded.value;
  const isOurs = networkId === to.networkId && equalBytes(deviceAddress, to.deviceAddress);
  if (direction === 'response' && isOurs) return success(apdu);
  const found = `${direction} of network ${networkId}, device ${toHex(deviceAddress)}`;
  return failure('dlms/unexpected-answer', `expected the response of the device asked, found ${found}`);
}

/**
 * A gateway with meters behind it: what comes without a prefix is its own, what comes with one goes to the meter of that
 * address, each with an association of its own. A request for a meter that is not there is told and answered by nothing, as by
 * a network in which nobody has that address.
 */
export function asGateway(
  own: ServerAssociation,
  route: GatewayRoute,
  open: (device: NonNullable<ReturnType<GatewayRoute['device']>>) => ServerAssociation,
): ServerAssociation {
  const opened = new Map<string, ServerAssociation>();

  const associationOf = ({ networkId, deviceAddress }: GatewayAddress): ServerAssociation | undefined => {
    const key = toHex(deviceAddress);
    const known = opened.get(key);
    if (known) return known;
    const device = networkId === route.networkId ? route.device(deviceAddress) : undefined;
    if (!device || opened.size >= maxRoutes) return undefined;
    const association = open(device);
    opened.set(key, association);
    return association;
  };

  const unreachable = (message: string): ServerReaction => ({
    events: [{ kind: 'refused', code: 'dlms/unknown-device', message }],
  });

  return {
    receive(octets: Uint8Array, from: Addresses) {
      if (!hasGateway(octets)) return own.receive(octets, from);
      const decoded = decodeGateway(octets);
      if (!decoded.ok || decoded.value.direction !== 'request') {
        return unreachable('expected a request with a gateway prefix');
      }
      const { apdu, ...to } = decoded.value;
      const association = to.networkId === route.networkId ? associationOf(to) : undefined;
      if (!association) {
        return unreachable(`no device ${toHex(to.deviceAddress)} in network ${to.networkId}`);
      }
      const { answer, more, ...reaction } = association.receive(apdu, from);
      const prefixed = (part: Uint8Array) => encodeGateway({ ...to, direction: 'response', apdu: part });
      return {
        ...reaction,
        ...(answer ? { answer: prefixed(answer) } : {}),
        ...(more ? { more: more.map(prefixed) } : {}),
      };
    },
  };
}
