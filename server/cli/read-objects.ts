/** The objects that an association shows: object_list of Association LN and SN (Blue Book 4.4.3, 4.4.4). */
import type { Data } from '@wattline/protocols/dlms';
import { formatObis } from '@wattline/protocols/dlms';
import { renderTable } from './text-table.ts';

/** One object of the list. */
export interface ListedObject {
  readonly classId: number;
  readonly version: number;
  readonly obis: string;
  /** Short name; undefined with logical names. */
  readonly baseName: number | undefined;
  /** Access mode of each attribute, and methods that may be called; undefined with short names, whose list has none. */
  readonly attributes: Readonly<Record<number, number>> | undefined;
  readonly methods: readonly number[] | undefined;
}

/** The objects of an object_list; undefined when it is none. */
export function listedObjects(data: Data): ListedObject[] | undefined {
  if (data.type !== 'array') return undefined;
  const objects = data.value.map(listedObject);
  return objects.every((object) => object !== undefined) ? objects : undefined;
}

function listedObject(element: Data): ListedObject | undefined {
  const fields = elementsOf(element);
  // An Association SN begins with the base name, an Association LN ends with the rights.
  const isShort =
    fields.length === 4 && numberOf(fields[0]) !== undefined && fields[3]?.type === 'octet-string';
  const [classOf, version, name, rights] = isShort ? fields.slice(1) : fields;
  const classId = numberOf(classOf);
  if (classId === undefined || name?.type !== 'octet-string' || name.value.length !== 6) return undefined;
  const [attributes, methods] = elementsOf(rights);
  return {
    classId,
    version: numberOf(version) ?? 0,
    obis: formatObis(name.value),
    baseName: isShort ? (numberOf(fields[0]) ?? 0) & 0xffff : undefined,
    attributes: isShort ? undefined : Object.fromEntries(elementsOf(attributes).map(numberedMode)),
    methods: isShort
      ? undefined
      : elementsOf(methods)
          .map(numberedMode)
          .filter(([, mode]) => mode > 0)
          .map(([method]) => method),
  };
}

/** Number and access mode of an attribute or method; a mode of version 0 is a boolean. */
function numberedMode(item: Data): [number, number] {
  const [number, mode] = elementsOf(item);
  const isAllowed = mode?.type === 'boolean' && mode.value;
  return [numberOf(number) ?? 0, isAllowed ? 1 : (numberOf(mode) ?? 0)];
}

function elementsOf(data: Data | undefined): readonly Data[] {
  return data?.type === 'array' || data?.type === 'structure' ? data.value : [];
}

function numberOf(data: Data | undefined): number | undefined {
  return data && 'value' in data && typeof data.value === 'number' ? data.value : undefined;
}

/** As a table: class, version, code, and attributes that may be read and set, by number. */
export function renderObjects(objects: readonly ListedObject[]): string {
  const isShort = objects.some(({ baseName }) => baseName !== undefined);
  const isFlagged = objects.some(({ classId, version }) => classId === associationClass && version >= 3);
  const allows = isFlagged ? flagged : enumerated;
  const heads = ['class', 'version', 'OBIS', ...(isShort ? ['base name'] : ['read', 'set', 'call'])];
  const rows = objects.map(({ classId, version, obis, baseName, attributes = {}, methods = [] }) => [
    String(classId),
    String(version),
    obis,
    ...(isShort
      ? [`0x${(baseName ?? 0).toString(16).padStart(4, '0')}`]
      : [
          numbers(attributes, (mode) => allows(mode).read),
          numbers(attributes, (mode) => allows(mode).write),
          methods.join(' '),
        ]),
  ]);
  return `${renderTable(heads, rows)}\n${objects.length} objects`;
}

/** What an access mode allows. */
type Allows = (mode: number) => { readonly read: boolean; readonly write: boolean };

/** Access modes of Association LN up to version 2: 1 to 3, and 4 to 6 for authenticated requests. */
const enumerated: Allows = (mode) => ({
  read: [1, 3, 4, 6].includes(mode),
  write: [2, 3, 5, 6].includes(mode),
});
/** From version 3 on they are bits, the first for reading, the second for writing. */
const flagged: Allows = (mode) => ({ read: (mode & 1) !== 0, write: (mode & 2) !== 0 });
const associationClass = 15;

function numbers(attributes: Readonly<Record<number, number>>, isListed: (mode: number) => boolean): string {
  return Object.entries(attributes)
    .filter(([, mode]) => isListed(mode))
    .map(([attribute]) => attribute)
    .join(' ');
}
