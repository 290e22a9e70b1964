/** ZigBee SAS APS fragmentation, class 103 (Blue Book 4.15.4): windows of fragments. */
import { longUnsigned } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { setting, type WithSettings } from '../settings.ts';

export const zigbeeSasApsFragmentation: InterfaceClass<WithSettings> = {
  classId: 103,
  version: 0,
  name: 'ZigBee SAS APS fragmentation',
  section: '4.15.4',
  attributes: {
    2: setting('APS_interframe_delay', longUnsigned()),
    3: setting('APS_max_window_size', longUnsigned()),
  },
  methods: {},
  recalled: 'widths',
};
