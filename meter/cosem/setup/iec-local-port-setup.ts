/** IEC local port setup, class 19 (Blue Book 4.7.1): the optical port (IEC 62056-21). */
import { enumerationTo, octets } from '../data-type.ts';
import { type InterfaceClass, writable } from '../interface-class.ts';
import { setting, type WithSettings } from '../settings.ts';

export const iecLocalPortSetup: InterfaceClass<WithSettings> = {
  classId: 19,
  version: 1,
  name: 'IEC local port setup',
  section: '4.7.1',
  attributes: {
    2: setting('default_mode', enumerationTo(2)),
    3: setting('default_baud', enumerationTo(9)),
    4: setting('prop_baud', enumerationTo(9)),
    5: setting('response_time', enumerationTo(1)),
    6: setting('device_addr', octets(0, 32)),
    7: setting('pass_p1', octets(0, 32), { access: writable }),
    8: setting('pass_p2', octets(0, 32), { access: writable }),
    9: setting('pass_w5', octets(0, 32), { access: writable }),
  },
  methods: {},
};
