/** PRIME NB OFDM PLC MAC network administration data, class 85 (Blue Book 4.12.9): tables of a base node. */
import { arrayOf, integer, long, octets, structure } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { reported, resetting, type WithSettings } from '../settings.ts';

export const primeMacNetworkAdministrationData: InterfaceClass<WithSettings> = {
  classId: 85,
  version: 0,
  name: 'PRIME NB OFDM PLC MAC network administration data',
  section: '4.12.9',
  attributes: {
    2: reported(
      'mac_list_multicast_entries',
      arrayOf(structure({ mcast_entry_LCID: integer(), mcast_entry_members: long() })),
    ),
    3: reported('mac_list_switch_table', arrayOf(long())),
    4: reported(
      'mac_list_direct_table',
      arrayOf(
        structure({
          dconn_entry_src_SID: long(),
          dconn_entry_src_LNID: long(),
          dconn_entry_src_LCID: long(),
          dconn_entry_dst_SID: long(),
          dconn_entry_dst_LNID: long(),
          dconn_entry_dst_LCID: long(),
          dconn_entry_DID: octets(0, 6),
        }),
      ),
    ),
    5: reported(
      'mac_list_available_switches',
      arrayOf(
        structure({
          slist_entry_SNA: octets(0, 6),
          slist_entry_LSID: long(),
          slist_entry_level: integer(),
          slist_entry_rx_level: integer(),
          slist_entry_rx_SNR: integer(),
        }),
      ),
    ),
    6: reported(
      'mac_list_phy_comm',
      arrayOf(
        structure({
          phy_comm_EUI: octets(0, 6),
          phy_comm_tx_power: integer(),
          phy_comm_tx_coding: integer(),
          phy_comm_rx_coding: integer(),
          phy_comm_rx_lvl: integer(),
          phy_comm_snr: integer(),
          phy_comm_tx_power_mod: integer(),
          phy_comm_tx_coding_mod: integer(),
          phy_comm_rx_coding_mod: integer(),
        }),
      ),
    ),
  },
  methods: {
    1: resetting('reset', [2, 3, 4, 5, 6]),
  },
  recalled: 'fields of the tables',
};
