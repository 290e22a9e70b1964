/**
 * The calendars of a meter: the active one is what its tariff keeper runs, the passive one as clients wrote it, table by table. Activation
 * is a change of the parameter `tariff`: in the journal, so that a meter that is rebuilt runs the same rates again.
 */
import { fromHex, toHex } from '@wattline/base';
import { encodeDateTime } from '@wattline/protocols/dlms';
import type { Configuration } from '../configuration/configuration.ts';
import { type TariffCalendar, tariffCalendar } from '../tariff/tariff-calendar.ts';
import type { SpecialDay, TariffTables } from '../tariff/tariff-tables.ts';
import { type ActivityCalendarSource, type CalendarTables, rateScripts } from './activity-calendar.ts';
import type { MeterView } from './cosem-object.ts';
import { notSpecified } from './data-type.ts';
import { listedSpecialDays } from './special-days-table.ts';
import { isSpecified } from './wall-time.ts';

const seasonName = new Uint8Array(Buffer.from('S1'));
const weekName = new Uint8Array(Buffer.from('W1'));
const dayIdOf = (index: number) => index + 1;
const empty: CalendarTables = { name: new Uint8Array(0), seasons: [], weeks: [], days: [] };
const specialDaysObis = '0.0.11.0.0.255';

/** The tables of a tariff in its simple form: one season that begins at any time, one week. */
function simpleTables({ name, days, week }: TariffCalendar): CalendarTables {
  return {
    name: new Uint8Array(Buffer.from(name, 'utf8')),
    seasons: [{ name: seasonName, start: notSpecified['date-time'], week: weekName }],
    weeks: [{ name: weekName, days: week.map(dayIdOf) }],
    days: days.map((day, index) => ({ id: dayIdOf(index), actions: day.map(actionOf) })),
  };
}

const actionOf = ({ minuteOfDay, rate }: { readonly minuteOfDay: number; readonly rate: number }) => ({
  start: Uint8Array.of(Math.floor(minuteOfDay / 60), minuteOfDay % 60, 0, 0),
  script: rateScripts,
  selector: rate,
});

/** Names are octets on the wire and texts in the keeper; one octet is one character. */
const textOf = (octets: Uint8Array) => Buffer.from(octets).toString('latin1');
const octetsOf = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const open = 0xff;

function wireTables({ name, seasons, weeks, days }: TariffTables): CalendarTables {
  return {
    name: octetsOf(name),
    seasons: seasons.map((season) => {
      const { year = 0xffff, month = open, day = open } = season.start;
      const start = Uint8Array.of(
        year >> 8,
        year & 0xff,
        month,
        day,
        open,
        open,
        open,
        open,
        open,
        0x80,
        0,
        open,
      );
      return { name: octetsOf(season.name), start, week: octetsOf(season.week) };
    }),
    weeks: weeks.map((week) => ({ name: octetsOf(week.name), days: week.days })),
    days: days.map(({ id, switches }) => ({ id, actions: switches.map(actionOf) })),
  };
}

function keeperTables(tables: CalendarTables, specialDays: readonly SpecialDay[]): TariffTables {
  return {
    name: textOf(tables.name),
    seasons: tables.seasons.map(({ name, start, week }) => {
      const [high = open, low = open, month = open, day = open] = start;
      const year = (high << 8) | low;
      return {
        name: textOf(name),
        start: {
          ...(year === 0xffff ? {} : { year }),
          ...(month === open ? {} : { month }),
          ...(day === open ? {} : { day }),
        },
        week: textOf(week),
      };
    }),
    weeks: tables.weeks.map(({ name, days }) => ({ name: textOf(name), days })),
    days: tables.days.map(({ id, actions }) => ({
      id,
      switches: actions.map(({ start, selector }) => ({
        minuteOfDay: (start[0] ?? 0) * 60 + (start[1] ?? 0),
        rate: selector,
      })),
    })),
    specialDays,
  };
}

/** The calendars of a meter. */
export function calendarSource(view: MeterView): ActivityCalendarSource {
  const { memory, spec, tariff, configuration, clock } = view.parts;
  const passive = () => parseTables(memory.read('calendar/passive')) ?? empty;
  const special = () => listedSpecialDays(view.settingsOf({ classId: 11, obis: specialDaysObis }));
  /** Puts the passive calendar aside until an instant; false when the meter could not run it. */
  const program = (atMs: number): boolean => {
    const value = { tables: keeperTables(passive(), special()), atMs } as unknown;
    const asked = value as Parameters<Configuration['set']>[1];
    return configuration.set('tariff', asked, configuration.by) === undefined;
  };
  return {
    get active() {
      return tariff.active ? wireTables(tariff.active) : simpleTables(tariffCalendar(spec.tariff));
    },
    get passive() {
      return passive();
    },
    get activateAt() {
      const atMs = tariff.waiting?.atMs;
      if (atMs === undefined || atMs === null) return notSpecified['date-time'];
      return encodeDateTime(atMs, clock.zone.stretchAt(atMs).offsetMinutes, clock.status(atMs));
    },
    setPassive(change) {
      memory.write('calendar/passive', formatTables({ ...passive(), ...change }));
      memory.sync();
      return 'success';
    },
    setActivateAt(octets) {
      // A time that is all open is no time: nothing waits for it (Blue Book 4.5.5).
      if (!isSpecified(octets)) return 'success';
      const instant = clock.instantOf(octets);
      return instant.ok && program(instant.value) ? 'success' : 'other-reason';
    },
    activatePassive: () => (program(view.parts.nowMs()) ? 'success' : 'other-reason'),
  };
}

/** Octets stand in the memory as hexadecimal text after a mark. */
const octetMark = 'x:';

function formatTables(tables: CalendarTables): string {
  return JSON.stringify(tables, (_, value: unknown) =>
    value instanceof Uint8Array ? octetMark + toHex(value) : value,
  );
}

function parseTables(text: string | undefined): CalendarTables | undefined {
  if (text === undefined) return undefined;
  return JSON.parse(text, (_, value: unknown) =>
    typeof value === 'string' && value.startsWith(octetMark) ? fromHex(value.slice(octetMark.length)) : value,
  ) as CalendarTables;
}
