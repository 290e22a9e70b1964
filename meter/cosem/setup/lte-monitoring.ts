/** LTE monitoring, class 151 (Blue Book 4.7.9): timers and radio quality of an LTE modem. */
import { doubleLongUnsigned, enumerationTo, integer, longUnsigned, structure } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { reported, type WithSettings } from '../settings.ts';

export const lteMonitoring: InterfaceClass<WithSettings> = {
  classId: 151,
  version: 1,
  name: 'LTE monitoring',
  section: '4.7.9',
  attributes: {
    2: reported(
      'LTE_network_parameters',
      structure({
        T3402: longUnsigned(),
        T3412: longUnsigned(),
        T3412ext2: doubleLongUnsigned(),
        T3324: longUnsigned(),
        TeDRX: doubleLongUnsigned(),
        TPTW: longUnsigned(),
        qRxlevMin: integer(),
        qRxlevMinCE: integer(),
        qRxLevMinCE1: integer(),
      }),
    ),
    3: reported(
      'LTE_quality_of_service',
      structure({ RSRQ: integer(), RSRP: integer(), SNR: integer(), CE_level: enumerationTo(255) }),
    ),
  },
  methods: {},
  recalled: 'names of the fields',
};
