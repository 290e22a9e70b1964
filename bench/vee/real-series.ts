/** Real interval data of the shared folder as gapless days of whole watt-hours, on the clock the file was written in. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** A meter's days; a day is left out unless every interval of it is there. */
export interface RealMeter {
  readonly id: string;
  readonly intervalSeconds: number;
  /** Whole days by number since 1970. */
  readonly days: ReadonlyMap<number, Float64Array>;
}

/** A data set as it is printed. */
export interface DataSet {
  readonly id: string;
  readonly title: string;
  readonly intervalSeconds: number;
  readonly read: (most: number) => RealMeter[];
  /** Mean temperature by day number, where the set has weather. */
  readonly temperatures?: () => ReadonlyMap<number, number>;
}

/** Where the real data lie. */
export const folder = join(process.env.WATTLINE_SHARED ?? '../shared', 'data');
const dayMs = 86_400_000;

/** The lines of a packed file. */
export function linesOf(name: string): string[] {
  return gunzipSync(readFileSync(join(folder, name)))
    .toString()
    .trimEnd()
    .split('\n');
}

/** Why the data cannot be read, or false. */
export const dataAbsence = existsSync(folder) ? false : `${folder} is not there`;

function epochOf(text: string): number {
  return Date.parse(`${text.trim().replace(' ', 'T')}Z`);
}

/** Gathers values into days; what comes twice or lacks a slot makes the day unfit. */
export class DayGatherer {
  private readonly seconds: number;
  private readonly meters = new Map<string, Map<number, { value: Float64Array; filled: number }>>();

  constructor(seconds: number) {
    this.seconds = seconds;
  }

  add(id: string, atMs: number, kwh: string | undefined): void {
    const text = kwh?.trim() ?? '';
    if (text === '' || !Number.isFinite(atMs)) return;
    const slots = 86_400 / this.seconds;
    const number = Math.floor(atMs / dayMs);
    const day = this.meters
      .getOrInsertComputed(id, () => new Map())
      .getOrInsertComputed(number, () => ({ value: new Float64Array(slots), filled: 0 }));
    day.value[(atMs - number * dayMs) / 1000 / this.seconds] = Math.round(Number(text) * 1000);
    day.filled++;
  }

  finish(): RealMeter[] {
    const slots = 86_400 / this.seconds;
    return [...this.meters].map(([id, days]) => ({
      id,
      intervalSeconds: this.seconds,
      days: new Map(
        [...days].filter(([, day]) => day.filled === slots).map(([number, day]) => [number, day.value]),
      ),
    }));
  }
}

function readLong(
  name: string,
  seconds: number,
  columns: { id: number; at: number; kwh: number },
  most: number,
): RealMeter[] {
  const gatherer = new DayGatherer(seconds);
  const ids = new Set<string>();
  for (const line of linesOf(name).slice(1)) {
    const cells = line.split(',');
    const id = cells[columns.id] as string;
    if (!ids.has(id)) {
      if (ids.size === most) continue;
      ids.add(id);
    }
    gatherer.add(id, epochOf(cells[columns.at] as string), cells[columns.kwh]);
  }
  return gatherer.finish();
}

function readWide(name: string, most: number): RealMeter[] {
  const [header = '', ...lines] = linesOf(name);
  const ids = header.split(',').slice(1, 1 + most);
  const gatherer = new DayGatherer(3600);
  for (const line of lines) {
    const [at = '', ...cells] = line.split(',');
    const atMs = epochOf(at);
    ids.forEach((id, column) => {
      gatherer.add(id, atMs, cells[column]);
    });
  }
  return gatherer.finish();
}

/** Weeks of 672 quarter-hours a row: 29 October and 10 December 2018 begin them. */
const swissWeeks: Readonly<Record<string, number>> = {
  w44: Date.UTC(2018, 9, 29),
  w45: Date.UTC(2018, 10, 5),
  w46: Date.UTC(2018, 10, 12),
  w47: Date.UTC(2018, 10, 19),
  w48: Date.UTC(2018, 10, 26),
  w49: Date.UTC(2018, 11, 3),
  w50: Date.UTC(2018, 11, 10),
};

function readSwiss(most: number): RealMeter[] {
  const gatherer = new DayGatherer(900);
  const ids = new Set<string>();
  for (const line of linesOf('A04_swiss_15min_2018_w44_w50.csv.gz').slice(1)) {
    const [week = '', id = '', ...cells] = line.split(',');
    const startMs = swissWeeks[week];
    if (startMs === undefined || (!ids.has(id) && ids.size === most)) continue;
    ids.add(id);
    cells.slice(0, 672).forEach((kwh, slot) => {
      gatherer.add(id, startMs + slot * 900_000, kwh);
    });
  }
  return gatherer.finish();
}

function swissTemperatures(): ReadonlyMap<number, number> {
  const sums = new Map<number, { sum: number; count: number }>();
  const [header = '', ...lines] = linesOf('A04_swiss_weather_hourly_2018.csv.gz');
  const column = header.split(',').indexOf('TEMP');
  for (const line of lines) {
    const cells = line.split(',');
    // Degrees Fahrenheit, as the weather service of the source has them.
    const celsius = ((Number(cells[column]) - 32) * 5) / 9;
    const day = Math.floor(epochOf(cells[0] as string) / dayMs);
    if (!Number.isFinite(celsius) || !Number.isFinite(day)) continue;
    const entry = sums.getOrInsertComputed(day, () => ({ sum: 0, count: 0 }));
    entry.sum += celsius;
    entry.count++;
  }
  return new Map([...sums].map(([day, { sum, count }]) => [day, sum / count]));
}

export const dataSets: readonly DataSet[] = [
  {
    id: 'A01',
    title: 'London homes, half-hours of 2013',
    intervalSeconds: 1800,
    read: (most) => readLong('A01_lcl_london_30min_2013.csv.gz', 1800, { id: 0, at: 1, kwh: 2 }, most),
  },
  {
    id: 'A02',
    title: 'New South Wales homes, half-hours of 2012 to 2014',
    intervalSeconds: 1800,
    read: (most) => readLong('A02_sgsc_nsw_30min_2012_2014.csv.gz', 1800, { id: 0, at: 1, kwh: 3 }, most),
  },
  {
    id: 'A03',
    title: 'Buildings of two North American sites, hours of 2016 and 2017',
    intervalSeconds: 3600,
    read: (most) =>
      ['Fox', 'Cockatoo'].flatMap((site) =>
        readWide(`A03_bdg2_hourly_2016_2017_${site}.csv.gz`, Math.ceil(most / 2)),
      ),
  },
  {
    id: 'A04',
    title: 'Swiss points, quarter-hours of seven weeks of 2018',
    intervalSeconds: 900,
    read: readSwiss,
    temperatures: swissTemperatures,
  },
];
