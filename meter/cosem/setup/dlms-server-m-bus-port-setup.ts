/** DLMS server M-Bus port setup, class 76 (Blue Book 4.8.6): DLMS over M-Bus. */
import {
  arrayOf,
  dateTime,
  doubleLongUnsigned,
  enumerationTo,
  logicalName,
  longUnsigned,
  structure,
  unsigned,
} from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { reported, setting, type WithSettings } from '../settings.ts';

export const dlmsServerMBusPortSetup: InterfaceClass<WithSettings> = {
  classId: 76,
  version: 0,
  name: 'DLMS server M-Bus port setup',
  section: '4.8.6',
  attributes: {
    2: setting('M-Bus_profile_selection', logicalName),
    3: reported('M-Bus_port_communication_state', enumerationTo(4)),
    4: setting('M-Bus_data_header_type', enumerationTo(2)),
    5: setting('primary_address', unsigned()),
    6: setting('identification_number', doubleLongUnsigned()),
    7: setting('manufacturer_id', longUnsigned()),
    8: setting('version', unsigned()),
    9: setting('device_type', unsigned()),
    10: setting('max_PDU_size', longUnsigned()),
    11: setting('listening_window', arrayOf(structure({ start_time: dateTime, end_time: dateTime }))),
  },
  methods: {},
};
