/** Parameter monitor, class 65 (Blue Book 4.5.10): which of the parameters listed was changed last, and a digest over all of them. */
import { createHash } from 'node:crypto';
import { type AttributeDescriptor, type Data, encodeData, encodeDateTime } from '@wattline/protocols/dlms';
import type { MeterClock } from '../clock/clock.ts';
import {
  anyData,
  arrayOf,
  attributeReference,
  dataOf,
  dateTime,
  enumeration,
  integer,
  logicalName,
  longUnsigned,
  octets,
  structure,
} from './data-type.ts';
import { numberIn, obisIn, rowsIn } from './fields.ts';
import { type Change, type InterfaceClass, readable } from './interface-class.ts';
import {
  adding,
  removing,
  reported,
  type Settings,
  setting,
  settingOf,
  type WithSettings,
} from './settings.ts';

/** The monitor behind the object. */
export interface ParameterMonitorSource extends WithSettings {
  readonly clock: MeterClock;
  nowMs(): number;
  valueAt(reference: AttributeDescriptor): Data | undefined;
}

const attribute = { changed: 2, time: 3, list: 4, algorithm: 6 } as const;
const parameterList = arrayOf(attributeReference);
/** hash_algorithm_id. */
const hashes = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'] as const;

export const parameterMonitor: InterfaceClass<ParameterMonitorSource> = {
  classId: 65,
  version: 1,
  name: 'Parameter monitor',
  section: '4.5.10',
  attributes: {
    2: reported(
      'changed_parameter',
      structure({
        class_id: longUnsigned(),
        logical_name: logicalName,
        attribute_index: integer(),
        attribute_value: anyData,
      }),
    ),
    3: reported('capture_time', dateTime),
    4: setting('parameter_list', parameterList),
    5: setting('parameter_list_name', octets(0, 32)),
    6: setting('hash_algorithm_id', enumeration(0, 1, 2, 3, 4), { initial: dataOf.number('enum', 2) }),
    7: {
      name: 'parameter_value_digest',
      type: octets(0, 64),
      access: readable,
      read(source, { writer }) {
        const algorithm = source.settings.read(attribute.algorithm)?.[1] ?? 2;
        const hash = createHash(hashes[algorithm] ?? 'sha256');
        for (const value of valuesOf(source)) hash.update(encodeData(value));
        writer.octetString(new Uint8Array(hash.digest()));
      },
    },
    8: {
      name: 'parameter_values',
      type: anyData,
      access: readable,
      read: (source, { writer }) =>
        void writer.raw(encodeData({ type: 'structure', value: valuesOf(source) })),
    },
  },
  methods: {
    1: adding('add_parameter', attribute.list, parameterList),
    2: removing('delete_parameter', attribute.list, parameterList),
  },
  note(source, change) {
    if (!parametersIn(source.settings).some((one) => isSame(one, change))) return;
    const { settings, clock } = source;
    const { classId, obis, attribute: index, value } = change;
    const { number } = dataOf;
    const named = [number('long-unsigned', classId), dataOf.obis(obis), number('integer', index)];
    settings.write(attribute.changed, dataOf.structure(...named, value));
    const atMs = source.nowMs();
    const { offsetMinutes } = clock.zone.stretchAt(atMs);
    settings.write(attribute.time, dataOf.octets(encodeDateTime(atMs, offsetMinutes)));
  },
  recalled: 'numbers of the hash algorithms',
};

const parametersIn = (settings: Settings): AttributeDescriptor[] =>
  rowsIn(settingOf(settings, attribute.list, parameterList)).map(([classId, name, index]) => ({
    classId: numberIn(classId),
    obis: obisIn(name),
    attribute: numberIn(index),
  }));

const isSame = (one: AttributeDescriptor, change: Change) =>
  one.classId === change.classId && one.obis === change.obis && one.attribute === change.attribute;

function valuesOf(source: ParameterMonitorSource): Data[] {
  return parametersIn(source.settings).map(
    (parameter) => source.valueAt(parameter) ?? ({ type: 'null-data' } as const),
  );
}
