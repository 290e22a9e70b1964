/** Wireless Mode Q channel, class 73 (Blue Book 4.8.4): the address of a meter in EN 13757-5. */
import { enumerationTo, octets } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { setting, type WithSettings } from '../settings.ts';

export const wirelessModeQChannel: InterfaceClass<WithSettings> = {
  classId: 73,
  version: 1,
  name: 'Wireless Mode Q channel',
  section: '4.8.4',
  attributes: {
    2: setting('addr_state', enumerationTo(1)),
    3: setting('device_address', octets()),
    4: setting('address_mask', octets()),
  },
  methods: {},
};
