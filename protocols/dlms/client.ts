/** The COSEM client side of an application association, sans I/O: requests in, octets out; octets in, outcomes out. */
import type { Failure, Random, Result } from '@wattline/base';
import type { InvocationCounter, Mechanism, Protection, ReplayGuard, SecurityKeys } from './association.ts';
import type {
  ActionOutcome,
  AttributeDescriptor,
  DataAccessResult,
  GetResult,
  MethodDescriptor,
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
  /** How APDUs are sealed: `service` by the envelope of their service (default), `general` by general-glo-ciphering. */
  readonly envelope?: 'service' | 'general';
  /** A key for this association alone, as long as the EK: given to the server in the AARQ, then used for every APDU. */
  readonly dedicatedKey?: Uint8Array;
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
  | { readonly kind: 'release' };

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
  /** Octets to send again after silence, over HDLC; undefined when there are none. TCP needs no such thing. */
  retry?(): Uint8Array | undefined;
}

export type CreateClientConnection = (options: ClientOptions) => ClientConnection;
