/** M-Bus master port setup, class 74 (Blue Book 4.8.5): the M-Bus port on which the meter asks. */
import { dataOf, enumerationTo } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { setting, type WithSettings } from '../settings.ts';

export const mBusMasterPortSetup: InterfaceClass<WithSettings> = {
  classId: 74,
  version: 0,
  name: 'M-Bus master port setup',
  section: '4.8.5',
  attributes: {
    2: setting('comm_speed', enumerationTo(9), { initial: dataOf.number('enum', 3) }),
  },
  methods: {},
};
