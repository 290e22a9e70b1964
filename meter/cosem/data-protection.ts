/** Data protection, class 30 (Blue Book 4.4.9): attributes protected end to end, whatever protects the APDU. */
import { anyData, arrayOf, enumerationTo, octets } from './data-type.ts';
import { type InterfaceClass, type Method, managed } from './interface-class.ts';
import { setting, type WithSettings } from './settings.ts';

const mostOctets = 65_535;
/** The protected services are not there: their parameters carry keys of a third party (Green Book 9.2.3.5). */
const declared = (name: string): Method<WithSettings> => ({
  name,
  clients: managed,
  parameter: anyData,
  invoke: () => ({ result: 'object-unavailable' }),
});

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
    1: declared('get_protected_attributes'),
    2: declared('set_protected_attributes'),
    3: declared('invoke_protected_method'),
  },
  declaredOnly: 'nothing is protected end to end',
  recalled: 'fields of attributes 3 to 5',
};
