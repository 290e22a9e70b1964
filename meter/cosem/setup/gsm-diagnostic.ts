/** GSM diagnostic, class 47 (Blue Book 4.7.8): what the modem says of its network. */
import {
  arrayOf,
  dateTime,
  doubleLongUnsigned,
  enumerationTo,
  longUnsigned,
  structure,
  unsigned,
  visibleText,
} from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { reported, type WithSettings } from '../settings.ts';

export const gsmDiagnostic: InterfaceClass<WithSettings> = {
  classId: 47,
  version: 1,
  name: 'GSM diagnostic',
  section: '4.7.8',
  attributes: {
    2: reported('operator', visibleText()),
    3: reported('status', enumerationTo(255)),
    4: reported('circuit_switched_status', enumerationTo(255)),
    5: reported('packet_switched_status', enumerationTo(255)),
    6: reported(
      'cell_info',
      structure({
        cell_ID: doubleLongUnsigned(),
        location_ID: longUnsigned(),
        signal_quality: unsigned(),
        ber: unsigned(),
        mcc: longUnsigned(),
        mnc: longUnsigned(),
        channel_number: doubleLongUnsigned(),
      }),
    ),
    7: reported(
      'adjacent_cells',
      arrayOf(structure({ cell_ID: doubleLongUnsigned(), signal_quality: unsigned() })),
    ),
    8: reported('capture_time', dateTime),
  },
  methods: {},
};
