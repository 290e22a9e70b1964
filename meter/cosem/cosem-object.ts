/** An object: a class, a logical name and where its values come from, seen without their type. */
import {
  type ActionOutcome,
  AxdrWriter,
  type Data,
  type DataAccessResult,
  type GetResult,
  type SelectiveAccess,
} from '@wattline/protocols/dlms';
import type { ClientName } from './clients.ts';
import type { AccessMode, InterfaceClass } from './interface-class.ts';

/** An object of the view. */
export interface CosemObject {
  readonly classId: number;
  readonly version: number;
  readonly obis: string;
  /** Numbers in order, attribute 1 included. */
  readonly attributes: readonly number[];
  readonly methods: readonly number[];
  attributeAccess(attribute: number, client: ClientName): AccessMode;
  selectors(attribute: number): readonly number[];
  isCallable(method: number, client: ClientName): boolean;
  get(attribute: number, client: ClientName, access: SelectiveAccess | undefined): GetResult;
  set(attribute: number, client: ClientName, value: Data): DataAccessResult;
  invoke(method: number, client: ClientName, parameter: Data | undefined): ActionOutcome;
}

/** How an object departs from its class. */
export interface ObjectOptions {
  /** The public client may read what the reader may. */
  readonly isPublic?: boolean;
}

const logicalName = 1;

/** Binds a class to a source. */
export function cosemObject<S>(
  declared: InterfaceClass<S>,
  obis: string,
  source: S,
  { isPublic = false }: ObjectOptions = {},
): CosemObject {
  const { classId, version, attributes, methods } = declared;
  const attributeAccess = (attribute: number, client: ClientName): AccessMode => {
    const asked = client === 'public' && isPublic ? 'reader' : client;
    if (attribute === logicalName) return client === 'public' && !isPublic ? 'none' : 'read';
    const mode = attributes[attribute]?.access[asked] ?? 'none';
    return client === 'public' && mode === 'read-write' ? 'read' : mode;
  };
  const isCallable = (method: number, client: ClientName) =>
    methods[method]?.clients.includes(client) === true;
  return {
    classId,
    version,
    obis,
    attributes: [logicalName, ...Object.keys(attributes).map(Number)],
    methods: Object.keys(methods).map(Number),
    attributeAccess,
    selectors: (attribute) => attributes[attribute]?.selectors ?? [],
    isCallable,
    get(attribute, client, access) {
      const { read, selectors = [] } = attributes[attribute] ?? {};
      if (attribute !== logicalName && !read) return { ok: false, result: 'object-undefined' };
      if (attributeAccess(attribute, client) === 'none') return { ok: false, result: 'read-write-denied' };
      if (access && !selectors.includes(access.selector))
        return { ok: false, result: 'scope-of-access-violated' };
      const writer = new AxdrWriter();
      const refusal = read ? read(source, { writer, client, access }) : void writer.obis(obis);
      return refusal ? { ok: false, result: refusal } : { ok: true, encoded: writer.finish() };
    },
    set(attribute, client, value) {
      const found = attributes[attribute];
      if (!found && attribute !== logicalName) return 'object-undefined';
      if (attributeAccess(attribute, client) !== 'read-write' || !found?.write) return 'read-write-denied';
      return found.write(source, value);
    },
    invoke(method, client, parameter) {
      const found = methods[method];
      if (!found) return { result: 'object-undefined' };
      if (!isCallable(method, client) || !found.invoke) return { result: 'read-write-denied' };
      return found.invoke(source, parameter);
    },
  };
}
