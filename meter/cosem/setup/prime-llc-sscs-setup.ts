/** 61334-4-32 LLC SSCS setup, class 80 (Blue Book 4.12.3): addresses that the base node of PRIME gave. */
import { longUnsigned } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { reported, resetting, type WithSettings } from '../settings.ts';

export const primeLlcSscsSetup: InterfaceClass<WithSettings> = {
  classId: 80,
  version: 0,
  name: '61334-4-32 LLC SSCS setup',
  section: '4.12.3',
  attributes: {
    2: reported('service_node_address', longUnsigned()),
    3: reported('base_node_address', longUnsigned()),
  },
  methods: {
    1: resetting('reset', [2, 3]),
  },
};
