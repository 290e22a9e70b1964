/** PRIME NB OFDM PLC physical layer counters, class 81 (Blue Book 4.12.5): bursts that were received wrong or not sent. */
import { longUnsigned } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { reported, resetting, type WithSettings } from '../settings.ts';

export const primePhysicalLayerCounters: InterfaceClass<WithSettings> = {
  classId: 81,
  version: 0,
  name: 'PRIME NB OFDM PLC physical layer counters',
  section: '4.12.5',
  attributes: {
    2: reported('phy_stats_crc_incorrect_count', longUnsigned()),
    3: reported('phy_stats_crc_fail_count', longUnsigned()),
    4: reported('phy_stats_tx_drop_count', longUnsigned()),
    5: reported('phy_stats_rx_drop_count', longUnsigned()),
  },
  methods: {
    1: resetting('reset', [2, 3, 4, 5]),
  },
};
