/** Activity calendar, class 20 (Blue Book 4.5.5): season, week and day tables that switch the rates, active and passive. */
import type { ActionOutcome, AxdrWriter, Data, DataAccessResult } from '@wattline/protocols/dlms';
import {
  arrayOf,
  dateTime,
  logicalName,
  longUnsigned,
  octets,
  structure,
  time,
  trigger,
  unsigned,
} from './data-type.ts';
import { numberIn, obisIn, octetsIn, rowsIn } from './fields.ts';
import { type Attribute, type InterfaceClass, managed, readable, settable } from './interface-class.ts';

/** A season: from `start` on (12 octets, fields may be unspecified) the week `week` runs. */
export interface Season {
  readonly name: Uint8Array;
  readonly start: Uint8Array;
  readonly week: Uint8Array;
}

/** A week: the day_id of each weekday, Monday first. */
export interface Week {
  readonly name: Uint8Array;
  readonly days: readonly number[];
}

/** A day: at `start` (4 octets) the script `selector` of `script` runs. */
export interface Day {
  readonly id: number;
  readonly actions: readonly {
    readonly start: Uint8Array;
    readonly script: string;
    readonly selector: number;
  }[];
}

/** The four tables of a calendar. */
export interface CalendarTables {
  readonly name: Uint8Array;
  readonly seasons: readonly Season[];
  readonly weeks: readonly Week[];
  readonly days: readonly Day[];
}

/** The calendars behind the object; the active one changes only by activation. */
export interface ActivityCalendarSource {
  readonly active: CalendarTables;
  readonly passive: CalendarTables;
  /** activate_passive_calendar_time, 12 octets. */
  readonly activateAt: Uint8Array;
  /** Replaces the tables named; `other-reason` for tables that make no calendar. */
  setPassive(change: Partial<CalendarTables>): DataAccessResult;
  setActivateAt(octets: Uint8Array): DataAccessResult;
  /** The passive calendar becomes the active one. */
  activatePassive(): ActionOutcome['result'];
}

/** Tariffication script table whose script number is the rate. */
export const rateScripts = '0.0.10.0.100.255';

const longestName = 32;
const seasonTable = arrayOf(
  structure({
    season_profile_name: octets(0, longestName),
    season_start: dateTime,
    week_name: octets(0, longestName),
  }),
);
const weekTable = arrayOf(
  structure({
    week_profile_name: octets(0, longestName),
    monday: unsigned(),
    tuesday: unsigned(),
    wednesday: unsigned(),
    thursday: unsigned(),
    friday: unsigned(),
    saturday: unsigned(),
    sunday: unsigned(),
  }),
);
const dayTable = arrayOf(
  structure({
    day_id: unsigned(),
    day_schedule: arrayOf(
      structure({ start_time: time, script_logical_name: logicalName, script_selector: longUnsigned() }),
    ),
  }),
);

type Which = 'active' | 'passive';
/** An attribute of either calendar; the passive one can be set. */
function table(
  which: Which,
  of: {
    readonly name: string;
    readonly type: Attribute<ActivityCalendarSource>['type'];
    readonly write: (writer: AxdrWriter, tables: CalendarTables) => unknown;
    readonly parse: (value: Data) => Partial<CalendarTables>;
  },
): Attribute<ActivityCalendarSource> {
  return {
    name: `${of.name}_${which}`,
    type: of.type,
    access: which === 'passive' ? settable : readable,
    read: (source, { writer }) => void of.write(writer, source[which]),
    ...(which === 'passive' ? { write: (source, value) => source.setPassive(of.parse(value)) } : {}),
  };
}

const name = {
  name: 'calendar_name',
  type: octets(0, longestName),
  write: (writer: AxdrWriter, tables: CalendarTables) => writer.octetString(tables.name),
  parse: (value: Data) => ({ name: octetsIn(value) }),
};
const seasons = {
  name: 'season_profile',
  type: seasonTable,
  write(writer: AxdrWriter, tables: CalendarTables) {
    writer.array(tables.seasons.length);
    for (const one of tables.seasons) {
      writer.structure(3).octetString(one.name).octetString(one.start).octetString(one.week);
    }
  },
  parse: (value: Data) => ({
    seasons: rowsIn(value).map(([first, start, week]) => ({
      name: octetsIn(first),
      start: octetsIn(start),
      week: octetsIn(week),
    })),
  }),
};
const weeks = {
  name: 'week_profile_table',
  type: weekTable,
  write(writer: AxdrWriter, tables: CalendarTables) {
    writer.array(tables.weeks.length);
    for (const week of tables.weeks) {
      writer.structure(8).octetString(week.name);
      for (const day of week.days) writer.unsigned(day);
    }
  },
  parse: (value: Data) => ({
    weeks: rowsIn(value).map(([first, ...days]) => ({ name: octetsIn(first), days: days.map(numberIn) })),
  }),
};
const days = {
  name: 'day_profile_table',
  type: dayTable,
  write(writer: AxdrWriter, tables: CalendarTables) {
    writer.array(tables.days.length);
    for (const { id, actions } of tables.days) {
      writer.structure(2).unsigned(id).array(actions.length);
      for (const { start, script, selector } of actions) {
        writer.structure(3).octetString(start).obis(script).longUnsigned(selector);
      }
    }
  },
  parse: (value: Data) => ({
    days: rowsIn(value).map(([id, schedule]) => ({
      id: numberIn(id),
      actions: rowsIn(schedule).map(([start, script, selector]) => ({
        start: octetsIn(start),
        script: obisIn(script),
        selector: numberIn(selector),
      })),
    })),
  }),
};

export const activityCalendar: InterfaceClass<ActivityCalendarSource> = {
  classId: 20,
  version: 0,
  name: 'Activity calendar',
  section: '4.5.5',
  attributes: {
    2: table('active', name),
    3: table('active', seasons),
    4: table('active', weeks),
    5: table('active', days),
    6: table('passive', name),
    7: table('passive', seasons),
    8: table('passive', weeks),
    9: table('passive', days),
    10: {
      name: 'activate_passive_calendar_time',
      type: dateTime,
      access: settable,
      read: ({ activateAt }, { writer }) => void writer.octetString(activateAt),
      write: (source, value) => source.setActivateAt(octetsIn(value)),
    },
  },
  methods: {
    1: {
      name: 'activate_passive_calendar',
      clients: managed,
      parameter: trigger,
      invoke: (source) => ({ result: source.activatePassive() }),
    },
  },
};
