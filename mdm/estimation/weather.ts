/** Mean outdoor temperatures by date, one weather for the utility: what weather-day estimation chooses like days by. */
import type { Registry } from '@wattline/store/registry';
import { mdmError } from '../errors.ts';

/** A date of the utility's calendar and its mean temperature, degrees Celsius. */
export interface DayTemperature {
  readonly date: string;
  readonly celsius: number;
}

/** The weather that is known; answered from memory. */
export interface Weather {
  /** Mean of a date, or null. */
  on(date: string): number | null;
  /** Keeps temperatures; a date told again takes the later word. Estimates that stand are not made anew for it. */
  put(days: readonly DayTemperature[]): Promise<void>;
}

/** Colder and hotter than anywhere (WMO records: -89.2 and 56.7). */
const [coldest, hottest] = [-90, 60];
const rowsPerStatement = 200;

/** Opens the weather of a registry. */
export async function openWeather(registry: Registry): Promise<Weather> {
  const rows = await registry.selectFrom('day_temperature').selectAll().execute();
  const known = new Map(rows.map(({ date, celsius }) => [date, celsius]));
  return {
    on: (date) => known.get(date) ?? null,
    async put(days) {
      const bad = days.find(
        ({ date, celsius }) => !/^\d{4}-\d\d-\d\d$/.test(date) || !(celsius >= coldest && celsius <= hottest),
      );
      if (bad) throw mdmError('mdm/bad-temperature', `${bad.celsius} on '${bad.date.slice(0, 20)}'`);
      for (let at = 0; at < days.length; at += rowsPerStatement) {
        const part = days.slice(at, at + rowsPerStatement);
        await registry
          .insertInto('day_temperature')
          .values(part.map(({ date, celsius }) => ({ date, celsius })))
          .onConflict((on) =>
            on.column('date').doUpdateSet((row) => ({ celsius: row.ref('excluded.celsius') })),
          )
          .execute();
      }
      for (const { date, celsius } of days) known.set(date, celsius);
    },
  };
}
