/** The COSEM client side of an application association, sans I/O: requests in, octets out; octets in, outcomes out. */
import type { Failure, Random, Result } from '@wattline/base';
import type { OptionalService } from './apdu/conformance.ts';
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
  SelectiveAccess,
} from './cosem.ts';
import type { Data } from './data.ts';
import type { HdlcOptions } from './hdlc/parameters.ts';

/** How a client opens its association. */
export interface ClientOptions {
  readonly clientSap: number;
  /** Server (logical device) SAP, 1 is the management logical device. */
  readonly serverSap: number;
  readonly mechanism: Mechanism;
  readonly protection: Protection;
  /** Lets a weak mechanism be used: lls, hls2, md5, sha1, or none for a client that is not the public one. */
  readonly allowsWeak?: boolean;
  readonly secret?: Uint8Array;
  /** The client's system title, 8 octets; needed when anything is ciphered. */
  readonly systemTitle?: Uint8Array;
  /** The server's system title when known beforehand: a different one in the AARE is refused. */
  readonly serverSystemTitle?: Uint8Array;
  readonly keys?: SecurityKeys;
  readonly counter?: InvocationCounter;
  readonly replay?: ReplayGuard;
  readonly random: Random;
  /** Default 1024. */
  readonly maxPduSize?: number;
  /**
   * How APDUs are sealed: `service` by the envelope of their service (default), `general` by general-glo-ciphering, `ciphering` by
   * General-Ciphering as `ciphering` says.
   */
  readonly envelope?: 'service' | 'general' | 'ciphering';
  /** Scheme and keys of General-Ciphering. */
  readonly ciphering?: CipheringSetup;
  /** Signs each sealed request by General-Signing with the `signing` keys and demands the same of answers. */
  readonly isSigned?: boolean;
  /** A key for this association alone, as long as the EK: given to the server in the AARQ, then used for every APDU. */
  readonly dedicatedKey?: Uint8Array;
  /** Seals services under the broadcast key of `keys`; its counter is `counter`, answers come under the unicast key. */
  readonly isBroadcast?: boolean;
  /** Signing keys of mechanism `ecdsa`. */
  readonly signing?: PeerKeys;
  /** How objects are named: by logical name (default) or short name; decides which requests are taken. */
  readonly referencing?: 'ln' | 'sn';
  /** Offers general-block-transfer and takes this many blocks, 1 to 63, without a confirmation. */
  readonly generalBlockWindow?: number;
  /** The meter is behind a gateway: every APDU carries the prefix that names it. */
  readonly gateway?: { readonly networkId: number; readonly deviceAddress: Uint8Array };
  /** Services it proposes besides those that its other options need. */
  readonly proposes?: readonly OptionalService[];
  /** Priority of its requests, for servers that answer urgent ones first (priority-mgmt-supported). Default `high`. */
  readonly priority?: 'normal' | 'high';
  /** Frames by HDLC in place of the TCP wrapper: SNRM goes before the AARQ, DISC after the RLRE. */
  readonly hdlc?: HdlcOptions;
}

/** One thing to ask of the server. */
export type ClientRequest =
  | { readonly kind: 'associate' }
  | { readonly kind: 'get'; readonly reference: AttributeDescriptor }
  /** Several attributes in one APDU, answered in order. */
  | { readonly kind: 'get-list'; readonly references: readonly AttributeDescriptor[] }
  | { readonly kind: 'set'; readonly reference: AttributeDescriptor; readonly value: Data }
  | { readonly kind: 'action'; readonly reference: MethodDescriptor; readonly parameter?: Data }
  /** Several attributes written in one APDU, answered in order. */
  | { readonly kind: 'set-list'; readonly items: readonly AttributeValue[] }
  /** Several methods in one APDU, answered in order. */
  | { readonly kind: 'action-list'; readonly items: readonly MethodCall[] }
  /** GET, SET and ACTION mixed in one APDU; with `breakOnError` what follows a failure is not done. */
  | { readonly kind: 'access'; readonly items: readonly AccessItem[]; readonly breakOnError?: boolean }
  /** Short names: variables read, also a method called by its selection. */
  | { readonly kind: 'read'; readonly variables: readonly ShortName[] }
  /** Short names: variables written. */
  | { readonly kind: 'write'; readonly items: readonly ShortNameValue[] }
  /** Short names: variables written without an answer: there is no outcome. */
  | { readonly kind: 'write-unconfirmed'; readonly items: readonly ShortNameValue[] }
  | { readonly kind: 'release' };

/** An attribute and what it is to hold. */
export interface AttributeValue {
  readonly reference: AttributeDescriptor;
  readonly value: Data;
}

/** A method and its parameter. */
export interface MethodCall {
  readonly reference: MethodDescriptor;
  readonly parameter?: Data;
}

/** One part of an ACCESS. */
export type AccessItem =
  | { readonly kind: 'get'; readonly reference: AttributeDescriptor }
  | ({ readonly kind: 'set' } & AttributeValue)
  | ({ readonly kind: 'action' } & MethodCall);

/** How one part of an ACCESS ended. */
export type AccessItemResult =
  | { readonly kind: 'get'; readonly result: GetResult }
  | { readonly kind: 'set'; readonly result: DataAccessResult }
  | { readonly kind: 'action'; readonly outcome: ActionOutcome };

/** A variable by short name, 0 to 0xFFFF: base name of its object plus offset of attribute or method. */
export interface ShortName {
  readonly name: number;
  readonly access?: SelectiveAccess;
}

/** A variable and what it is to hold. */
export interface ShortNameValue extends ShortName {
  readonly value: Data;
}

/** How a request ended; `failure` is a protocol or security error after which the connection must be closed. */
export type ClientOutcome =
  | {
      readonly kind: 'associated';
      readonly serverSystemTitle: Uint8Array | undefined;
      readonly maxPduSize: number;
    }
  | { readonly kind: 'get'; readonly result: GetResult }
  | { readonly kind: 'get-list'; readonly results: readonly GetResult[] }
  | { readonly kind: 'set'; readonly result: DataAccessResult }
  | { readonly kind: 'action'; readonly outcome: ActionOutcome }
  | { readonly kind: 'set-list'; readonly results: readonly DataAccessResult[] }
  | { readonly kind: 'action-list'; readonly outcomes: readonly ActionOutcome[] }
  | { readonly kind: 'access'; readonly results: readonly AccessItemResult[] }
  | { readonly kind: 'read'; readonly results: readonly GetResult[] }
  | { readonly kind: 'write'; readonly results: readonly DataAccessResult[] }
  | { readonly kind: 'released' }
  | { readonly kind: 'failure'; readonly failure: Failure };

/** One connection's worth of client state; one request at a time. */
export interface ClientConnection {
  /** Octets that carry the request; a failure when the state or the options do not allow it. */
  request(request: ClientRequest): Result<Uint8Array>;
  /** Feeds octets as they came, in any cut; `send` may be non-empty in the middle of an exchange (blocks, HLS pass 3). */
  receive(octets: Uint8Array): {
    readonly send: readonly Uint8Array[];
    readonly outcome: ClientOutcome | undefined;
  };
  /** Octets to send again after silence, over HDLC or in a general block transfer; undefined when there are none. */
  retry?(): Uint8Array | undefined;
}

export type CreateClientConnection = (options: ClientOptions) => ClientConnection;
