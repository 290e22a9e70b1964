/** PRIME NB OFDM PLC MAC setup, class 82 (Blue Book 4.12.6): timers of the MAC of PRIME. */
import { unsigned } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { setting, type WithSettings } from '../settings.ts';

export const primeMacSetup: InterfaceClass<WithSettings> = {
  classId: 82,
  version: 0,
  name: 'PRIME NB OFDM PLC MAC setup',
  section: '4.12.6',
  attributes: {
    2: setting('mac_min_switch_search_time', unsigned()),
    3: setting('mac_max_promotion_pdu', unsigned()),
    4: setting('mac_promotion_pdu_tx_period', unsigned()),
    5: setting('mac_beacons_per_frame', unsigned()),
    6: setting('mac_scp_max_tx_attempts', unsigned()),
    7: setting('mac_ctl_re_tx_timer', unsigned()),
    8: setting('mac_max_ctl_re_tx', unsigned()),
  },
  methods: {},
};
