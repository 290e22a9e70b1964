/** PRIME NB OFDM PLC Application identification, class 86 (Blue Book 4.12.10): firmware and product of the node. */
import { longUnsigned, octets } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { reported, type WithSettings } from '../settings.ts';

export const primeApplicationsIdentification: InterfaceClass<WithSettings> = {
  classId: 86,
  version: 0,
  name: 'PRIME NB OFDM PLC Application identification',
  section: '4.12.10',
  attributes: {
    2: reported('firmware_version', octets()),
    3: reported('vendor_Id', longUnsigned()),
    4: reported('product_Id', longUnsigned()),
  },
  methods: {},
};
