/** IEC 62055-41 attributes, class 116 (Blue Book 4.6.6): what an STS meter says of its keys; tokens name it by these. */
import { arrayOf, doubleLongUnsigned, structure, unsigned, utf8Text } from './data-type.ts';
import type { InterfaceClass } from './interface-class.ts';
import { setting, type WithSettings } from './settings.ts';

export const iec6205541Attributes: InterfaceClass<WithSettings> = {
  classId: 116,
  version: 0,
  name: 'IEC 62055-41 attributes',
  section: '4.6.6',
  attributes: {
    2: setting(
      'meterPAN',
      structure({ iin: doubleLongUnsigned(), iain: { kind: 'long64-unsigned' }, check: unsigned(0, 9) }),
    ),
    3: setting('commodity', utf8Text(16)),
    4: setting('token_carrier_types', arrayOf(unsigned(), 8)),
    5: setting('encryption_algorithm', unsigned()),
    6: setting('supply_group_code', doubleLongUnsigned(0, 999_999)),
    7: setting('tariff_index', unsigned(0, 99)),
    8: setting('key_revision_number', unsigned(0, 9)),
    9: setting('key_type', unsigned(0, 3)),
    10: setting('key_expiry_number', unsigned()),
    11: setting('kct_supported', unsigned()),
    12: setting('sts_certificate', utf8Text()),
  },
  methods: {},
  recalled: 'types of attributes 2 and 4',
};
