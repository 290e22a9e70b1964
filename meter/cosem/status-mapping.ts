/** Status mapping, class 63 (Blue Book 4.3.9): a status word and what its bits mean in a table of the profile. */
import type { AxdrWriter } from '@wattline/protocols/dlms';
import { anyData, arrayOf, choice, longUnsigned, structure, unsigned } from './data-type.ts';
import { type InterfaceClass, readable } from './interface-class.ts';
import { setting, type WithSettings } from './settings.ts';

/** The status behind the object. */
export interface StatusMappingSource extends WithSettings {
  writeStatus(writer: AxdrWriter): unknown;
}

export const statusMapping: InterfaceClass<StatusMappingSource> = {
  classId: 63,
  version: 0,
  name: 'Status mapping',
  section: '4.3.9',
  attributes: {
    2: {
      name: 'status_word',
      type: anyData,
      access: readable,
      read: (source, { writer }) => void source.writeStatus(writer),
    },
    3: setting(
      'mapping_table',
      structure({
        ref_table_id: unsigned(),
        // The first entry, or one for each bit.
        ref_table_mapping: choice(longUnsigned(), arrayOf(longUnsigned())),
      }),
    ),
  },
  methods: {},
};
