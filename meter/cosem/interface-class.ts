/**
 * How an interface class is declared: attributes and methods by number, each with its name and who may use it, once, as data.
 * To add a class, copy one file of this folder; reading, access rights, object list and refusals follow from the declaration.
 */
import type {
  ActionOutcome,
  AxdrWriter,
  Data,
  DataAccessResult,
  SelectiveAccess,
} from '@wattline/protocols/dlms';
import type { ClientName } from './clients.ts';

/** What a client may do with an attribute. */
export type AccessMode = 'none' | 'read' | 'read-write';

/** Access of each client; who is not named has none. */
export type AttributeAccess = Readonly<Partial<Record<ClientName, AccessMode>>>;

/** Those who hold keys may read. */
export const readable: AttributeAccess = { reader: 'read', management: 'read' };
/** The reader may read, management may also set. */
export const settable: AttributeAccess = { reader: 'read', management: 'read-write' };
/** Nobody: the attribute is there by the standard and keeps its value to itself. */
export const hidden: AttributeAccess = {};

/** What reading is given besides the source. */
export interface ReadContext {
  readonly writer: AxdrWriter;
  readonly client: ClientName;
  readonly access: SelectiveAccess | undefined;
}

/** A refusal to read. */
export type ReadRefusal = Exclude<DataAccessResult, 'success'>;

/** An attribute; `read` writes one `Data` or says why not, having written nothing. */
export interface Attribute<S> {
  readonly name: string;
  readonly access: AttributeAccess;
  /** Selectors of selective access it takes. */
  readonly selectors?: readonly number[];
  read(source: S, context: ReadContext): ReadRefusal | undefined;
  write?(source: S, value: Data): DataAccessResult;
}

/** A method; without `invoke` it is declared and nobody may call it. */
export interface Method<S> {
  readonly name: string;
  readonly clients: readonly ClientName[];
  invoke?(source: S, parameter: Data | undefined): ActionOutcome;
}

/** A class. Attribute 1 is the logical name everywhere and is not declared. */
export interface InterfaceClass<S> {
  readonly classId: number;
  readonly version: number;
  readonly name: string;
  /** Section of the Blue Book (DLMS UA 1000-1 Ed. 13). */
  readonly section: string;
  readonly attributes: Readonly<Record<number, Attribute<S>>>;
  readonly methods: Readonly<Record<number, Method<S>>>;
}
