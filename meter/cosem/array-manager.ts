/** Array manager, class 123 (Blue Book 4.4.11): entries of attributes that are arrays, one by one. */
import {
  type ActionOutcome,
  type AttributeDescriptor,
  AxdrWriter,
  type Data,
  type DataAccessResult,
  encodeData,
} from '@wattline/protocols/dlms';
import type { MeterClient } from './clients.ts';
import { anyData, arrayOf, attributeReference, longUnsigned, structure, unsigned } from './data-type.ts';
import { elementsIn, numberIn, obisIn, rowsIn } from './fields.ts';
import { type InterfaceClass, type Method, managed } from './interface-class.ts';
import { setting, settingOf, type WithSettings } from './settings.ts';

/** The arrays behind the object, with the rights of the client that asks. */
export interface ArrayManagerSource extends WithSettings {
  get(reference: AttributeDescriptor, client: MeterClient | undefined): Data | undefined;
  set(reference: AttributeDescriptor, value: Data, client: MeterClient | undefined): DataAccessResult;
}

const listAttribute = 2;
const objectList = arrayOf(structure({ array_object_id: unsigned(), object: attributeReference }));
const range = structure({ array_object_id: unsigned(), from: longUnsigned(), to: longUnsigned() });
const entry = structure({ array_object_id: unsigned(), index: longUnsigned(), entry: anyData });

/** An array that was found, and how it is put back. */
interface Held {
  readonly entries: readonly Data[];
  put(entries: readonly Data[]): ActionOutcome;
}

/** A method that first finds the array whose id its parameter begins with. */
function onArray(
  name: string,
  parameter: Method<ArrayManagerSource>['parameter'] & object,
  act: (held: Held, fields: readonly Data[]) => ActionOutcome,
): Method<ArrayManagerSource> {
  return {
    name,
    clients: managed,
    parameter,
    invoke(source, asked, { client }) {
      const [id, ...fields] = asked?.type === 'structure' ? asked.value : [asked];
      const rows = rowsIn(settingOf(source.settings, listAttribute, objectList));
      const found = rows.find(([own]) => numberIn(own) === numberIn(id));
      const [classId, obis, attribute] = elementsIn(found?.[1]);
      const reference = { classId: numberIn(classId), obis: obisIn(obis), attribute: numberIn(attribute) };
      const value = found && source.get(reference, client);
      if (value?.type !== 'array') return { result: 'object-undefined' };
      const put = (entries: readonly Data[]): ActionOutcome => {
        const result = source.set(reference, { type: 'array', value: entries }, client);
        return { result: result === 'success' || result === 'type-unmatched' ? result : 'read-write-denied' };
      };
      return act({ entries: value.value, put }, fields as Data[]);
    },
  };
}

/** Entries count from 1. */
export const arrayManager: InterfaceClass<ArrayManagerSource> = {
  classId: 123,
  version: 0,
  name: 'Array manager',
  section: '4.4.11',
  attributes: { 2: setting('array_object_list', objectList) },
  methods: {
    1: onArray('retrieve_number_of_entries', unsigned(), ({ entries }) => ({
      result: 'success',
      encoded: new AxdrWriter().longUnsigned(entries.length).finish(),
    })),
    2: onArray('retrieve_entries', range, ({ entries }, [from, to]) => ({
      result: 'success',
      encoded: encodeData({ type: 'array', value: entries.slice(numberIn(from) - 1, numberIn(to)) }),
    })),
    3: onArray('insert_entry', entry, ({ entries, put }, [index, added]) => {
      const at = Math.min(numberIn(index), entries.length);
      return put([...entries.slice(0, at), added as Data, ...entries.slice(at)]);
    }),
    4: onArray('update_entry', entry, ({ entries, put }, [index, changed]) => {
      const at = numberIn(index) - 1;
      if (at < 0 || at >= entries.length) return { result: 'object-undefined' };
      return put(entries.map((held, position) => (position === at ? (changed as Data) : held)));
    }),
    5: onArray('remove_entries', range, ({ entries, put }, [from, to]) =>
      put(entries.filter((_, position) => position + 1 < numberIn(from) || position + 1 > numberIn(to))),
    ),
  },
};
