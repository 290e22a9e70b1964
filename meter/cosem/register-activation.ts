/**
 * Register activation, class 6 (Blue Book 4.3.5): which registers belong to which tariff, by masks. While a mask is active, the registers that
 * are assigned and not in it stand still. Every watt-hour of the total goes to one rate: a mask that leaves more or fewer to count, or stops
 * a total, is refused.
 */
import type { ActionOutcome, Data, DataAccessResult } from '@wattline/protocols/dlms';
import { arrayOf, logicalName, longUnsigned, octets, structure, unsigned } from './data-type.ts';
import { elementsIn, numberIn, obisIn, octetsIn } from './fields.ts';
import { type Attribute, type InterfaceClass, managed, settable } from './interface-class.ts';
import { changeList, type Settings, setting, settingOf, type WithSettings } from './settings.ts';

/** The registers behind the masks. */
export interface RegisterActivationSource extends WithSettings {
  /** Rates that have a register, from 1. */
  readonly rateCount: number;
  /** The one rate that counts from now on; undefined gives it back to the activity calendar. */
  maskTo(rate: number | undefined): DataAccessResult;
}

const maskName = octets(0, 16);
const assignments = arrayOf(structure({ class_id: longUnsigned(), logical_name: logicalName }));
const mask = structure({ mask_name: maskName, index_list: arrayOf(unsigned()) });
const masks = arrayOf(mask, 32);
const attribute = { assignment: 2, masks: 3, active: 4 } as const;

export const registerActivation: InterfaceClass<RegisterActivationSource> = {
  classId: 6,
  version: 0,
  name: 'Register activation',
  section: '4.3.5',
  attributes: {
    2: whileInactive(setting('register_assignment', assignments)),
    3: whileInactive(setting('mask_list', masks)),
    4: {
      ...setting('active_mask', maskName),
      access: settable,
      // A mask that is not in the list cannot be active; no name means that none is.
      write(source, value) {
        const { settings } = source;
        const name = octetsIn(value);
        const found = name.length > 0 ? maskOf(settings, name) : undefined;
        if (name.length > 0 && !found) return 'other-reason';
        const rate = found && rateLeftBy(source, found);
        if (rate === 'refused') return 'other-reason';
        const result = source.maskTo(rate);
        if (result === 'success') settings.write(attribute.active, value);
        return result;
      },
    },
  },
  methods: {
    1: {
      name: 'add_register',
      clients: managed,
      parameter: assignments.of,
      invoke(source, element) {
        if (isActive(source)) return { result: 'other-reason' };
        const { settings } = source;
        return changeList(settings, {
          attribute: attribute.assignment,
          list: assignments,
          element,
          isAdded: true,
        });
      },
    },
    2: { name: 'add_mask', clients: managed, parameter: mask, invoke: addMask },
    3: { name: 'delete_mask', clients: managed, parameter: maskName, invoke: deleteMask },
  },
};

/** What a mask rests on does not change while one is active. */
function whileInactive(held: Attribute<WithSettings>): Attribute<RegisterActivationSource> {
  return {
    ...held,
    write: (source, value, context) =>
      isActive(source) ? 'other-reason' : (held.write?.(source, value, context) ?? 'read-write-denied'),
  };
}

const activeName = ({ settings }: WithSettings) => octetsIn(settingOf(settings, attribute.active, maskName));
const isActive = (source: WithSettings) => activeName(source).length > 0;

/** Energy registers by OBIS: totals (rate 0) and rates. */
const energyRegister = /^1\.0\.(?:[1256789]|10)\.8\.(\d+)\.255$/;

/** The rate that a mask leaves to count; undefined when it stops none, `refused` when the rates could not sum to the total. */
function rateLeftBy(
  { settings, rateCount }: RegisterActivationSource,
  found: Data,
): number | undefined | 'refused' {
  const indices = new Set(elementsIn(elementsIn(found)[1]).map(numberIn));
  const assigned = elementsIn(settingOf(settings, attribute.assignment, assignments));
  const stopped = assigned.filter((_, index) => !indices.has(index + 1));
  const stoppedBy = new Map<string, Set<number>>();
  for (const one of stopped) {
    const obis = obisIn(elementsIn(one)[1]);
    const rate = energyRegister.exec(obis)?.[1];
    if (rate === undefined) continue;
    if (rate === '0') return 'refused';
    const energy = obis.slice(0, obis.lastIndexOf('.8.'));
    stoppedBy.set(energy, (stoppedBy.get(energy) ?? new Set()).add(Number(rate)));
  }
  const left = [...stoppedBy.values()].map((rates) =>
    Array.from({ length: rateCount }, (_, index) => index + 1).filter((rate) => !rates.has(rate)),
  );
  const [first] = left;
  if (!first) return undefined;
  const isAgreed = left.every((rates) => rates.length === 1 && rates[0] === first[0]);
  return isAgreed ? first[0] : 'refused';
}

const nameOf = (one: Data | undefined) => Buffer.from(octetsIn(elementsIn(one)[0]));
const masksIn = (settings: Settings) => elementsIn(settingOf(settings, attribute.masks, masks));
const maskOf = (settings: Settings, name: Uint8Array) =>
  masksIn(settings).find((one) => nameOf(one).equals(name));

/** A mask of the same name is replaced, unless it is active. */
function addMask(source: WithSettings, added: Data | undefined): ActionOutcome {
  const { settings } = source;
  if (Buffer.from(activeName(source)).equals(nameOf(added)) && isActive(source))
    return { result: 'other-reason' };
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
  if (Buffer.from(activeName({ settings })).equals(octetsIn(name))) return { result: 'other-reason' };
  settings.write(attribute.masks, { type: 'array', value: others });
  return { result: 'success' };
}
