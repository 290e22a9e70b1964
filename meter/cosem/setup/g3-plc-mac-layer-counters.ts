/** G3-PLC MAC layer counters, class 90 (Blue Book 4.13.3): counts of packets of the MAC (ITU-T G.9903). */
import { doubleLongUnsigned } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { reported, resetting, type WithSettings } from '../settings.ts';

export const g3PlcMacLayerCounters: InterfaceClass<WithSettings> = {
  classId: 90,
  version: 1,
  name: 'G3-PLC MAC layer counters',
  section: '4.13.3',
  attributes: {
    2: reported('mac_Tx_data_packet_count', doubleLongUnsigned()),
    3: reported('mac_Rx_data_packet_count', doubleLongUnsigned()),
    4: reported('mac_Tx_cmd_packet_count', doubleLongUnsigned()),
    5: reported('mac_Rx_cmd_packet_count', doubleLongUnsigned()),
    6: reported('mac_CSMA_fail_count', doubleLongUnsigned()),
    7: reported('mac_CSMA_no_ACK_count', doubleLongUnsigned()),
    8: reported('mac_bad_CRC_count', doubleLongUnsigned()),
    9: reported('mac_Tx_data_broadcast_count', doubleLongUnsigned()),
    10: reported('mac_Rx_data_broadcast_count', doubleLongUnsigned()),
  },
  methods: {
    1: resetting('reset', [2, 3, 4, 5, 6, 7, 8, 9, 10]),
  },
};
