/** S-FSK MAC synchronization timeouts, class 52 (Blue Book 4.10.5): when the meter gives its synchronisation up. */
import { longUnsigned } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { setting, type WithSettings } from '../settings.ts';

export const sFskMacSynchronizationTimeouts: InterfaceClass<WithSettings> = {
  classId: 52,
  version: 0,
  name: 'S-FSK MAC synchronization timeouts',
  section: '4.10.5',
  attributes: {
    2: setting('search_initiator_time_out', longUnsigned(0, 600)),
    3: setting('synchronization_confirmation_time_out', longUnsigned()),
    4: setting('time_out_not_addressed', longUnsigned()),
    5: setting('time_out_frame_not_OK', longUnsigned()),
  },
  methods: {},
};
