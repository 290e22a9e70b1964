/** IEC twisted pair (1) setup, class 24 (Blue Book 4.7.3): the Euridis bus (IEC 62056-3-1). */
import { arrayOf, enumerationTo, integer, unsigned } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { setting, type WithSettings } from '../settings.ts';

export const iecTwistedPairSetup: InterfaceClass<WithSettings> = {
  classId: 24,
  version: 1,
  name: 'IEC twisted pair (1) setup',
  section: '4.7.3',
  attributes: {
    2: setting('mode', enumerationTo(1)),
    3: setting('speed', enumerationTo(9)),
    4: setting('primary_address_list', arrayOf(unsigned())),
    5: setting('tabi_list', arrayOf(integer())),
  },
  methods: {},
};
