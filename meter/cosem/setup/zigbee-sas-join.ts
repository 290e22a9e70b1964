/** ZigBee SAS join, class 102 (Blue Book 4.15.3): how often joining is tried. */
import { longUnsigned, unsigned } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { setting, type WithSettings } from '../settings.ts';

export const zigbeeSasJoin: InterfaceClass<WithSettings> = {
  classId: 102,
  version: 0,
  name: 'ZigBee SAS join',
  section: '4.15.3',
  attributes: {
    2: setting('scan_attempts', unsigned()),
    3: setting('time_between_scans', longUnsigned()),
    4: setting('rejoin_interval', longUnsigned()),
    5: setting('rejoin_retry_interval', longUnsigned()),
  },
  methods: {},
  recalled: 'widths',
};
