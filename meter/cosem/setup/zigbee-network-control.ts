/** ZigBee network control, class 104 (Blue Book 4.15.5): a network and the devices that joined. */
import {
  anyData,
  arrayOf,
  bits,
  boolean,
  dateTime,
  integer,
  longUnsigned,
  octets,
  structure,
  unsigned,
} from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { reported, setting, unavailable, type WithSettings } from '../settings.ts';

export const zigbeeNetworkControl: InterfaceClass<WithSettings> = {
  classId: 104,
  version: 0,
  name: 'ZigBee network control',
  section: '4.15.5',
  attributes: {
    2: setting('enable_disable_joining', boolean),
    3: setting('join_timeout', longUnsigned()),
    4: reported(
      'active_devices',
      arrayOf(
        structure({
          mac_address: octets(8),
          status: bits(8),
          max_RSSI: integer(),
          average_RSSI: integer(),
          min_RSSI: integer(),
          max_LQI: unsigned(),
          average_LQI: unsigned(),
          min_LQI: unsigned(),
          last_communication_date_time: dateTime,
          number_of_hops: unsigned(),
          transmission_failures: unsigned(),
          transmission_successes: unsigned(),
          application_version: unsigned(),
          stack_version: unsigned(),
        }),
      ),
    ),
  },
  methods: {
    1: unavailable('register_device', anyData),
    2: unavailable('unregister_device', anyData),
    3: unavailable('unregister_all_devices', anyData),
    4: unavailable('backup_PAN', anyData),
    5: unavailable('restore_PAN', anyData),
    6: unavailable('identify_device', anyData),
    7: unavailable('remove_mirror', anyData),
    8: unavailable('update_network_key', anyData),
    9: unavailable('update_link_key', anyData),
    10: unavailable('create_PAN', anyData),
    11: unavailable('remove_PAN', anyData),
  },
  recalled: 'fields of attribute 4',
  declaredOnly: 'all methods: the meter has no radio',
};
