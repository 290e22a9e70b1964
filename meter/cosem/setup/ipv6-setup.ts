/** IPv6 setup, class 48 (Blue Book 4.9.3): addresses of IPv6. */

import type { ActionOutcome, Data } from '@wattline/protocols/dlms';
import {
  arrayOf,
  doubleLongUnsigned,
  enumerationTo,
  logicalName,
  longUnsigned,
  octets,
  structure,
  unsigned,
} from '../data-type.ts';
import { elementsIn, numberIn } from '../fields.ts';
import { type InterfaceClass, managed } from '../interface-class.ts';
import { changeList, setting, type WithSettings } from '../settings.ts';

const addresses = arrayOf(octets(16), 16);
/** unicast, multicast, gateway. */
const typedAddress = structure({ IPv6_address_type: enumerationTo(2), IPv6_address: octets(16) });

export const ipv6Setup: InterfaceClass<WithSettings> = {
  classId: 48,
  version: 0,
  name: 'IPv6 setup',
  section: '4.9.3',
  attributes: {
    2: setting('DL_reference', logicalName),
    3: setting('address_config_mode', enumerationTo(3)),
    4: setting('unicast_IPv6_addresses', addresses),
    5: setting('multicast_IPv6_addresses', addresses),
    6: setting('gateway_IPv6_addresses', addresses),
    7: setting('primary_DNS_address', octets(16)),
    8: setting('secondary_DNS_address', octets(16)),
    9: setting('traffic_class', unsigned(0, 63)),
    10: setting(
      'neighbor_discovery_setup',
      arrayOf(
        structure({
          RS_max_retry: unsigned(),
          RS_retry_wait_time: longUnsigned(),
          RA_send_period: doubleLongUnsigned(),
        }),
      ),
    ),
  },
  methods: {
    1: {
      name: 'add_IPv6_address',
      clients: managed,
      parameter: typedAddress,
      invoke: (source, value) => change(source, value, true),
    },
    2: {
      name: 'remove_IPv6_address',
      clients: managed,
      parameter: typedAddress,
      invoke: (source, value) => change(source, value, false),
    },
  },
};

const listOf = [4, 5, 6];

function change({ settings }: WithSettings, value: Data | undefined, isAdded: boolean): ActionOutcome {
  const [type, element] = elementsIn(value);
  const attribute = listOf[numberIn(type)] ?? 4;
  return changeList(settings, { attribute, list: addresses, element, isAdded });
}
