/** Wi-SUN setup, class 95 (Blue Book 4.18.1): the field area network of IEEE 802.15.4. */
import { anyData, enumerationTo, longUnsigned, octets, unsigned } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { reported, resetting, setting, type WithSettings } from '../settings.ts';

export const wiSunSetup: InterfaceClass<WithSettings> = {
  classId: 95,
  version: 0,
  name: 'Wi-SUN setup',
  section: '4.18.1',
  attributes: {
    2: setting('network_name', octets(0, 32)),
    3: reported('routing_method', enumerationTo(255)),
    4: reported('pan_id', longUnsigned()),
    5: setting('disc_imin', unsigned()),
    6: setting('disc_imax', unsigned()),
    7: setting('data_message_imin', unsigned()),
    8: setting('data_message_imax', unsigned()),
    9: setting('default_dio_interval_min', unsigned()),
    10: setting('default_dio_interval_doublings', unsigned()),
    11: setting('channel_plan', anyData),
    12: setting('channel_function', enumerationTo(255)),
    13: setting('excluded_channels', anyData),
    14: reported('join_state', enumerationTo(255)),
    15: setting('reg_channel_exclusions', anyData),
  },
  methods: { 1: resetting('reset_join_state', [14]) },
  recalled: 'the fields of attributes 11, 13 and 15 are not at hand: any type is taken',
};
