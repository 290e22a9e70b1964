/** IPv4 setup, class 42 (Blue Book 4.9.2): addresses of IPv4. */

import { AxdrWriter } from '@wattline/protocols/dlms';
import {
  arrayOf,
  boolean,
  doubleLongUnsigned,
  enumerationTo,
  logicalName,
  octets,
  structure,
  trigger,
  unsigned,
} from '../data-type.ts';
import { elementsIn } from '../fields.ts';
import { type InterfaceClass, managed } from '../interface-class.ts';
import { adding, removing, setting, settingOf, type WithSettings } from '../settings.ts';

const multicast = arrayOf(doubleLongUnsigned(), 16);

export const ipv4Setup: InterfaceClass<WithSettings> = {
  classId: 42,
  version: 0,
  name: 'IPv4 setup',
  section: '4.9.2',
  attributes: {
    2: setting('DL_reference', logicalName),
    3: setting('IP_address', doubleLongUnsigned()),
    4: setting('multicast_IP_address', multicast),
    5: setting(
      'IP_options',
      arrayOf(
        structure({
          IP_option_type: enumerationTo(255),
          IP_option_length: unsigned(),
          IP_option_data: octets(),
        }),
      ),
    ),
    6: setting('subnet_mask', doubleLongUnsigned()),
    7: setting('gateway_IP_address', doubleLongUnsigned()),
    8: setting('use_DHCP_flag', boolean),
    9: setting('primary_DNS_address', doubleLongUnsigned()),
    10: setting('secondary_DNS_address', doubleLongUnsigned()),
  },
  methods: {
    1: adding('add_mc_IP_address', 4, multicast),
    2: removing('delete_mc_IP_address', 4, multicast),
    3: {
      name: 'get_nbof_mc_IP_addresses',
      clients: managed,
      parameter: trigger,
      invoke({ settings }) {
        const count = elementsIn(settingOf(settings, 4, multicast)).length;
        return { result: 'success', encoded: new AxdrWriter().longUnsigned(count).finish() };
      },
    },
  },
};
