/**
 * How an interface class is declared: attributes and methods by number, each with its name, type and who may use it, once, as data.
 * To add a class, copy one file of this folder; reading, checks of type and range, access rights, object list, documentation and
 * the walk of the tests follow from the declaration.
 */
import type {
  ActionOutcome,
  AxdrWriter,
  Data,
  DataAccessResult,
  SelectiveAccess,
} from '@wattline/protocols/dlms';
import type { ClientRole, MeterClient } from './clients.ts';
import type { DataType } from './data-type.ts';

/** What a client may do with an attribute. */
export type AccessMode = 'none' | 'read' | 'write' | 'read-write';

/** Access by the role of a client; who is not named has none. */
export type AttributeAccess = Readonly<Partial<Record<ClientRole, AccessMode>>>;

/** Those who hold keys may read. */
export const readable: AttributeAccess = { reader: 'read', management: 'read' };
/** The reader may read, management may also set. */
export const settable: AttributeAccess = { reader: 'read', management: 'read-write' };
/** A secret: management may set it, nobody may read it. */
export const writable: AttributeAccess = { management: 'write' };
/** Nobody: the attribute is there by the standard and keeps its value to itself. */
export const hidden: AttributeAccess = {};
/** Methods of management alone. */
export const managed: readonly ClientRole[] = ['management'];

/** What reading is given besides the source. */
export interface ReadContext {
  readonly writer: AxdrWriter;
  /** Number of the attribute asked for. */
  readonly attribute: number;
  /** Who asks; undefined when the meter itself does: a profile that captures, a monitor. */
  readonly client: MeterClient | undefined;
  readonly access: SelectiveAccess | undefined;
}

/** A refusal to read. */
export type ReadRefusal = Exclude<DataAccessResult, 'success'>;

/** What writing is given besides the source: as {@link ReadContext}. */
export interface WriteContext {
  readonly attribute: number;
  readonly client: MeterClient | undefined;
}

/** An attribute; `read` writes one `Data` or says why not, having written nothing. */
export interface Attribute<S> {
  readonly name: string;
  /** What stands there, and what a SET must be: other types are refused before `write` is asked. */
  readonly type: DataType;
  readonly access: AttributeAccess;
  /** It holds what was set or reported, and nothing more. */
  readonly isHeld?: true;
  /** Selectors of selective access it takes. */
  readonly selectors?: readonly number[];
  read(source: S, context: ReadContext): ReadRefusal | undefined;
  write?(source: S, value: Data, context: WriteContext): DataAccessResult;
}

/** A method; without `invoke` it is declared and nobody may call it. */
export interface Method<S> {
  readonly name: string;
  readonly clients: readonly ClientRole[];
  /** What it is called with: other types are refused before `invoke` is asked. */
  readonly parameter?: DataType;
  invoke?(
    source: S,
    parameter: Data | undefined,
    context: { readonly client: MeterClient | undefined },
  ): ActionOutcome;
}

/** A stretch of meter time that passed while the meter had supply, [fromMs, toMs). */
export interface Passed {
  readonly fromMs: number;
  readonly toMs: number;
}

/** An attribute that was set. */
export interface Change {
  readonly classId: number;
  readonly obis: string;
  readonly attribute: number;
  readonly value: Data;
}

/** A class. Attribute 1 is the logical name everywhere and is not declared. */
export interface InterfaceClass<S> {
  readonly classId: number;
  readonly version: number;
  readonly name: string;
  /** Section of the Blue Book (DLMS UA 1000-1 Ed. 13), recalled. */
  readonly section: string;
  readonly attributes: Readonly<Record<number, Attribute<S>>>;
  readonly methods: Readonly<Record<number, Method<S>>>;
  /** What is known from memory alone and was not compared with a public list. */
  readonly recalled?: string;
  /** What of the class does not work, for the table; a class without is supported. */
  readonly declaredOnly?: string;
  /** Behaviour as the meter's time goes on: schedules, monitors. */
  readonly pass?: (source: S, passed: Passed) => void;
  /** Instants within a stretch at which `pass` would do something that must not wait until its end: the stretch is cut there. */
  readonly due?: (source: S, passed: Passed) => readonly number[];
  /** Told of every attribute that was set in the meter. */
  readonly note?: (source: S, change: Change) => void;
}
