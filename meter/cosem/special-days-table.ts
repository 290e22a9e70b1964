/** Special days table, class 11 (Blue Book 4.5.4): dates that have a day profile or a bit of schedules of their own. */
import type { ActionOutcome, Data } from '@wattline/protocols/dlms';
import type { SpecialDay } from '../tariff/tariff-tables.ts';
import { arrayOf, date, longUnsigned, structure, unsigned } from './data-type.ts';
import { elementsIn, numberIn, octetsIn } from './fields.ts';
import { type InterfaceClass, managed } from './interface-class.ts';
import { type Settings, setting, settingOf, type WithSettings } from './settings.ts';
import { isDateOn, type WallFields } from './wall-time.ts';

const entriesAttribute = 2;
const entry = structure({ index: longUnsigned(), specialday_date: date, day_id: unsigned() });
const mostEntries = 128;
const entryList = arrayOf(entry, mostEntries);

export const specialDaysTable: InterfaceClass<WithSettings> = {
  classId: 11,
  version: 0,
  name: 'Special days table',
  section: '4.5.4',
  attributes: { 2: setting('entries', entryList) },
  methods: {
    1: { name: 'insert', clients: managed, parameter: entry, invoke: insert },
    2: {
      name: 'delete',
      clients: managed,
      parameter: longUnsigned(),
      invoke: ({ settings }, index) => remove(settings, numberIn(index)),
    },
  },
};

const entriesIn = (settings: Settings) => elementsIn(settingOf(settings, entriesAttribute, entryList));
const indexOf = (one: Data | undefined) => numberIn(elementsIn(one)[0]);

/** An entry with the same index is replaced. */
function insert({ settings }: WithSettings, added: Data | undefined): ActionOutcome {
  const others = entriesIn(settings).filter((one) => indexOf(one) !== indexOf(added));
  if (!added || others.length >= mostEntries) return { result: 'other-reason' };
  settings.write(entriesAttribute, { type: 'array', value: [...others, added] });
  return { result: 'success' };
}

function remove(settings: Settings, index: number): ActionOutcome {
  const entries = entriesIn(settings);
  const others = entries.filter((one) => indexOf(one) !== index);
  if (others.length === entries.length) return { result: 'object-undefined' };
  settings.write(entriesAttribute, { type: 'array', value: others });
  return { result: 'success' };
}

/** The day_id of a day that is special; undefined for any other. */
export function specialDayOn(settings: Settings, on: WallFields): number | undefined {
  const found = entriesIn(settings)
    .map(elementsIn)
    .find(([, day]) => isDateOn(octetsIn(day), on));
  return found && numberIn(found[2]);
}

/** The entries as the tariff knows them; fields left open are left out. */
export function listedSpecialDays(settings: Settings): SpecialDay[] {
  return entriesIn(settings).map((one) => {
    const [, day, dayId] = elementsIn(one);
    const [high = open, low = open, month = open, dayOfMonth = open, weekday = open] = octetsIn(day);
    const year = (high << 8) | low;
    return {
      ...(year === 0xffff ? {} : { year }),
      ...(month === open ? {} : { month }),
      ...(dayOfMonth === open ? {} : { day: dayOfMonth }),
      ...(weekday === open ? {} : { weekday }),
      dayId: numberIn(dayId),
    };
  });
}

const open = 0xff;
