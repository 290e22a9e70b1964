/** COSEM_*: every object of the list is what its class says it is (Blue Book), readable where its rights say so. */
import { concatBytes, equalBytes, toHex } from '@wattline/base';
import { decodeData } from '../../axdr.ts';
import type { Data } from '../../data.ts';
import { formatObis, parseObis } from '../../obis.ts';
import { attributeTypes, tagsOf } from '../attribute-types.ts';
import type { ConformanceTest } from '../conformance-test.ts';
import type { Dialogue } from '../dialogue.ts';
import { type Attribute, describeReading, descriptor, nameOf } from '../reading.ts';
import type { Script } from '../script.ts';
import { needs } from '../target.ts';
import { Tester } from '../tester.ts';

const usual = { group: 'COSEM', needs: [needs.ln] } as const;
const associationList: Attribute = { classId: 15, obis: '0.0.40.0.0.255', attribute: 2 };
const logicalDeviceName: Attribute = { classId: 1, obis: '0.0.42.0.0.255', attribute: 2 };

/** An object as the list shows it. */
interface ListedObject {
  readonly classId: number;
  readonly version: number;
  readonly obis: string;
  readonly attributes: readonly { readonly attribute: number; readonly mode: number }[];
}

/** Access modes of attributes that may be read: read, read-write, and both authenticated (association LN up to version 2). */
const readableModes = [1, 3, 4, 6];

function isReadable(mode: number, associationVersion: number): boolean {
  return associationVersion >= 3 ? (mode & 1) !== 0 : readableModes.includes(mode);
}

function* associated(dialogue: Dialogue): Script<Tester> {
  yield* dialogue.open();
  const tester: Tester = new Tester(dialogue);
  yield* tester.associate();
  return tester;
}

/** The object list of the association, each element judged. */
function* readList(tester: Tester): Script<readonly ListedObject[]> {
  const reading = yield* tester.get(associationList, 'GET of the object list', 'an array of objects');
  if (reading.kind !== 'data') return tester.recorder.fail('an array of objects', describeReading(reading));
  const decoded = decodeData(reading.data);
  if (!decoded.ok || decoded.value.value.type !== 'array') {
    return tester.recorder.fail(
      'an array of objects',
      decoded.ok ? decoded.value.value.type : decoded.error.message,
    );
  }
  return decoded.value.value.value.map((element, i) => listed(tester, element, i + 1));
}

function listed(tester: Tester, element: Data, number: number): ListedObject {
  const [classId, version, name, rights] = element.type === 'structure' ? element.value : [];
  const attributes = rights?.type === 'structure' ? rights.value[0] : undefined;
  const isWhole =
    classId?.type === 'long-unsigned' &&
    version?.type === 'unsigned' &&
    name?.type === 'octet-string' &&
    name.value.length === 6 &&
    attributes?.type === 'array';
  if (!isWhole)
    return tester.recorder.fail(
      'class, version, logical name and access rights',
      `element ${number} of another shape`,
    );
  return {
    classId: classId.value,
    version: version.value,
    obis: formatObis(name.value),
    attributes: attributes.value.flatMap((right) => {
      const [id, mode] = right.type === 'structure' ? right.value : [];
      return id?.type === 'integer' && mode?.type === 'enum'
        ? [{ attribute: id.value, mode: mode.value }]
        : [];
    }),
  };
}

/** One attribute by its rights: data of the right type, or a refusal. */
function* checkAttribute(
  tester: Tester,
  object: ListedObject,
  right: { readonly attribute: number; readonly mayRead: boolean },
): Script<void> {
  const attribute = { classId: object.classId, obis: object.obis, attribute: right.attribute };
  const types = attributeTypes[object.classId]?.[right.attribute];
  const expected = right.mayRead ? `data${types ? ` of ${types.join(' or ')}` : ''}` : 'a refusal';
  const reading = yield* tester.get(attribute, `GET ${nameOf(attribute)}`, expected);
  if (!right.mayRead) {
    tester.recorder.check(reading.kind === 'refused', expected, describeReading(reading));
    return;
  }
  // A value that is not there just now is no defect.
  if (reading.kind === 'refused' && [1, 2, 11].includes(reading.result)) return;
  if (reading.kind !== 'data') return tester.recorder.fail(expected, describeReading(reading));
  const { data } = reading;
  if (right.attribute === 1) {
    const name = concatBytes(Uint8Array.of(0x09, 6), parseObis(object.obis));
    tester.recorder.check(equalBytes(data, name), `its logical name ${object.obis}`, toHex(data));
    return;
  }
  const isTyped = types === undefined || tagsOf(types).includes(data[0] ?? -1);
  tester.recorder.check(isTyped, expected, `tag ${data[0]}`);
  const decoded = decodeData(data);
  tester.recorder.check(decoded.ok, 'data that can be read', decoded.ok ? '' : decoded.error.message);
}

/** The buffer of a profile may be as long as its memory: it is tested by entry, not whole. */
const isBuffer = (object: ListedObject, attribute: number) => object.classId === 7 && attribute === 2;

export const cosemObjectTests: readonly ConformanceTest[] = [
  {
    ...usual,
    name: 'COSEM_X_Y',
    origin: 'public',
    title: 'every attribute of every object of the list, by its access rights',
    clause: 'DLMS UA 1001-6 7.2; Blue Book 4',
    subtests: [
      {
        title: 'what may be read has the type of its class; what may not is refused',
        *script(dialogue: Dialogue) {
          const tester: Tester = yield* associated(dialogue);
          const objects = yield* readList(tester);
          tester.recorder.check(objects.length > 0, 'at least one object', 'none');
          const association = objects.find(({ classId }) => classId === 15)?.version ?? 0;
          for (const object of objects.slice(0, dialogue.target.declared.maxObjects)) {
            for (const { attribute, mode } of object.attributes) {
              if (attribute < 1 || isBuffer(object, attribute)) continue;
              yield* checkAttribute(tester, object, { attribute, mayRead: isReadable(mode, association) });
            }
          }
        },
      },
    ],
  },
  {
    ...usual,
    name: 'COSEM_MULTIPLE_REFERENCES',
    origin: 'own',
    title: 'attributes read together equal those read one by one',
    clause: 'DLMS UA 1001-6 7.3.11',
    subtests: [
      {
        title: 'ten logical names in one GET with list',
        *script(dialogue: Dialogue) {
          const tester: Tester = yield* associated(dialogue);
          const isAgreed = (tester.negotiated & 0x000200) !== 0;
          const names = (yield* readList(tester))
            .filter(({ attributes }) =>
              attributes.some(({ attribute, mode }) => attribute === 1 && isReadable(mode, 0)),
            )
            .slice(0, 10)
            .map(({ classId, obis }) => ({ classId, obis, attribute: 1 }));
          const one: Uint8Array[] = [];
          for (const name of names) {
            const reading = yield* tester.get(name);
            if (reading.kind !== 'data') return tester.recorder.fail('data', describeReading(reading));
            one.push(concatBytes(Uint8Array.of(0), reading.data));
          }
          const list = names.map((name) => concatBytes(descriptor(name), Uint8Array.of(0)));
          const request = concatBytes(tester.head(0xc0, 3), Uint8Array.of(list.length), ...list);
          const expected = isAgreed ? 'the same data together' : 'an exception: lists were not agreed to';
          const answer = yield* dialogue.send(tester.protect(request), `GET of ${list.length} attributes`, {
            expected,
          });
          if (!isAgreed || answer.kind !== 'apdu') {
            return tester.recorder.check(!isAgreed, expected, answer.kind);
          }
          const together = concatBytes(Uint8Array.of(list.length), ...one);
          const plain = tester.unprotect(answer.apdu);
          // An answer too long for one APDU comes in blocks: its first says so.
          const isSame = plain[1] === 2 || equalBytes(plain.subarray(3), together);
          tester.recorder.check(isSame, expected, toHex(plain).slice(0, 80));
        },
      },
    ],
  },
  {
    ...usual,
    name: 'COSEM_MANDATORY_OBJECTS',
    origin: 'own',
    title: 'objects that every logical device has',
    clause: 'DLMS UA 1001-6 7.3.12; Blue Book 4.1.8',
    subtests: [
      {
        title: 'the current association says how it was opened',
        *script(dialogue: Dialogue) {
          const tester: Tester = yield* associated(dialogue);
          const status = yield* tester.get(
            { ...associationList, attribute: 8 },
            'GET of association_status',
            'associated (2)',
          );
          const isRight = status.kind === 'data' && equalBytes(status.data, Uint8Array.of(0x16, 2));
          tester.recorder.check(isRight, 'enum associated (2)', describeReading(status));
        },
      },
      {
        title: 'the logical device name has three letters of its maker and at most 16 octets',
        *script(dialogue: Dialogue) {
          const tester: Tester = yield* associated(dialogue);
          const reading = yield* tester.get(
            logicalDeviceName,
            'GET of the logical device name',
            'an octet-string',
          );
          const isRight = reading.kind === 'data' && isDeviceName(reading.data);
          tester.recorder.check(
            isRight,
            'an octet-string of 3 letters and 1 to 13 more octets',
            describeReading(reading),
          );
        },
      },
    ],
  },
];

function isDeviceName(data: Uint8Array): boolean {
  const text = Buffer.from(data.subarray(2)).toString('latin1');
  return (
    (data[0] === 0x09 || data[0] === 0x0a) &&
    data[1] === text.length &&
    text.length <= 16 &&
    /^[A-Za-z]{3}./s.test(text)
  );
}
