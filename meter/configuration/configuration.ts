/**
 * What can be changed in a meter from outside: parameters by name, each with who may change it, how a value is checked, and the event that
 * tells of it. A change is in the journal of operations before it takes effect; the audit says who, what, the old and the new value.
 */
import type { EventName } from '../events/event-codes.ts';

/** Values of parameters: what JSON can say. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json | undefined };

/** Who asks. */
export interface Requester {
  /** Name of the client, as the association knows it. */
  readonly name: string;
  readonly role: string;
}

/** A parameter. */
export interface Parameter {
  readonly title: string;
  /** Roles that may change it; default management alone. */
  readonly roles?: readonly string[];
  /** Logged with each change, by what it was and what it is. */
  readonly event: EventName | ((before: Json, after: Json) => EventName);
  /** The value as it stands. */
  read(): Json;
  /** What is wrong with a value, as one line; undefined when it can be taken now. */
  check(value: Json): string | undefined;
  /** Takes a value that was checked, at a meter time. */
  apply(value: Json, meterMs: number): void;
}

/** A change that was made. */
export interface AuditEntry {
  /** Meter time. */
  readonly atMs: number;
  readonly by: string;
  readonly parameter: string;
  readonly before: Json;
  readonly after: Json;
}

/** A change that was made elsewhere: an attribute that a client set. */
export type NotedChange = Omit<AuditEntry, 'atMs'> & {
  /** What is logged of it; default that a parameter was changed. */
  readonly event?: EventName;
};

/** Such a change as it stands in the journal. */
export interface NotedOperation extends NotedChange {
  readonly kind: 'noted';
  readonly atMs: number;
}

/** Why a change was refused. */
export type ConfigurationRefusal =
  | { readonly code: 'meter/parameter-unknown' }
  | { readonly code: 'meter/parameter-denied' }
  | { readonly code: 'meter/parameter-refused'; readonly reason: string };

/** A change as it stands in the journal. */
export interface ConfigureOperation {
  readonly kind: 'configure';
  readonly atMs: number;
  readonly by: string;
  readonly parameter: string;
  readonly value: Json;
}

const mostAudited = 100;

/** The parameters of one meter. */
export class Configuration {
  /** Parameters by name. */
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** Changes since the meter was made: cumulative programming count (0.0.96.2.0.255). */
  count = 0;
  /** The client whose request is being done; undefined when the meter acts by itself: a schedule, a monitor. */
  requester: Requester | undefined;
  readonly #journal: (change: Omit<ConfigureOperation, 'kind' | 'atMs'>) => void;
  readonly #record: (event: EventName, atMs: number) => void;
  #audit: readonly AuditEntry[] = [];

  /** `journal` writes a change down and has it performed; `record` logs its event. */
  constructor(of: {
    readonly parameters: Readonly<Record<string, Parameter>>;
    readonly journal: (change: Omit<ConfigureOperation, 'kind' | 'atMs'>) => void;
    readonly record: (event: EventName, atMs: number) => void;
  }) {
    this.parameters = new Map(Object.entries(of.parameters));
    this.#journal = of.journal;
    this.#record = of.record;
  }

  /** In whose name a change is made: the client's, or the meter's own. */
  get by(): Requester {
    return this.requester ?? { name: 'meter', role: 'management' };
  }

  /** The last changes, oldest first. */
  get audit(): readonly AuditEntry[] {
    return this.#audit;
  }

  /** Takes a change that a client made elsewhere out of the journal, now or when a past is lived again. */
  note({ by, parameter, before, after, event }: NotedChange, meterMs: number): void {
    this.#keep({ atMs: meterMs, by, parameter, before, after }, event ?? 'parameterChanged');
  }

  /** Changes a parameter; undefined when it is done and on disk. */
  set(parameter: string, value: Json, by: Requester): ConfigurationRefusal | undefined {
    const found = this.parameters.get(parameter);
    if (!found) return { code: 'meter/parameter-unknown' };
    if (!(found.roles ?? ['management']).includes(by.role)) return { code: 'meter/parameter-denied' };
    const reason = found.check(value);
    if (reason !== undefined) return { code: 'meter/parameter-refused', reason };
    this.#journal({ by: by.name, parameter, value });
    return undefined;
  }

  /** Takes a change out of the journal, now or when a past is lived again; one that can no longer be taken is left out. */
  perform({ by, parameter, value }: ConfigureOperation, meterMs: number): void {
    const found = this.parameters.get(parameter);
    if (!found || found.check(value) !== undefined) return;
    const before = found.read();
    found.apply(value, meterMs);
    const { event } = found;
    const told = typeof event === 'string' ? event : event(before, value);
    this.#keep({ atMs: meterMs, by, parameter, before, after: value }, told);
  }

  #keep(entry: AuditEntry, event: EventName): void {
    this.count++;
    this.#audit = [...this.#audit, entry].slice(-mostAudited);
    this.#record(event, entry.atMs);
  }
}
