/** PRIME NB OFDM PLC MAC counters, class 84 (Blue Book 4.12.8): counts of packets of the MAC. */
import { doubleLongUnsigned } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { reported, resetting, type WithSettings } from '../settings.ts';

export const primeMacCounters: InterfaceClass<WithSettings> = {
  classId: 84,
  version: 0,
  name: 'PRIME NB OFDM PLC MAC counters',
  section: '4.12.8',
  attributes: {
    2: reported('mac_tx_data_pkt_count', doubleLongUnsigned()),
    3: reported('mac_rx_data_pkt_count', doubleLongUnsigned()),
    4: reported('mac_tx_ctrl_pkt_count', doubleLongUnsigned()),
    5: reported('mac_rx_ctrl_pkt_count', doubleLongUnsigned()),
    6: reported('mac_csma_fail_count', doubleLongUnsigned()),
    7: reported('mac_csma_ch_busy_count', doubleLongUnsigned()),
  },
  methods: {
    1: resetting('reset', [2, 3, 4, 5, 6, 7]),
  },
};
