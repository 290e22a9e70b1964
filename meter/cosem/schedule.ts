/** Schedule, class 10 (Blue Book 4.5.3): scripts by time of day, weekday and special day. */
import type { ActionOutcome, Data } from '@wattline/protocols/dlms';
import type { MeterClock } from '../clock/clock.ts';
import { arrayOf, bits, boolean, date, logicalName, longUnsigned, structure, time } from './data-type.ts';
import { elementsIn, numberIn, obisIn, octetsIn } from './fields.ts';
import { type InterfaceClass, managed, type Passed } from './interface-class.ts';
import { type Settings, setting, settingOf, type WithSettings } from './settings.ts';
import { instantsIn, type WallFields, wallFieldsAt } from './wall-time.ts';

/** The schedule behind the object. */
export interface ScheduleSource extends WithSettings {
  readonly clock: MeterClock;
  /** day_id of a day in the special days table; undefined for any other. */
  specialDayOn(on: WallFields): number | undefined;
  runScript(obis: string, selector: number): void;
}

const entriesAttribute = 2;
const mostEntries = 64;
const specialDays = 16;
const entry = structure({
  index: longUnsigned(),
  enable: boolean,
  script_logical_name: logicalName,
  script_selector: longUnsigned(),
  switch_time: time,
  validity_window: longUnsigned(),
  exec_weekdays: bits(7),
  exec_specdays: { kind: 'bit-string', least: 0, most: specialDays },
  begin_date: date,
  end_date: date,
});
const entryList = arrayOf(entry, mostEntries);

export const schedule: InterfaceClass<ScheduleSource> = {
  classId: 10,
  version: 0,
  name: 'Schedule',
  section: '4.5.3',
  attributes: { 2: setting('entries', entryList) },
  methods: {
    1: {
      name: 'enable/disable',
      clients: managed,
      parameter: structure({
        firstIndexA: longUnsigned(),
        lastIndexA: longUnsigned(),
        firstIndexB: longUnsigned(),
        lastIndexB: longUnsigned(),
      }),
      invoke: enable,
    },
    2: { name: 'insert', clients: managed, parameter: entry, invoke: insert },
    3: {
      name: 'delete',
      clients: managed,
      parameter: structure({ firstIndex: longUnsigned(), lastIndex: longUnsigned() }),
      invoke: remove,
    },
  },
  pass,
  due: (source, passed) => dueEntries(source, passed).map(({ atMs }) => atMs),
};

const entriesIn = (settings: Settings) => elementsIn(settingOf(settings, entriesAttribute, entryList));
const indexOf = (one: Data | undefined) => numberIn(elementsIn(one)[0]);
const hold = (settings: Settings, value: readonly Data[]): ActionOutcome => {
  settings.write(entriesAttribute, { type: 'array', value });
  return { result: 'success' };
};

/** Entries of range A are disabled, then those of range B enabled; index 0 begins no range. */
function enable({ settings }: ScheduleSource, parameter: Data | undefined): ActionOutcome {
  const [firstA = 0, lastA = 0, firstB = 0, lastB = 0] = elementsIn(parameter).map(numberIn);
  const isWithin = (index: number, first: number, last: number) =>
    first > 0 && index >= first && index <= last;
  const switched = entriesIn(settings).map((one): Data => {
    const [index, held, ...rest] = elementsIn(one);
    if (!index || !held) return one;
    const number = numberIn(index);
    const isOn =
      isWithin(number, firstB, lastB) ||
      (!isWithin(number, firstA, lastA) && held.type === 'boolean' && held.value);
    return { type: 'structure', value: [index, { type: 'boolean', value: isOn }, ...rest] };
  });
  return hold(settings, switched);
}

function insert({ settings }: ScheduleSource, added: Data | undefined): ActionOutcome {
  const others = entriesIn(settings).filter((one) => indexOf(one) !== indexOf(added));
  if (!added || others.length >= mostEntries) return { result: 'other-reason' };
  return hold(settings, [...others, added]);
}

function remove({ settings }: ScheduleSource, parameter: Data | undefined): ActionOutcome {
  const [first = 0, last = 0] = elementsIn(parameter).map(numberIn);
  const entries = entriesIn(settings);
  const others = entries.filter((one) => indexOf(one) < first || indexOf(one) > last);
  return others.length === entries.length ? { result: 'object-undefined' } : hold(settings, others);
}

const anyDate = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff);

function pass(source: ScheduleSource, passed: Passed): void {
  for (const { script, selector } of dueEntries(source, passed))
    source.runScript(obisIn(script), numberIn(selector));
}

/** Entries that are due within a stretch, with their instants. */
function dueEntries(source: ScheduleSource, passed: Passed) {
  return entriesIn(source.settings)
    .map(elementsIn)
    .flatMap((fields) => {
      const [, enabled, script, selector, at] = fields;
      if (enabled?.type !== 'boolean' || !enabled.value) return [];
      return instantsIn(source.clock, passed, { time: octetsIn(at), date: anyDate })
        .filter((atMs) => isDue(source, fields, atMs))
        .map((atMs) => ({ atMs, script, selector }));
    });
}

/** A special day that has a bit in an entry follows its bit; any other day its weekday. */
function isDue(source: ScheduleSource, fields: readonly Data[], atMs: number): boolean {
  const [, , , , , , weekdays, special, begin, end] = fields;
  const on = wallFieldsAt(source.clock, atMs);
  if (!isBetween(on, octetsIn(begin), octetsIn(end))) return false;
  const specialDay = source.specialDayOn(on);
  const hasBit =
    specialDay !== undefined &&
    special?.type === 'bit-string' &&
    special.bits >= specialDay &&
    specialDay > 0;
  return hasBit ? bitOf(special, specialDay - 1) : bitOf(weekdays, on.weekday - 1);
}

function bitOf(value: Data | undefined, index: number): boolean {
  return (((octetsIn(value)[index >> 3] ?? 0) >> (7 - (index & 7))) & 1) === 1;
}

/** Dates are compared as numbers; an open field of either end does not bound. */
function isBetween(on: WallFields, begin: Uint8Array, end: Uint8Array): boolean {
  const number = (year: number, month: number, day: number) => (year * 100 + month) * 100 + day;
  const own = number(on.year, on.month, on.day);
  const bound = (octets: Uint8Array, otherwise: number) => {
    const [high = 0xff, low = 0xff, month = 0xff, day = 0xff] = octets;
    const year = (high << 8) | low;
    return year === 0xffff || month === 0xff || day === 0xff ? otherwise : number(year, month, day);
  };
  return own >= bound(begin, 0) && own <= bound(end, Number.POSITIVE_INFINITY);
}
