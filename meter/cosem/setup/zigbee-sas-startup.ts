/** ZigBee SAS startup, class 101 (Blue Book 4.15.2): which network a device starts or joins. */
import {
  boolean,
  dataOf,
  doubleLongUnsigned,
  enumerationTo,
  longUnsigned,
  octets,
  unsigned,
} from '../data-type.ts';
import { type InterfaceClass, writable } from '../interface-class.ts';
import { setting, type WithSettings } from '../settings.ts';

export const zigbeeSasStartup: InterfaceClass<WithSettings> = {
  classId: 101,
  version: 0,
  name: 'ZigBee SAS startup',
  section: '4.15.2',
  attributes: {
    2: setting('short_address', longUnsigned(), { initial: dataOf.number('long-unsigned', 0xffff) }),
    3: setting('extended_PAN_id', octets(8)),
    4: setting('PAN_id', longUnsigned(), { initial: dataOf.number('long-unsigned', 0xffff) }),
    5: setting('channel_mask', doubleLongUnsigned()),
    6: setting('protocol_version', unsigned()),
    7: setting('stack_profile', enumerationTo(2)),
    8: setting('start_up_control', unsigned(0, 3)),
    9: setting('trust_centre_address', octets(8)),
    10: setting('link_key', octets(16), { access: writable }),
    11: setting('network_key', octets(16), { access: writable }),
    12: setting('use_insecure_join', boolean),
  },
  methods: {},
  recalled: 'widths',
};
