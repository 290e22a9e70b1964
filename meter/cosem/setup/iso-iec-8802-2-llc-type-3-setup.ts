/** ISO/IEC 8802-2 LLC Type 3 setup, class 59 (Blue Book 4.11.4): acknowledged connectionless link. */
import { longUnsigned, unsigned } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { setting, type WithSettings } from '../settings.ts';

export const isoIec88022LlcType3Setup: InterfaceClass<WithSettings> = {
  classId: 59,
  version: 0,
  name: 'ISO/IEC 8802-2 LLC Type 3 setup',
  section: '4.11.4',
  attributes: {
    2: setting('max_octets_acn_pdu_n3', longUnsigned(128, 65_535)),
    3: setting('max_number_transmissions_n4', unsigned()),
    4: setting('acknowledgement_time_t1', longUnsigned()),
    5: setting('receive_lifetime_var_t2', longUnsigned()),
    6: setting('transmit_lifetime_var_t3', longUnsigned()),
  },
  methods: {},
};
