/** GPRS modem setup, class 45 (Blue Book 4.7.7): access point and quality of service. */
import { longUnsigned, octets, structure, unsigned } from '../data-type.ts';
import type { InterfaceClass } from '../interface-class.ts';
import { setting, type WithSettings } from '../settings.ts';

const qos = structure({
  precedence: unsigned(),
  delay: unsigned(),
  reliability: unsigned(),
  peak_throughput: unsigned(),
  mean_throughput: unsigned(),
});

export const gprsModemSetup: InterfaceClass<WithSettings> = {
  classId: 45,
  version: 0,
  name: 'GPRS modem setup',
  section: '4.7.7',
  attributes: {
    2: setting('APN', octets()),
    3: setting('PIN_code', longUnsigned(0, 9999)),
    4: setting('quality_of_service', structure({ default: qos, requested: qos })),
  },
  methods: {},
};
