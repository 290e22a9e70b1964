/** S-FSK Reporting system list, class 56 (Blue Book 4.10.8): systems that reported themselves to a discovery. */
import { arrayOf, octets } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { reported, type WithSettings } from '../settings.ts';

export const sFskReportingSystemList: InterfaceClass<WithSettings> = {
  classId: 56,
  version: 0,
  name: 'S-FSK Reporting system list',
  section: '4.10.8',
  attributes: {
    2: reported('reporting_system_list', arrayOf(octets(0, 8))),
  },
  methods: {},
};
