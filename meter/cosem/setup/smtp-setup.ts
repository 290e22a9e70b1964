/** SMTP setup, class 46 (Blue Book 4.9.6): the server that takes mail. */
import { dataOf, longUnsigned, octets } from '../data-type.ts';
import { type InterfaceClass, writable } from '../interface-class.ts';
import { setting, type WithSettings } from '../settings.ts';

export const smtpSetup: InterfaceClass<WithSettings> = {
  classId: 46,
  version: 0,
  name: 'SMTP setup',
  section: '4.9.6',
  attributes: {
    2: setting('server_port', longUnsigned(), { initial: dataOf.number('long-unsigned', 25) }),
    3: setting('user_name', octets()),
    4: setting('login_password', octets(), { access: writable }),
    5: setting('server_address', octets()),
    6: setting('sender_address', octets()),
  },
  methods: {},
};
