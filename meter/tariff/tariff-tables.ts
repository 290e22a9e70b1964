/** A tariff as tables (Blue Book 4.5.5, classes 20 and 11): seasons name weeks, weeks name days, days switch rates; special days go first. */
import { failure, type Result, success } from '@wattline/base';
import { calendarFrom, type DaySwitch, type LocalDate, type TariffCalendar } from './tariff-calendar.ts';

/** When a season begins; fields left out are open: any year, any month. */
export interface SeasonStart {
  readonly year?: number;
  readonly month?: number;
  readonly day?: number;
}

/** Dates that have a day of their own; fields left out are open. Weekdays count from Monday, 1. */
export interface SpecialDay {
  readonly year?: number;
  readonly month?: number;
  readonly day?: number;
  readonly weekday?: number;
  readonly dayId: number;
}

/** The tables. */
export interface TariffTables {
  readonly name: string;
  readonly seasons: readonly { readonly name: string; readonly start: SeasonStart; readonly week: string }[];
  /** day_id of each weekday, Monday first. */
  readonly weeks: readonly { readonly name: string; readonly days: readonly number[] }[];
  readonly days: readonly { readonly id: number; readonly switches: readonly DaySwitch[] }[];
  readonly specialDays: readonly SpecialDay[];
}

/** The longest stretch of days without a switch that is looked back through. */
const mostDaysBack = 366;

/**
 * The calendar that the tables make in a zone, for a meter with registers for `rateCount` rates.
 * Fails with `meter/bad-tariff` when a season names a week that is not there, a week or a special day a day, or a day a rate.
 */
export function compileTariff(
  tables: TariffTables,
  { zone, rateCount }: { readonly zone: string; readonly rateCount: number },
): Result<TariffCalendar> {
  const wrong = findWrong(tables, rateCount);
  if (wrong) return failure('meter/bad-tariff', wrong, { tariff: tables.name });
  const days = new Map(tables.days.map(({ id, switches }) => [id, sorted(switches)]));
  const weeks = new Map(tables.weeks.map((week) => [week.name, week.days]));
  const dayIdOn = (date: LocalDate): number => {
    const special = tables.specialDays.find((one) => isOn(one, date));
    if (special) return special.dayId;
    return (weeks.get(seasonOn(tables.seasons, date)) as readonly number[])[date.weekday - 1] as number;
  };
  const switchesOn = (date: LocalDate) => days.get(dayIdOn(date)) as readonly DaySwitch[];
  const rateBefore = (date: LocalDate): number => {
    for (let back = 1; back <= mostDaysBack; back++) {
      const last = switchesOn(date.earlier(back)).at(-1);
      if (last) return last.rate;
    }
    return 1;
  };
  const [firstSeason] = tables.seasons;
  return success(
    calendarFrom({
      name: tables.name,
      zone,
      rateCount: Math.max(1, ...tables.days.flatMap(({ switches }) => switches.map(({ rate }) => rate))),
      days: tables.days.map(({ switches }) => sorted(switches)),
      week: (weeks.get(firstSeason?.week ?? '') ?? []).map((id) =>
        tables.days.findIndex((day) => day.id === id),
      ),
      patternOn(date) {
        const own = switchesOn(date);
        return own[0]?.minuteOfDay === 0 ? own : [{ minuteOfDay: 0, rate: rateBefore(date) }, ...own];
      },
    }),
  );
}

function findWrong(
  { seasons, weeks, days, specialDays }: TariffTables,
  rateCount: number,
): string | undefined {
  if (seasons.length === 0) return 'expected at least one season, found none';
  const dayIds = new Set(days.map(({ id }) => id));
  for (const { name, week } of seasons) {
    if (!weeks.some((one) => one.name === week))
      return `season '${name}' names the week '${week}', which is not there`;
  }
  for (const week of weeks) {
    if (week.days.length !== 7) return `week '${week.name}' has ${week.days.length} days`;
    const missing = week.days.find((id) => !dayIds.has(id));
    if (missing !== undefined) return `week '${week.name}' names day ${missing}, which is not there`;
  }
  const special = specialDays.find(({ dayId }) => !dayIds.has(dayId));
  if (special) return `a special day names day ${special.dayId}, which is not there`;
  for (const { id, switches } of days) {
    const bad = switches.find(({ rate }) => !Number.isInteger(rate) || rate < 1 || rate > rateCount);
    if (bad) return `day ${id} switches to rate ${bad.rate}; there are registers for 1 to ${rateCount}`;
    if (switches.some(({ minuteOfDay }) => !(minuteOfDay >= 0 && minuteOfDay < 1440)))
      return `day ${id} switches at a time that is none`;
  }
  return undefined;
}

function sorted(switches: readonly DaySwitch[]): readonly DaySwitch[] {
  return [...switches].sort((a, b) => a.minuteOfDay - b.minuteOfDay);
}

/** The week of the season that began last: in this year, else the one that ends the year before. */
function seasonOn(seasons: TariffTables['seasons'], date: LocalDate): string {
  const ordinal = (month: number, day: number) => month * 100 + day;
  const startOf = ({ start }: TariffTables['seasons'][number]) => ordinal(start.month ?? 1, start.day ?? 1);
  const running = seasons.filter(({ start }) => start.year === undefined || start.year <= date.year);
  const known = running.length > 0 ? running : seasons;
  const begun = known.filter(
    (season) =>
      (season.start.year ?? date.year) < date.year || startOf(season) <= ordinal(date.month, date.day),
  );
  const latest = (of: typeof known) =>
    of.reduce((best, season) => {
      const [a, b] = [season, best].map((one) => (one.start.year ?? 0) * 10_000 + startOf(one));
      return (a as number) >= (b as number) ? season : best;
    });
  return latest(begun.length > 0 ? begun : known).week;
}

function isOn(special: SpecialDay, date: LocalDate): boolean {
  const isField = (asked: number | undefined, value: number) => asked === undefined || asked === value;
  return (
    isField(special.year, date.year) &&
    isField(special.month, date.month) &&
    isField(special.day, date.day) &&
    isField(special.weekday, date.weekday)
  );
}
