/** Register activation, class 6 (Blue Book 4.3.5): which registers belong to which tariff, by masks. */
import type { ActionOutcome, Data } from '@wattline/protocols/dlms';
import { arrayOf, logicalName, longUnsigned, octets, structure, unsigned } from './data-type.ts';
import { elementsIn, octetsIn } from './fields.ts';
import { type InterfaceClass, managed, settable } from './interface-class.ts';
import { adding, type Settings, setting, settingOf, type WithSettings } from './settings.ts';

const maskName = octets(0, 16);
const assignments = arrayOf(structure({ class_id: longUnsigned(), logical_name: logicalName }));
const mask = structure({ mask_name: maskName, index_list: arrayOf(unsigned()) });
const masks = arrayOf(mask, 32);
const attribute = { masks: 3, active: 4 } as const;

export const registerActivation: InterfaceClass<WithSettings> = {
  classId: 6,
  version: 0,
  name: 'Register activation',
  section: '4.3.5',
  attributes: {
    2: setting('register_assignment', assignments),
    3: setting('mask_list', masks),
    4: {
      ...setting('active_mask', maskName),
      access: settable,
      // A mask that is not in the list cannot be active; no name means that none is.
      write({ settings }, value) {
        const name = octetsIn(value);
        if (name.length > 0 && !maskOf(settings, name)) return 'other-reason';
        settings.write(attribute.active, value);
        return 'success';
      },
    },
  },
  methods: {
    1: adding('add_register', 2, assignments),
    2: { name: 'add_mask', clients: managed, parameter: mask, invoke: addMask },
    3: { name: 'delete_mask', clients: managed, parameter: maskName, invoke: deleteMask },
  },
  declaredOnly: 'the active mask stops no register: the rates of the meter follow its activity calendar',
};

const nameOf = (one: Data | undefined) => Buffer.from(octetsIn(elementsIn(one)[0]));
const masksIn = (settings: Settings) => elementsIn(settingOf(settings, attribute.masks, masks));
const maskOf = (settings: Settings, name: Uint8Array) =>
  masksIn(settings).find((one) => nameOf(one).equals(name));

/** A mask of the same name is replaced. */
function addMask({ settings }: WithSettings, added: Data | undefined): ActionOutcome {
  const others = masksIn(settings).filter((one) => !nameOf(one).equals(nameOf(added)));
  if (!added || others.length >= masks.most) return { result: 'other-reason' };
  settings.write(attribute.masks, { type: 'array', value: [...others, added] });
  return { result: 'success' };
}

/** The active mask is not deleted. */
function deleteMask({ settings }: WithSettings, name: Data | undefined): ActionOutcome {
  const held = masksIn(settings);
  const others = held.filter((one) => !nameOf(one).equals(octetsIn(name)));
  if (others.length === held.length) return { result: 'object-undefined' };
  const active = octetsIn(settingOf(settings, attribute.active, maskName));
  if (Buffer.from(active).equals(octetsIn(name))) return { result: 'other-reason' };
  settings.write(attribute.masks, { type: 'array', value: others });
  return { result: 'success' };
}
