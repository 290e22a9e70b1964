/** ISO/IEC 8802-2 LLC Type 1 setup, class 57 (Blue Book 4.11.2): unacknowledged connectionless link. */
import { longUnsigned } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { setting, type WithSettings } from '../settings.ts';

export const isoIec88022LlcType1Setup: InterfaceClass<WithSettings> = {
  classId: 57,
  version: 0,
  name: 'ISO/IEC 8802-2 LLC Type 1 setup',
  section: '4.11.2',
  attributes: {
    2: setting('max_octets_ui_pdu', longUnsigned(128, 65_535)),
  },
  methods: {},
};
