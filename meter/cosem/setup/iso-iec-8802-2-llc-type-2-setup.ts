/** ISO/IEC 8802-2 LLC Type 2 setup, class 58 (Blue Book 4.11.3): connection mode link. */
import { longUnsigned, unsigned } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { setting, type WithSettings } from '../settings.ts';

export const isoIec88022LlcType2Setup: InterfaceClass<WithSettings> = {
  classId: 58,
  version: 0,
  name: 'ISO/IEC 8802-2 LLC Type 2 setup',
  section: '4.11.3',
  attributes: {
    2: setting('transmit_window_size_k', unsigned(1, 127)),
    3: setting('receive_window_size_rw', unsigned(1, 127)),
    4: setting('max_octets_i_pdu_n1', longUnsigned(128, 65_535)),
    5: setting('max_number_transmissions_n2', unsigned()),
    6: setting('acknowledgement_timer', longUnsigned()),
    7: setting('p_bit_timer', longUnsigned()),
    8: setting('reject_timer', longUnsigned()),
    9: setting('busy_state_timer', longUnsigned()),
  },
  methods: {},
};
