/** MAC address setup, class 43 (Blue Book 4.9.4): the address of the data link. */
import { octets } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { setting, type WithSettings } from '../settings.ts';

export const macAddressSetup: InterfaceClass<WithSettings> = {
  classId: 43,
  version: 0,
  name: 'MAC address setup',
  section: '4.9.4',
  attributes: {
    2: setting('MAC_address', octets(0, 8)),
  },
  methods: {},
};
