/** S-FSK Active initiator, class 51 (Blue Book 4.10.4): the concentrator that registered the meter. */
import { longUnsigned, octets, structure, unsigned } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { reported, resetting, type WithSettings } from '../settings.ts';

export const sFskActiveInitiator: InterfaceClass<WithSettings> = {
  classId: 51,
  version: 0,
  name: 'S-FSK Active initiator',
  section: '4.10.4',
  attributes: {
    2: reported(
      'active_initiator',
      structure({ system_title: octets(0, 8), MAC_address: longUnsigned(), L_SAP_selector: unsigned() }),
    ),
  },
  methods: {
    1: resetting('reset_NEW_not_synchronized', [2], longUnsigned()),
  },
};
