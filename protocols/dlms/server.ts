/** The COSEM server side of an application association, sans I/O: octets in, octets and events out. */
import type { Random } from '@wattline/base';
import type {
  CipheringSetup,
  InvocationCounter,
  Mechanism,
  PeerKeys,
  Protection,
  ReplayGuard,
  SecurityKeys,
} from './association.ts';
import type {
  ActionOutcome,
  AttributeDescriptor,
  DataAccessResult,
  GetResult,
  MethodDescriptor,
} from './cosem.ts';
import type { Data } from './data.ts';
import type { HdlcOptions } from './hdlc/parameters.ts';

/** What one client (SAP) of a logical device may do and must prove. */
export interface ClientPolicy {
  readonly clientSap: number;
  /** Its name for people and logs: `public`, `reader`, `management`. */
  readonly name: string;
  readonly mechanism: Mechanism;
  /** The least protection its APDUs must carry once associated. */
  readonly protection: Protection;
  /** Lets `mechanism` be a weak one: lls, hls2, md5, sha1, or none for a client that is not the public one. */
  readonly allowsWeak?: boolean;
  /** Password of `lls`. */
  readonly secret?: Uint8Array;
  readonly keys?: SecurityKeys;
  /** Guards against replayed counters from this client. */
  readonly replay?: ReplayGuard;
  /**
   * Guards kept apart by the client's system title, which is part of every nonce: two clients that share a SAP and its keys
   * count on their own. Asked before `replay`.
   */
  replayOf?(systemTitle: Uint8Array): ReplayGuard;
  /** Guards counters under the broadcast key of `keys`; without it such APDUs are refused. */
  readonly broadcastReplay?: ReplayGuard;
  /** What General-Ciphering needs; without it only the global unicast key opens such APDUs. Answers go by the scheme they came. */
  readonly ciphering?: Omit<CipheringSetup, 'scheme'>;
  /** APDUs must come signed (General-Signing); what comes signed is answered signed in any case. */
  readonly demandsSignature?: boolean;
  /** Signing keys of mechanism `ecdsa`: the device's own pair, and the client's public key. */
  readonly signing?: PeerKeys;
}

/** An object of the device under its base name: attribute n stands at `baseName + 8 (n - 1)` (Blue Book 4.1.2). */
export interface ShortNameObject {
  /** 0 to 0xFFF8, a multiple of 8. */
  readonly baseName: number;
  readonly classId: number;
  readonly version: number;
  readonly obis: string;
}

/** The device behind the association: implemented by the meter. A refusal is a value, never a throw. */
export interface LogicalDevice {
  /** System title, 8 octets: three letters of the manufacturer (FLAG) and five octets. */
  readonly systemTitle: Uint8Array;
  readonly serverSap: number;
  policy(clientSap: number): ClientPolicy | undefined;
  /** Counter of what the device seals with the keys of `client`. */
  counter(client: ClientPolicy): InvocationCounter;
  get(reference: AttributeDescriptor, client: ClientPolicy): GetResult;
  set(reference: AttributeDescriptor, value: Data, client: ClientPolicy): DataAccessResult;
  action(reference: MethodDescriptor, parameter: Data | undefined, client: ClientPolicy): ActionOutcome;
  /**
   * Which attributes an object has, in order, for GET and SET of attribute 0; undefined when there is no such object. Without it
   * attribute 0 is not offered.
   */
  attributes?(
    object: { readonly classId: number; readonly obis: string },
    client: ClientPolicy,
  ): readonly number[] | undefined;
  /** The objects a client may name by short name; without it associations with short names are refused. */
  shortNames?(client: ClientPolicy): readonly ShortNameObject[];
}

/** Something the device may want to log. */
export type ServerEvent =
  | { readonly kind: 'associated'; readonly client: string; readonly mechanism: Mechanism }
  | { readonly kind: 'released' }
  /** The client gave the HDLC link up (DISC). */
  | { readonly kind: 'disconnected' }
  /** The peer's mistake, recorded and answered as the standard says; `code` is of the dlms error table. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

/** One connection's worth of server state. */
export interface ServerConnection {
  /** Feeds octets as they came from the link, in any cut; answers what to send and what happened. */
  receive(octets: Uint8Array): {
    readonly send: readonly Uint8Array[];
    readonly events: readonly ServerEvent[];
    readonly close: boolean;
  };
  /**
   * Tells that nothing arrived for the inter-octet timeout (IEC 62056-46 clause 6.4.4.3.3): what was held of a frame is
   * forgotten. Framings in which a length tells the end of a frame have none.
   */
  pause?(): void;
}

/** Meters behind a gateway, found by the address in the prefix of a request. */
export interface GatewayRoute {
  /** The network they are in, 0 to 255. */
  readonly networkId: number;
  device(address: Uint8Array): LogicalDevice | undefined;
}

/** Largest APDU the server accepts and sends, octets; longer answers go in blocks. */
export interface ServerOptions {
  readonly random: Random;
  /** Default 1024. */
  readonly maxPduSize?: number;
  /** This server is a gateway as well: requests with a prefix go to the meters behind it. */
  readonly gateway?: GatewayRoute;
  /** Frames by HDLC in place of the TCP wrapper. */
  readonly hdlc?: HdlcOptions;
  /** Blocks of a general block transfer taken without a confirmation, 1 to 63. Default 10. */
  readonly generalBlockWindow?: number;
}

export type CreateServerConnection = (device: LogicalDevice, options: ServerOptions) => ServerConnection;
