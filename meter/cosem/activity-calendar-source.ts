/** The calendars of a meter: the active one out of its tariff until another is activated, the passive one as clients wrote it. */
import { fromHex, toHex } from '@wattline/base';
import { type TariffCalendar, tariffCalendar } from '../tariff/tariff-calendar.ts';
import { type ActivityCalendarSource, type CalendarTables, rateScripts } from './activity-calendar.ts';
import type { MeterView } from './cosem-object.ts';
import { notSpecified } from './data-type.ts';

const seasonName = new Uint8Array(Buffer.from('S1'));
const weekName = new Uint8Array(Buffer.from('W1'));
const dayIdOf = (index: number) => index + 1;
const empty: CalendarTables = { name: new Uint8Array(0), seasons: [], weeks: [], days: [] };

/** The tables of a tariff in its simple form: one season that begins at any time, one week. */
export function tablesOf({ name, days, week }: TariffCalendar): CalendarTables {
  return {
    name: new Uint8Array(Buffer.from(name, 'utf8')),
    seasons: [{ name: seasonName, start: notSpecified['date-time'], week: weekName }],
    weeks: [{ name: weekName, days: week.map(dayIdOf) }],
    days: days.map((day, index) => ({
      id: dayIdOf(index),
      actions: day.map(({ minuteOfDay, rate }) => ({
        start: Uint8Array.of(Math.floor(minuteOfDay / 60), minuteOfDay % 60, 0, 0),
        script: rateScripts,
        selector: rate,
      })),
    })),
  };
}

/** The calendars as they stand in a meter's memory. */
export function calendarSource(view: MeterView): ActivityCalendarSource {
  const { memory, spec } = view.parts;
  const held = (name: string) => parseTables(memory.read(`calendar/${name}`));
  const hold = (name: string, tables: CalendarTables) => {
    memory.write(`calendar/${name}`, formatTables(tables));
    memory.sync();
  };
  const passive = () => held('passive') ?? empty;
  return {
    get active() {
      return held('active') ?? tablesOf(tariffCalendar(spec.tariff));
    },
    get passive() {
      return passive();
    },
    get activateAt() {
      const text = memory.read('calendar/activate-at');
      return text === undefined ? notSpecified['date-time'] : fromHex(text);
    },
    setPassive(change) {
      hold('passive', { ...passive(), ...change });
      return 'success';
    },
    setActivateAt(octets) {
      memory.write('calendar/activate-at', toHex(octets));
      memory.sync();
      return 'success';
    },
    activatePassive() {
      const next = passive();
      if (!isCalendar(next)) return 'other-reason';
      hold('active', next);
      return 'success';
    },
  };
}

/** Whether each season names a week that is there and each week days that are there. */
export function isCalendar({ seasons, weeks, days }: CalendarTables): boolean {
  const weekNames = new Set(weeks.map(({ name }) => toHex(name)));
  const dayIds = new Set(days.map(({ id }) => id));
  return (
    seasons.length > 0 &&
    seasons.every(({ week }) => weekNames.has(toHex(week))) &&
    weeks.every((week) => week.days.every((id) => dayIds.has(id)))
  );
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
