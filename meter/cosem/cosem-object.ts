/**
 * An object of a companion profile: a class, a logical name and where its values come from, seen without their type. Objects are
 * built once for a profile and shared by all its meters; the view of one meter is given with each call.
 */
import {
  type ActionOutcome,
  type AttributeDescriptor,
  AxdrWriter,
  type Data,
  type DataAccessResult,
  type GetResult,
  type MethodDescriptor,
  type SelectiveAccess,
  type ShortNameObject,
} from '@wattline/protocols/dlms';
import type { MeterParts } from '../meter-parts.ts';
import type { MeterClient } from './clients.ts';
import { mismatchOf } from './data-type.ts';
import type { AccessMode, Change, InterfaceClass, Passed } from './interface-class.ts';
import type { InitialValues, Settings } from './settings.ts';

/** Class and logical name. */
export interface ObjectName {
  readonly classId: number;
  readonly obis: string;
}

/** One meter as its objects see it. */
export interface MeterView {
  readonly parts: MeterParts;
  /** State of an object kept as long as the process lives, made when first asked for. */
  stateOf<T>(name: string, create: () => T): T;
  /** What an object of settings holds. */
  settingsOf(object: ObjectName): Settings;
  /** The objects that a client has any right to and that were not taken out of its list. */
  objectsOf(client: MeterClient): readonly CosemObject[];
  /** The same with the short names they have. */
  namedFor(client: MeterClient): readonly { readonly named: ShortNameObject; readonly object: CosemObject }[];
  /** Takes an object out of a client's list, or puts it back; false when the profile has no such object. */
  list(client: MeterClient, named: ObjectName, isListed: boolean): boolean;
  /** The services; without a client the meter itself asks, and nothing is denied. */
  get(reference: AttributeDescriptor, client?: MeterClient): GetResult;
  set(reference: AttributeDescriptor, value: Data, client?: MeterClient): DataAccessResult;
  action(reference: MethodDescriptor, parameter: Data | undefined, client?: MeterClient): ActionOutcome;
  /** Whether a meter time lies before the last thing a client did: then what happens is a past that is lived again. */
  isLived(meterMs: number): boolean;
  /** The value of an attribute as the meter itself sees it; undefined when there is none. */
  valueOf(reference: AttributeDescriptor): Data | undefined;
}

/** What is asked of an attribute. */
export interface Asked {
  readonly attribute: number;
  /** Undefined when the meter itself asks: then nothing is denied. */
  readonly client: MeterClient | undefined;
  readonly access?: SelectiveAccess | undefined;
}

/** An object of the profile. */
export interface CosemObject {
  readonly declared: InterfaceClass<never>;
  readonly classId: number;
  readonly version: number;
  readonly obis: string;
  /** What the companion profile calls it. */
  readonly label: string | undefined;
  /** What its settings hold before anybody writes them. */
  readonly initial: InitialValues | undefined;
  /** Numbers in order, attribute 1 included. */
  readonly attributes: readonly number[];
  readonly methods: readonly number[];
  attributeAccess(attribute: number, client: MeterClient): AccessMode;
  selectors(attribute: number): readonly number[];
  isCallable(method: number, client: MeterClient): boolean;
  get(view: MeterView, asked: Asked): GetResult;
  set(view: MeterView, asked: Asked, value: Data): DataAccessResult;
  invoke(
    view: MeterView,
    asked: { readonly method: number; readonly client: MeterClient | undefined },
    parameter: Data | undefined,
  ): ActionOutcome;
  /** Behaviour in time, where the class has any. */
  readonly pass?: (view: MeterView, passed: Passed) => void;
  /** Instants at which its behaviour must not wait for the end of a stretch. */
  readonly due?: (view: MeterView, passed: Passed) => readonly number[];
  /** Told of what was set in other objects, where the class wants to know. */
  readonly note?: (view: MeterView, change: Change) => void;
}

/** How an object departs from its class. */
export interface ObjectOptions {
  /** The public client may read what the reader may. */
  readonly isPublic?: boolean;
  readonly label?: string;
  readonly initial?: InitialValues;
}

const logicalName = 1;

/** Whether a client has any right to an object: then its object list names it. */
export function isVisible(object: CosemObject, client: MeterClient): boolean {
  return object.attributes.some((attribute) => object.attributeAccess(attribute, client) !== 'none');
}

/** Binds a class to a logical name and to where a meter has its values. */
export function cosemObject<S>(
  declared: InterfaceClass<S>,
  obis: string,
  sourceOf: (view: MeterView) => S,
  { isPublic = false, label, initial }: ObjectOptions = {},
): CosemObject {
  const { classId, version, attributes, methods, pass, due, note } = declared;
  const isSeen = (client: MeterClient) => client.classes?.includes(classId) !== false;
  const attributeAccess = (attribute: number, client: MeterClient): AccessMode => {
    if (!isSeen(client)) return 'none';
    const asked = client.role === 'public' && isPublic ? 'reader' : client.role;
    if (attribute === logicalName) return client.role === 'public' && !isPublic ? 'none' : 'read';
    const mode = attributes[attribute]?.access[asked] ?? 'none';
    return client.role === 'public' && mode === 'read-write' ? 'read' : mode;
  };
  const isCallable = (method: number, client: MeterClient) =>
    isSeen(client) && methods[method]?.invoke !== undefined && methods[method].clients.includes(client.role);
  const mayRead = ({ attribute, client }: Asked) =>
    client === undefined || attributeAccess(attribute, client).startsWith('read');
  const mayWrite = ({ attribute, client }: Asked) =>
    client === undefined || attributeAccess(attribute, client).endsWith('write');
  return {
    declared,
    classId,
    version,
    obis,
    label,
    initial,
    attributes: [logicalName, ...Object.keys(attributes).map(Number)],
    methods: Object.keys(methods).map(Number),
    attributeAccess,
    selectors: (attribute) => attributes[attribute]?.selectors ?? [],
    isCallable,
    get(view, asked) {
      const { attribute, client, access } = asked;
      const found = attributes[attribute];
      if (attribute !== logicalName && !found) return { ok: false, result: 'object-undefined' };
      if (!mayRead(asked)) return { ok: false, result: 'read-write-denied' };
      if (access && !found?.selectors?.includes(access.selector))
        return { ok: false, result: 'scope-of-access-violated' };
      const writer = new AxdrWriter();
      const refusal = found
        ? found.read(sourceOf(view), { writer, attribute, client, access })
        : void writer.obis(obis);
      return refusal ? { ok: false, result: refusal } : { ok: true, encoded: writer.finish() };
    },
    set(view, asked, value) {
      const { attribute, client } = asked;
      const found = attributes[attribute];
      if (!found && attribute !== logicalName) return 'object-undefined';
      if (!mayWrite(asked) || !found?.write) return 'read-write-denied';
      return mismatchOf(found.type, value) ?? found.write(sourceOf(view), value, { attribute, client });
    },
    invoke(view, { method, client }, parameter) {
      const found = methods[method];
      if (!found) return { result: 'object-undefined' };
      if (!found.invoke || (client && !isCallable(method, client))) return { result: 'read-write-denied' };
      const wrong = found.parameter && mismatchOf(found.parameter, parameter ?? { type: 'null-data' });
      return wrong ? { result: wrong } : found.invoke(sourceOf(view), parameter, { client });
    },
    ...(pass ? { pass: (view: MeterView, passed: Passed) => pass(sourceOf(view), passed) } : {}),
    ...(due ? { due: (view: MeterView, passed: Passed) => due(sourceOf(view), passed) } : {}),
    ...(note ? { note: (view: MeterView, change: Change) => note(sourceOf(view), change) } : {}),
  };
}
