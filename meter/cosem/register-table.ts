/** Register table, class 61 (Blue Book 4.3.8): values that differ only in figure E of their names, captured together. */
import type { AttributeDescriptor, Data } from '@wattline/protocols/dlms';
import {
  anyData,
  arrayOf,
  dataOf,
  integer,
  logicalName,
  longUnsigned,
  structure,
  trigger,
  unsigned,
} from './data-type.ts';
import { elementsIn, numberIn, obisIn } from './fields.ts';
import { type InterfaceClass, managed } from './interface-class.ts';
import { scalerUnit } from './register.ts';
import { reported, resetting, setting, settingOf, type WithSettings } from './settings.ts';

/** The table behind the object. */
export interface RegisterTableSource extends WithSettings {
  /** The value of an attribute; undefined when there is none. */
  valueAt(reference: AttributeDescriptor): Data | undefined;
}

const attribute = { values: 2, definition: 3 } as const;
const cellDefinition = structure({
  class_id: longUnsigned(),
  logical_name: logicalName,
  group_E_values: arrayOf(unsigned()),
  attribute_index: integer(),
});

export const registerTable: InterfaceClass<RegisterTableSource> = {
  classId: 61,
  version: 0,
  name: 'Register table',
  section: '4.3.8',
  attributes: {
    2: reported('table_cell_values', arrayOf(anyData)),
    3: setting('table_cell_definition', cellDefinition),
    4: setting('scaler_unit', scalerUnit),
  },
  methods: {
    1: resetting('reset', [attribute.values]),
    2: {
      name: 'capture',
      clients: managed,
      parameter: trigger,
      invoke(source) {
        const [classId, name, groups, index] = elementsIn(
          settingOf(source.settings, attribute.definition, cellDefinition),
        );
        const parts = obisIn(name).split('.');
        const cells = elementsIn(groups).map((e) => {
          const obis = [...parts.slice(0, 4), numberIn(e), parts[5]].join('.');
          const reference = { classId: numberIn(classId), obis, attribute: numberIn(index) };
          return source.valueAt(reference) ?? ({ type: 'null-data' } as const);
        });
        source.settings.write(attribute.values, dataOf.array(...cells));
        return { result: 'success' };
      },
    },
  },
};
