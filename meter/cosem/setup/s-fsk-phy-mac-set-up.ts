/** S-FSK Phy&MAC set-up, class 50 (Blue Book 4.10.3): the power line by spread frequency shift keying (IEC 61334). */
import {
  arrayOf,
  boolean,
  doubleLongUnsigned,
  enumerationTo,
  longUnsigned,
  structure,
  unsigned,
} from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { reported, setting, type WithSettings } from '../settings.ts';

export const sFskPhyMacSetUp: InterfaceClass<WithSettings> = {
  classId: 50,
  version: 1,
  name: 'S-FSK Phy&MAC set-up',
  section: '4.10.3',
  attributes: {
    2: setting('initiator_electrical_phase', enumerationTo(3)),
    3: reported('delta_electrical_phase', enumerationTo(6)),
    4: setting('max_receiving_gain', unsigned()),
    5: setting('max_transmitting_gain', unsigned()),
    6: setting('search_initiator_threshold', unsigned(0, 98)),
    7: setting(
      'frequencies',
      structure({ mark_frequency: doubleLongUnsigned(), space_frequency: doubleLongUnsigned() }),
    ),
    8: setting('mac_address', longUnsigned(0, 0x0fff)),
    9: setting('mac_group_addresses', arrayOf(longUnsigned())),
    10: setting('repeater', enumerationTo(2)),
    11: reported('repeater_status', boolean),
    12: setting('min_delta_credit', unsigned(0, 7)),
    13: reported('initiator_mac_address', longUnsigned()),
    14: reported('synchronization_locked', boolean),
    15: setting('transmission_speed', enumerationTo(5)),
  },
  methods: {},
};
