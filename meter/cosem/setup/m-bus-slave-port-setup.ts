/** M-Bus slave port setup, class 25 (Blue Book 4.8.2): a wired M-Bus port on which the meter answers. */
import { enumerationTo, unsigned } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { setting, type WithSettings } from '../settings.ts';

export const mBusSlavePortSetup: InterfaceClass<WithSettings> = {
  classId: 25,
  version: 0,
  name: 'M-Bus slave port setup',
  section: '4.8.2',
  attributes: {
    2: setting('default_baud', enumerationTo(9)),
    3: setting('avail_baud', enumerationTo(9)),
    4: setting('addr_state', enumerationTo(1)),
    5: setting('bus_address', unsigned(0, 250)),
  },
  methods: {},
};
