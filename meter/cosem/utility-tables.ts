/** Utility tables, class 26 (Blue Book 4.3.7): a table of ANSI C12.19 as octets, whole or by offset. */
import { doubleLongUnsigned, longUnsigned, octets } from './data-type.ts';
import { elementsIn, numberIn, octetsIn } from './fields.ts';
import { type InterfaceClass, readable, settable } from './interface-class.ts';
import { setting, settingOf, type WithSettings } from './settings.ts';

const bufferAttribute = 4;
const offsetSelector = 1;
const mostOctets = 65_535;
const bufferType = octets(0, mostOctets);

export const utilityTables: InterfaceClass<WithSettings> = {
  classId: 26,
  version: 0,
  name: 'Utility tables',
  section: '4.3.7',
  attributes: {
    2: setting('table_ID', longUnsigned()),
    3: {
      name: 'length',
      type: doubleLongUnsigned(),
      access: readable,
      read: ({ settings }, { writer }) =>
        void writer.doubleLongUnsigned(octetsIn(settingOf(settings, bufferAttribute, bufferType)).length),
    },
    4: {
      ...setting('buffer', bufferType),
      access: settable,
      selectors: [offsetSelector],
      read({ settings }, { writer, access }) {
        const whole = octetsIn(settingOf(settings, bufferAttribute, bufferType));
        if (!access) return void writer.octetString(whole);
        const [offset, count] = elementsIn(access.parameters);
        if (offset?.type !== 'double-long-unsigned' || count?.type !== 'long-unsigned')
          return 'type-unmatched';
        const start = numberIn(offset);
        if (start > whole.length) return 'scope-of-access-violated';
        writer.octetString(whole.subarray(start, start + numberIn(count)));
      },
    },
  },
  methods: {},
};
