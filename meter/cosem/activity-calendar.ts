/** Activity calendar, class 20 (Blue Book 4.5.5): season, week and day tables that switch the rates; read-only, no passive calendar. */
import type { TariffCalendar } from '../tariff/tariff-calendar.ts';
import { type InterfaceClass, type ReadContext, readable } from './interface-class.ts';

/** Tariffication script table whose script number is the rate. */
const rateScripts = '0.0.10.0.100.255';
const seasonName = Buffer.from('S1');
const weekName = Buffer.from('W1');
/** A season that begins at any time: every field unspecified. */
const anyTime = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x80, 0, 0xff);
const dayIdOf = (index: number) => index + 1;

const passiveTable = {
  access: readable,
  read: (_: TariffCalendar, { writer }: ReadContext) => void writer.array(0),
};

export const activityCalendar: InterfaceClass<TariffCalendar> = {
  classId: 20,
  version: 0,
  name: 'Activity calendar',
  section: '4.5.5',
  attributes: {
    2: {
      name: 'calendar_name_active',
      access: readable,
      read: ({ name }, { writer }) => void writer.octetString(Buffer.from(name, 'utf8')),
    },
    3: {
      name: 'season_profile_active',
      access: readable,
      read: (_, { writer }) =>
        void writer.array(1).structure(3).octetString(seasonName).octetString(anyTime).octetString(weekName),
    },
    4: {
      name: 'week_profile_table_active',
      access: readable,
      read({ week }, { writer }) {
        writer.array(1).structure(8).octetString(weekName);
        for (const day of week) writer.unsigned(dayIdOf(day));
      },
    },
    5: { name: 'day_profile_table_active', access: readable, read: writeDays },
    6: {
      name: 'calendar_name_passive',
      access: readable,
      read: (_, { writer }) => void writer.octetString(new Uint8Array(0)),
    },
    7: { name: 'season_profile_passive', ...passiveTable },
    8: { name: 'week_profile_table_passive', ...passiveTable },
    9: { name: 'day_profile_table_passive', ...passiveTable },
    10: {
      name: 'activate_passive_calendar_time',
      access: readable,
      read: (_, { writer }) => void writer.octetString(anyTime),
    },
  },
  methods: { 1: { name: 'activate_passive_calendar', clients: [] } },
};

function writeDays({ days }: TariffCalendar, { writer }: ReadContext): undefined {
  writer.array(days.length);
  days.forEach((day, index) => {
    writer.structure(2).unsigned(dayIdOf(index)).array(day.length);
    for (const { minuteOfDay, rate } of day) {
      const start = Uint8Array.of(Math.floor(minuteOfDay / 60), minuteOfDay % 60, 0, 0);
      writer.structure(3).octetString(start).obis(rateScripts).longUnsigned(rate);
    }
  });
}
