/** TCP-UDP setup, class 41 (Blue Book 4.9.1): the port on which the meter listens. */
import { dataOf, logicalName, longUnsigned, unsigned } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { setting, type WithSettings } from '../settings.ts';

export const tcpUdpSetup: InterfaceClass<WithSettings> = {
  classId: 41,
  version: 0,
  name: 'TCP-UDP setup',
  section: '4.9.1',
  attributes: {
    2: setting('TCP-UDP_port', longUnsigned(), { initial: dataOf.number('long-unsigned', 4059) }),
    3: setting('IP_reference', logicalName),
    4: setting('MSS', longUnsigned(40, 65_535), { initial: dataOf.number('long-unsigned', 576) }),
    5: setting('nb_of_sim_conn', unsigned(1)),
    6: setting('inactivity_time_out', longUnsigned(), { initial: dataOf.number('long-unsigned', 180) }),
  },
  methods: {},
};
