/** Data protection, class 30 (Blue Book 4.4.9): attributes protected end to end, whatever protects the APDU. */
import { anyData, arrayOf, enumerationTo, octets } from './data-type.ts';
import type { InterfaceClass } from './interface-class.ts';
import { setting, unavailable, type WithSettings } from './settings.ts';

const mostOctets = 65_535;
export const dataProtection: InterfaceClass<WithSettings> = {
  classId: 30,
  version: 0,
  name: 'Data protection',
  section: '4.4.9',
  attributes: {
    2: setting('protection_buffer', octets(0, mostOctets)),
    3: setting('protection_object_list', arrayOf(anyData)),
    4: setting('protection_parameters_get', arrayOf(anyData)),
    5: setting('protection_parameters_set', arrayOf(anyData)),
    6: setting('required_protection', enumerationTo(255)),
  },
  methods: {
    1: unavailable('get_protected_attributes', anyData),
    2: unavailable('set_protected_attributes', anyData),
    3: unavailable('invoke_protected_method', anyData),
  },
  declaredOnly: 'nothing is protected end to end',
  recalled: 'fields of attributes 3 to 5',
};
