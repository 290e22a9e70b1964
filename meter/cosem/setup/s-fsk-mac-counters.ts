/** S-FSK MAC counters, class 53 (Blue Book 4.10.6): counts of frames on the power line. */
import { arrayOf, doubleLongUnsigned, longUnsigned, structure } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { reported, resetting, type WithSettings } from '../settings.ts';

export const sFskMacCounters: InterfaceClass<WithSettings> = {
  classId: 53,
  version: 0,
  name: 'S-FSK MAC counters',
  section: '4.10.6',
  attributes: {
    2: reported(
      'synchronization_register',
      arrayOf(structure({ mac_address: longUnsigned(), synchronizations: doubleLongUnsigned() })),
    ),
    3: reported(
      'desynchronization_listing',
      structure({
        physical_layer: doubleLongUnsigned(),
        time_out_not_addressed: doubleLongUnsigned(),
        time_out_frame_not_OK: doubleLongUnsigned(),
        write_request: doubleLongUnsigned(),
        wrong_initiator: doubleLongUnsigned(),
      }),
    ),
    4: reported(
      'broadcast_frames_counter',
      arrayOf(structure({ source_mac_address: longUnsigned(), frames: doubleLongUnsigned() })),
    ),
    5: reported('repetitions_counter', doubleLongUnsigned()),
    6: reported('transmissions_counter', doubleLongUnsigned()),
    7: reported('CRC_OK_frames_counter', doubleLongUnsigned()),
    8: reported('CRC_NOK_frames_counter', doubleLongUnsigned()),
  },
  methods: {
    1: resetting('reset', [2, 3, 4, 5, 6, 7, 8]),
  },
};
