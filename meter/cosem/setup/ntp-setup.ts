/** NTP setup, class 100 (Blue Book 4.9.7): the server of time. */

import type { ActionOutcome, Data } from '@wattline/protocols/dlms';
import {
  arrayOf,
  boolean,
  dataOf,
  doubleLongUnsigned,
  enumerationTo,
  longUnsigned,
  octets,
  structure,
} from '../data-type.ts';
import { elementsIn, numberIn } from '../fields.ts';
import { type InterfaceClass, managed, writable } from '../interface-class.ts';
import { adding, setting, settingOf, unavailable, type WithSettings } from '../settings.ts';

const keys = arrayOf(structure({ key_id: doubleLongUnsigned(), key: octets() }), 16);

export const ntpSetup: InterfaceClass<WithSettings> = {
  classId: 100,
  version: 0,
  name: 'NTP setup',
  section: '4.9.7',
  attributes: {
    2: setting('activated', boolean),
    3: setting('server_address', octets()),
    4: setting('server_port', longUnsigned(), { initial: dataOf.number('long-unsigned', 123) }),
    5: setting('authentication_method', enumerationTo(2)),
    6: setting('authentication_keys', keys, { access: writable }),
    7: setting('client_key', octets(), { access: writable }),
  },
  methods: {
    1: unavailable('synchronize'),
    2: adding('add_authentication_key', 6, keys),
    3: {
      name: 'delete_authentication_key',
      clients: managed,
      parameter: doubleLongUnsigned(),
      invoke: deleteKey,
    },
  },
  declaredOnly: 'synchronize: no server of time is asked',
};

function deleteKey({ settings }: WithSettings, id: Data | undefined): ActionOutcome {
  const held = elementsIn(settingOf(settings, 6, keys));
  const others = held.filter((key) => numberIn(elementsIn(key)[0]) !== numberIn(id));
  if (others.length === held.length) return { result: 'object-undefined' };
  settings.write(6, { type: 'array', value: others });
  return { result: 'success' };
}
