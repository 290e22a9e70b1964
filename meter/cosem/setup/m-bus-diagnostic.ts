/** M-Bus diagnostic, class 77 (Blue Book 4.8.7): how an M-Bus link does. */
import { arrayOf, dateTime, doubleLongUnsigned, enumerationTo, structure, unsigned } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { reported, resetting, type WithSettings } from '../settings.ts';

export const mBusDiagnostic: InterfaceClass<WithSettings> = {
  classId: 77,
  version: 0,
  name: 'M-Bus diagnostic',
  section: '4.8.7',
  attributes: {
    2: reported('received_signal_strength', unsigned()),
    3: reported('channel_id', unsigned()),
    4: reported('link_status', enumerationTo(3)),
    5: reported(
      'broadcast_frames_counter',
      arrayOf(structure({ client_id: unsigned(), counter: doubleLongUnsigned(), time_stamp: dateTime })),
    ),
    6: reported('transmissions_counter', doubleLongUnsigned()),
    7: reported('FCS_OK_frames_counter', doubleLongUnsigned()),
    8: reported('FCS_NOK_frames_counter', doubleLongUnsigned()),
    9: reported('capture_time', structure({ attribute_id: unsigned(), timestamp: dateTime })),
  },
  methods: {
    1: resetting('reset', [5, 6, 7, 8]),
  },
};
