/** Modem configuration, class 27 (Blue Book 4.7.4): how a modem is set up when it starts. */
import { arrayOf, enumerationTo, longUnsigned, octets, structure } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { setting, type WithSettings } from '../settings.ts';

export const modemConfiguration: InterfaceClass<WithSettings> = {
  classId: 27,
  version: 1,
  name: 'Modem configuration',
  section: '4.7.4',
  attributes: {
    2: setting('comm_speed', enumerationTo(9)),
    3: setting(
      'initialization_string',
      arrayOf(structure({ request: octets(), response: octets(), delay_after_response: longUnsigned() })),
    ),
    4: setting('modem_profile', arrayOf(octets())),
  },
  methods: {},
};
