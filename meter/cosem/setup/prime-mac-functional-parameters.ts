/** PRIME NB OFDM PLC MAC functional parameters, class 83 (Blue Book 4.12.7): the place of the node in its network. */
import { enumerationTo, long, longUnsigned, octets, unsigned } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { reported, type WithSettings } from '../settings.ts';

export const primeMacFunctionalParameters: InterfaceClass<WithSettings> = {
  classId: 83,
  version: 0,
  name: 'PRIME NB OFDM PLC MAC functional parameters',
  section: '4.12.7',
  attributes: {
    2: reported('mac_LNID', long()),
    3: reported('mac_LSID', unsigned()),
    4: reported('mac_SID', unsigned()),
    5: reported('mac_SNA', octets(0, 6)),
    6: reported('mac_state', enumerationTo(3)),
    7: reported('mac_scp_length', long()),
    8: reported('mac_node_hierarchy_level', unsigned()),
    9: reported('mac_beacon_slot_count', unsigned()),
    10: reported('mac_beacon_rx_slot', unsigned()),
    11: reported('mac_beacon_tx_slot', unsigned()),
    12: reported('mac_beacon_rx_frequency', unsigned()),
    13: reported('mac_beacon_tx_frequency', unsigned()),
    14: reported('mac_capabilities', longUnsigned()),
  },
  methods: {},
};
