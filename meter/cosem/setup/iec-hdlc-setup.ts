/** IEC HDLC setup, class 23 (Blue Book 4.7.2): the HDLC link (IEC 62056-46). */
import { dataOf, enumerationTo, longUnsigned, unsigned } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { setting, type WithSettings } from '../settings.ts';

export const iecHdlcSetup: InterfaceClass<WithSettings> = {
  classId: 23,
  version: 1,
  name: 'IEC HDLC setup',
  section: '4.7.2',
  attributes: {
    2: setting('comm_speed', enumerationTo(9), { initial: dataOf.number('enum', 5) }),
    3: setting('window_size_transmit', unsigned(1, 7)),
    4: setting('window_size_receive', unsigned(1, 7)),
    5: setting('max_info_field_length_transmit', longUnsigned(32, 2030), {
      initial: dataOf.number('long-unsigned', 128),
    }),
    6: setting('max_info_field_length_receive', longUnsigned(32, 2030), {
      initial: dataOf.number('long-unsigned', 128),
    }),
    7: setting('inter_octet_time_out', longUnsigned(20, 6000), {
      initial: dataOf.number('long-unsigned', 25),
    }),
    8: setting('inactivity_time_out', longUnsigned(), { initial: dataOf.number('long-unsigned', 120) }),
    9: setting('device_address', longUnsigned(0, 0x3fff), { initial: dataOf.number('long-unsigned', 16) }),
  },
  methods: {},
};
