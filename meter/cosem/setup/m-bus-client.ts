/** M-Bus client, class 72 (Blue Book 4.8.3): an M-Bus device behind the meter: a gas, heat or water meter. */
import type { ActionOutcome, Data } from '@wattline/protocols/dlms';
import {
  anyData,
  arrayOf,
  doubleLongUnsigned,
  enumerationTo,
  logicalName,
  longUnsigned,
  octets,
  structure,
  trigger,
  unsigned,
} from '../data-type.ts';
import { type InterfaceClass, managed } from '../interface-class.ts';
import { reported, resetting, setting, unavailable, type WithSettings } from '../settings.ts';

export const mBusClient: InterfaceClass<WithSettings> = {
  classId: 72,
  version: 1,
  name: 'M-Bus client',
  section: '4.8.3',
  attributes: {
    2: setting('mbus_port_reference', logicalName),
    3: setting(
      'capture_definition',
      arrayOf(structure({ data_information_block: octets(), value_information_block: octets() })),
    ),
    4: setting('capture_period', doubleLongUnsigned()),
    5: setting('primary_address', unsigned(0, 250)),
    6: setting('identification_number', doubleLongUnsigned()),
    7: setting('manufacturer_id', longUnsigned()),
    8: setting('version', unsigned()),
    9: setting('device_type', unsigned()),
    10: reported('access_number', unsigned()),
    11: reported('status', unsigned()),
    12: reported('alarm', unsigned()),
    13: setting('configuration', longUnsigned()),
    14: reported('encryption_key_status', enumerationTo(3)),
  },
  methods: {
    1: { name: 'slave_install', clients: managed, parameter: unsigned(0, 250), invoke: install },
    2: { name: 'slave_deinstall', clients: managed, parameter: trigger, invoke: deinstall },
    3: unavailable('capture', trigger),
    4: resetting('reset_alarm', [12]),
    5: unavailable('synchronize_clock', trigger),
    6: unavailable('data_send', anyData),
    7: unavailable('set_encryption_key', octets(0, 32)),
    8: unavailable('transfer_key', octets(0, 64)),
  },
  declaredOnly: 'capture, synchronize_clock, data_send and the keys: no device hangs on the bus',
};

/** A device takes the address; the one that had it before is forgotten. */
function install({ settings }: WithSettings, address: Data | undefined): ActionOutcome {
  if (address?.type !== 'unsigned') return { result: 'type-unmatched' };
  settings.write(5, address);
  return { result: 'success' };
}

/** Everything that was known of the device is forgotten; its keys with it. */
function deinstall({ settings }: WithSettings): ActionOutcome {
  for (const attribute of [5, 6, 7, 8, 9, 10, 11, 12, 14]) settings.forget(attribute);
  return { result: 'success' };
}
