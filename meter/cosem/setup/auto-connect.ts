/** Auto connect, class 29 (Blue Book 4.7.6): when and where to the meter calls out. */
import {
  arrayOf,
  choice,
  dateTime,
  enumeration,
  longUnsigned,
  octets,
  structure,
  unsigned,
} from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { setting, unavailable, type WithSettings } from '../settings.ts';

export const autoConnect: InterfaceClass<WithSettings> = {
  classId: 29,
  version: 2,
  name: 'Auto connect',
  section: '4.7.6',
  attributes: {
    2: setting('mode', choice(enumeration(0, 1, 2, 3, 4), enumeration(101, 102, 103, 104))),
    3: setting('repetitions', unsigned()),
    4: setting('repetition_delay', longUnsigned()),
    5: setting('calling_window', arrayOf(structure({ start_time: dateTime, end_time: dateTime }))),
    6: setting('destination_list', arrayOf(octets())),
  },
  methods: {
    1: unavailable('connect'),
  },
  declaredOnly: 'connect: the meter has no modem to call out with',
};
