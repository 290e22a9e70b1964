/** ZigBee tunnel setup, class 105 (Blue Book 4.15.6): tunnels through the home network. */
import { dataOf, longUnsigned, octets } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { setting, type WithSettings } from '../settings.ts';

export const zigbeeTunnelSetup: InterfaceClass<WithSettings> = {
  classId: 105,
  version: 0,
  name: 'ZigBee tunnel setup',
  section: '4.15.6',
  attributes: {
    2: setting('max_incoming_transfer_size', longUnsigned(), {
      initial: dataOf.number('long-unsigned', 1500),
    }),
    3: setting('max_outgoing_transfer_size', longUnsigned(), {
      initial: dataOf.number('long-unsigned', 1500),
    }),
    4: setting('protocol_address', octets()),
    5: setting('close_tunnel_timeout', longUnsigned(), { initial: dataOf.number('long-unsigned', 65_535) }),
  },
  methods: {},
  recalled: 'widths',
};
