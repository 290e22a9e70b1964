/** SCHC-LPWAN diagnostic, class 127 (Blue Book 4.16.2.2): counts of compressed datagrams (RFC 8724). */
import { doubleLongUnsigned } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { reported, resetting, type WithSettings } from '../settings.ts';

const count = doubleLongUnsigned();

export const schcLpwanDiagnostic: InterfaceClass<WithSettings> = {
  classId: 127,
  version: 0,
  name: 'SCHC-LPWAN diagnostic',
  section: '4.16.2.2',
  attributes: {
    2: reported('schc_packets_tx_counter', count),
    3: reported('schc_packets_rx_counter', count),
    4: reported('schc_fragments_tx_counter', count),
    5: reported('schc_fragments_rx_counter', count),
    6: reported('schc_ack_tx_counter', count),
    7: reported('schc_ack_rx_counter', count),
  },
  methods: { 1: resetting('reset', [2, 3, 4, 5, 6, 7]) },
};
