/** Short names (Blue Book 4.1.2, 4.4.3): what stands under a base name, by class, and the object list of an Association SN. */
import { failure, type Result, success } from '@wattline/base';
import { decodeData } from './axdr.ts';
import { AxdrWriter } from './axdr-writer.ts';
import type { AttributeDescriptor, MethodDescriptor } from './cosem.ts';
import { formatObis } from './obis.ts';
import type { ShortNameObject } from './server.ts';

/** Base name of the Association SN object of every device. */
export const associationBaseName = 0xfa00;
/** Its attribute object_list. */
export const objectListName = associationBaseName + 8;
/** Its method reply_to_HLS_authentication. */
export const replyToHlsName = associationBaseName + 0x58;

/** The Association SN as it stands in a list that does not name it itself. */
export const associationObject: ShortNameObject = {
  baseName: associationBaseName,
  classId: 12,
  version: 0,
  obis: '0.0.40.0.0.255',
};

/** Names one object takes at most: no class has more than 31 attributes and methods. */
const span = 0x100;

/** Offset of method 1 from the base name, by class (Blue Book, the short name column of each class). */
const methodOffset: Readonly<Record<number, number>> = {
  3: 0x28, // Register
  4: 0x38, // Extended register
  5: 0x48, // Demand register
  6: 0x30, // Register activation
  7: 0x58, // Profile generic
  8: 0x60, // Clock
  9: 0x20, // Script table
  10: 0x20, // Schedule
  11: 0x10, // Special days table
  12: 0x20, // Association SN
  18: 0x40, // Image transfer
  20: 0x50, // Activity calendar
  40: 0x38, // Push setup
  64: 0x30, // Security setup
  70: 0x20, // Disconnect control
  72: 0x60, // M-Bus client
};

/** Short name of an attribute; attribute 1 is the base name itself. */
export function shortNameOfAttribute(object: ShortNameObject, attribute: number): number {
  return object.baseName + 8 * (attribute - 1);
}

/** Short name of a method; undefined for a class that has none. */
export function shortNameOfMethod(object: ShortNameObject, method: number): number | undefined {
  const offset = methodOffset[object.classId];
  return offset === undefined ? undefined : object.baseName + offset + 8 * (method - 1);
}

/** What a short name stands for. */
export type Resolved =
  | { readonly kind: 'attribute'; readonly reference: AttributeDescriptor }
  | { readonly kind: 'method'; readonly reference: MethodDescriptor };

/** The attribute or method of a short name, 0 to 0xFFFF; undefined when no object has it. */
export function resolveShortName(name: number, objects: readonly ShortNameObject[]): Resolved | undefined {
  let found: ShortNameObject | undefined;
  for (const object of objects) {
    if (object.baseName <= name && object.baseName >= (found?.baseName ?? 0)) found = object;
  }
  const offset = name - (found?.baseName ?? name + 1);
  if (!found || offset < 0 || offset >= span || offset % 8 !== 0) return undefined;
  const { classId, obis } = found;
  const methods = methodOffset[classId] ?? Number.POSITIVE_INFINITY;
  return offset < methods
    ? { kind: 'attribute', reference: { classId, obis, attribute: offset / 8 + 1 } }
    : { kind: 'method', reference: { classId, obis, method: (offset - methods) / 8 + 1 } };
}

/** The object_list of an Association SN. */
export function encodeObjectList(objects: readonly ShortNameObject[]): Uint8Array {
  const writer = new AxdrWriter().array(objects.length);
  for (const { baseName, classId, version, obis } of objects) {
    writer
      .structure(4)
      .long((baseName << 16) >> 16)
      .longUnsigned(classId)
      .unsigned(version)
      .obis(obis);
  }
  return writer.finish();
}

/** The objects of an object_list. Fails as `decodeData`, or with `dlms/bad-value` for what is no such list. */
export function decodeObjectList(encoded: Uint8Array): Result<readonly ShortNameObject[]> {
  const decoded = decodeData(encoded);
  if (!decoded.ok) return decoded;
  const list = decoded.value.value;
  const wrong = failure('dlms/bad-value', 'expected an array of base name, class, version and logical name');
  if (list.type !== 'array') return wrong;
  const objects: ShortNameObject[] = [];
  for (const element of list.value) {
    const [base, classId, version, name] = element.type === 'structure' ? element.value : [];
    const isBase = base?.type === 'long' || base?.type === 'long-unsigned';
    if (!isBase || classId?.type !== 'long-unsigned' || version?.type !== 'unsigned') return wrong;
    if (name?.type !== 'octet-string' || name.value.length !== 6) return wrong;
    objects.push({
      baseName: base.value & 0xffff,
      classId: classId.value,
      version: version.value,
      obis: formatObis(name.value),
    });
  }
  return success(objects);
}
