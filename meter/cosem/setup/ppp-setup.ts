/** PPP setup, class 44 (Blue Book 4.9.5): the point-to-point protocol of a modem. */
import {
  anyData,
  arrayOf,
  choice,
  logicalName,
  nullData,
  octets,
  structure,
  unsigned,
} from '../data-type.ts';
import { type InterfaceClass, writable } from '../interface-class.ts';
import { setting, type WithSettings } from '../settings.ts';

const options = arrayOf(
  structure({ option_type: unsigned(), option_length: unsigned(), option_data: anyData }),
);

export const pppSetup: InterfaceClass<WithSettings> = {
  classId: 44,
  version: 0,
  name: 'PPP setup',
  section: '4.9.5',
  attributes: {
    2: setting('PHY_reference', logicalName),
    3: setting('LCP_options', options),
    4: setting('IPCP_options', options),
    5: setting(
      'PPP_authentication',
      choice(
        nullData,
        structure({ user_name: octets(), password: octets() }),
        structure({ algorithm_id: unsigned() }),
      ),
      { access: writable },
    ),
  },
  methods: {},
};
