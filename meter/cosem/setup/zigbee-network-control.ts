/** ZigBee network control, class 104 (Blue Book 4.15.5): a network and the devices that joined. */
import {
  anyData,
  arrayOf,
  bits,
  boolean,
  type DataType,
  dateTime,
  integer,
  longUnsigned,
  octets,
  structure,
  unsigned,
} from '../data-type.ts';
import { type InterfaceClass, type Method, managed } from '../interface-class.ts';
import { reported, setting, type WithSettings } from '../settings.ts';

/** Methods that need a radio: there is none. */
const declared = (name: string, parameter: DataType): Method<WithSettings> => ({
  name,
  clients: managed,
  parameter,
  invoke: () => ({ result: 'object-unavailable' }),
});

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
    1: declared('register_device', anyData),
    2: declared('unregister_device', anyData),
    3: declared('unregister_all_devices', anyData),
    4: declared('backup_PAN', anyData),
    5: declared('restore_PAN', anyData),
    6: declared('identify_device', anyData),
    7: declared('remove_mirror', anyData),
    8: declared('update_network_key', anyData),
    9: declared('update_link_key', anyData),
    10: declared('create_PAN', anyData),
    11: declared('remove_PAN', anyData),
  },
  recalled: 'fields of attribute 4',
  declaredOnly: 'all methods: the meter has no radio',
};
