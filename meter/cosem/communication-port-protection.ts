/** Communication port protection, class 124 (Blue Book 4.4.12): a port that locks itself after failed attempts. */
import { dataOf, doubleLongUnsigned, enumeration, logicalName, longUnsigned, unsigned } from './data-type.ts';
import type { InterfaceClass } from './interface-class.ts';
import { reported, resetting, setting, type WithSettings } from './settings.ts';

const unlocked = 2;

export const communicationPortProtection: InterfaceClass<WithSettings> = {
  classId: 124,
  version: 0,
  name: 'Communication port protection',
  section: '4.4.12',
  attributes: {
    // locked, locked on failed attempts, unlocked.
    2: setting('protection_mode', enumeration(0, 1, 2), { initial: dataOf.number('enum', unlocked) }),
    3: setting('allowed_failed_attempts', longUnsigned()),
    4: setting('initial_lockout_time', doubleLongUnsigned()),
    5: setting('steepness_factor', unsigned(1)),
    6: setting('max_lockout_time', doubleLongUnsigned()),
    7: setting('port_reference', logicalName),
    8: reported('protection_status', enumeration(0, 1, 2)),
    9: reported('failed_attempts', doubleLongUnsigned()),
    10: reported('cumulative_failed_attempts', doubleLongUnsigned()),
  },
  methods: { 1: resetting('reset', [8, 9]) },
  declaredOnly: 'failed attempts are not counted and the port is not locked',
};
