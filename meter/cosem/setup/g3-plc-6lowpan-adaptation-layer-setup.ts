/** G3-PLC 6LoWPAN adaptation layer setup, class 92 (Blue Book 4.13.5): routing and joining (ITU-T G.9903). */
import {
  arrayOf,
  bits,
  boolean,
  enumerationTo,
  longUnsigned,
  octets,
  structure,
  unsigned,
} from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { reported, setting, type WithSettings } from '../settings.ts';

export const g3Plc6LowpanAdaptationLayerSetup: InterfaceClass<WithSettings> = {
  classId: 92,
  version: 3,
  name: 'G3-PLC 6LoWPAN adaptation layer setup',
  section: '4.13.5',
  attributes: {
    2: setting('adp_max_hops', unsigned(1, 14)),
    3: setting('adp_weak_LQI_value', unsigned()),
    4: setting('adp_security_level', unsigned()),
    5: setting('adp_prefix_table', arrayOf(unsigned())),
    6: setting(
      'adp_routing_configuration',
      arrayOf(
        structure({
          adp_net_traversal_time: unsigned(),
          adp_routing_table_entry_TTL: longUnsigned(),
          adp_Kr: unsigned(),
          adp_Km: unsigned(),
          adp_Kc: unsigned(),
          adp_Kq: unsigned(),
          adp_Kh: unsigned(),
          adp_Krt: unsigned(),
          adp_RREQ_retries: unsigned(),
          adp_RREQ_RERR_wait: unsigned(),
          adp_Blacklist_table_entry_TTL: longUnsigned(),
          adp_unicast_RREQ_gen_enable: boolean,
          adp_RLC_enabled: boolean,
          adp_add_rev_link_cost: unsigned(),
        }),
      ),
    ),
    7: setting('adp_broadcast_log_table_entry_TTL', longUnsigned()),
    8: reported(
      'adp_routing_table',
      arrayOf(
        structure({
          destination_address: longUnsigned(),
          next_hop_address: longUnsigned(),
          route_cost: longUnsigned(),
          hop_count: unsigned(0, 14),
          weak_link_count: unsigned(0, 14),
          valid_time: longUnsigned(),
        }),
      ),
    ),
    9: setting(
      'adp_context_information_table',
      arrayOf(
        structure({
          CID: bits(4),
          context_length: unsigned(),
          context: octets(),
          C: boolean,
          valid_lifetime: longUnsigned(),
        }),
      ),
    ),
    10: reported(
      'adp_blacklist_table',
      arrayOf(structure({ blacklisted_neighbour_address: longUnsigned(), valid_time: longUnsigned() })),
    ),
    11: reported(
      'adp_broadcast_log_table',
      arrayOf(
        structure({
          source_address: longUnsigned(),
          sequence_number: unsigned(),
          valid_time: longUnsigned(),
        }),
      ),
    ),
    12: setting('adp_group_table', arrayOf(longUnsigned())),
    13: setting('adp_max_join_wait_time', longUnsigned()),
    14: setting('adp_path_discovery_time', unsigned()),
    15: setting('adp_active_key_index', unsigned(0, 1)),
    16: setting('adp_metric_type', unsigned()),
    17: setting('adp_coord_short_address', longUnsigned()),
    18: setting('adp_disable_default_routing', boolean),
    19: setting('adp_device_type', enumerationTo(2)),
    20: setting('adp_default_coord_route_enabled', boolean),
    21: setting('adp_destination_address', arrayOf(longUnsigned())),
    22: setting('adp_low_LQI', unsigned()),
    23: setting('adp_high_LQI', unsigned()),
  },
  methods: {},
};
