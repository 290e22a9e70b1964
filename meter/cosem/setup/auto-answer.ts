/** Auto answer, class 28 (Blue Book 4.7.5): when and whose calls the modem answers. */
import { arrayOf, dateTime, enumerationTo, octets, structure, unsigned } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { reported, setting, type WithSettings } from '../settings.ts';

export const autoAnswer: InterfaceClass<WithSettings> = {
  classId: 28,
  version: 2,
  name: 'Auto answer',
  section: '4.7.5',
  attributes: {
    2: setting('mode', enumerationTo(2)),
    3: setting('listening_window', arrayOf(structure({ start_time: dateTime, end_time: dateTime }))),
    4: reported('status', enumerationTo(2)),
    5: setting('number_of_calls', unsigned()),
    6: setting(
      'number_of_rings',
      structure({ nr_rings_in_window: unsigned(), nr_rings_out_of_window: unsigned() }),
    ),
    7: setting(
      'list_of_allowed_callers',
      arrayOf(structure({ caller_id: octets(), call_type: enumerationTo(2) })),
    ),
  },
  methods: {},
};
