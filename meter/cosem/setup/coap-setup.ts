/** CoAP setup, class 152 (Blue Book 4.9.8): the constrained application protocol (RFC 7252). */
import { anyData, dataOf, enumerationTo, logicalName, longUnsigned, octets, unsigned } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { setting, type WithSettings } from '../settings.ts';

export const coapSetup: InterfaceClass<WithSettings> = {
  classId: 152,
  version: 0,
  name: 'CoAP setup',
  section: '4.9.8',
  attributes: {
    2: setting('udp_reference', logicalName),
    3: setting('ack_timeout', longUnsigned(), { initial: dataOf.number('long-unsigned', 2000) }),
    4: setting('ack_random_factor', longUnsigned(), { initial: dataOf.number('long-unsigned', 150) }),
    5: setting('max_retransmit', longUnsigned(), { initial: dataOf.number('long-unsigned', 4) }),
    6: setting('nstart', longUnsigned(1)),
    7: setting('delay_ack_timeout', longUnsigned()),
    8: setting('exponential_back_off', longUnsigned()),
    9: setting('probing_rate', longUnsigned(), { initial: dataOf.number('long-unsigned', 1) }),
    10: setting('coap_uri_path', octets()),
    11: setting('transport_mode', enumerationTo(2)),
    12: setting('wrapper_version', anyData),
    13: setting('token_length', unsigned(0, 8)),
  },
  methods: {},
  recalled: 'types of attributes 9 and 10',
};
