/** The town's weather: seasons, days, autoregressive noise; the same instant has the same weather in any order of asking. */
import type { Random } from '@wattline/base';
import type { LocalDay } from './local-days.ts';
import type { Place } from './place.ts';
import { type Irradiance, irradianceUnder, type SunVector, sunAt } from './sun.ts';

/** The weather of an instant. */
export interface Weather {
  readonly temperatureC: number;
  /** Share of the sky covered, 0 to 1. */
  readonly cloud: number;
  /** Global irradiance on level ground, W/m2. */
  readonly irradianceWm2: number;
}

/** The sky over one local day, one value for each slot, taken at the slot's middle. */
export interface DaySky {
  readonly temperatureC: Float64Array;
  /** How much lamps are wanted, 0 to 1. */
  readonly darkness: Float64Array;
  readonly sun: readonly SunVector[];
  readonly light: readonly Irradiance[];
}

/** Weather at instants and over days. */
export interface Sky {
  at(atMs: number): Weather;
  over(day: LocalDay): DaySky;
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;
/** Below this, W/m2, lamps are lit. */
const lampsBelowWm2 = 90;
const dailyMemory = 0.75;
const hourlyMemory = 0.8;
/** Days and hours of noise kept; more are made again when asked for. */
const mostKept = 20_000;

/** The weather of `place`, drawn from `random`. */
export function createSky(place: Place, random: Random): Sky {
  const noise = createNoise(random);
  const skies = new WeakMap<LocalDay, DaySky>();
  const cloudLogit = Math.log(place.cloud / (1 - place.cloud));
  const cloudAt = (atMs: number) => {
    const index = cloudLogit + 1.2 * noise.daily('cloud', atMs) + 0.9 * noise.hourly(atMs);
    return 1 / (1 + Math.exp(-index));
  };
  const temperatureAt = (atMs: number, cloud: number) => {
    const yearTurn = (2 * Math.PI * (atMs / dayMs - 20)) / 365.2425;
    const seasonal = -place.seasonalC * Math.sign(place.latitude || 1) * Math.cos(yearTurn);
    const solarHour = (atMs / hourMs + place.longitude / 15) % 24;
    const diurnal = place.diurnalC * (1.2 - 0.8 * cloud) * Math.cos((2 * Math.PI * (solarHour - 15)) / 24);
    return place.meanC + seasonal + diurnal + 3 * noise.daily('temperature', atMs);
  };
  const over = (day: LocalDay): DaySky => {
    const known = skies.get(day);
    if (known) return known;
    const made = makeDaySky(day, (atMs) => {
      const cloud = cloudAt(atMs);
      const sun = sunAt(atMs, place);
      return { sun, light: irradianceUnder(sun.up, cloud), temperatureC: temperatureAt(atMs, cloud) };
    });
    skies.set(day, made);
    return made;
  };
  return {
    at(atMs) {
      const cloud = cloudAt(atMs);
      const { global } = irradianceUnder(sunAt(atMs, place).up, cloud);
      return { temperatureC: temperatureAt(atMs, cloud), cloud, irradianceWm2: global };
    },
    over,
  };
}

function makeDaySky(
  day: LocalDay,
  at: (atMs: number) => {
    readonly sun: SunVector;
    readonly light: Irradiance;
    readonly temperatureC: number;
  },
): DaySky {
  const temperatureC = new Float64Array(day.slots);
  const darkness = new Float64Array(day.slots);
  const sun: SunVector[] = [];
  const light: Irradiance[] = [];
  for (let slot = 0; slot < day.slots; slot++) {
    const now = at(day.startMs + (slot + 0.5) * day.slotMs);
    temperatureC[slot] = now.temperatureC;
    darkness[slot] = Math.max(0, 1 - now.light.global / lampsBelowWm2);
    sun.push(now.sun);
    light.push(now.light);
  }
  return { temperatureC, darkness, sun, light };
}

interface Noise {
  /** Unit-variance noise that lasts for days. */
  daily(name: 'temperature' | 'cloud', atMs: number): number;
  /** Unit-variance noise that lasts for hours. */
  hourly(atMs: number): number;
}

/**
 * First-order autoregression as the sum of its past shocks, so that any instant can be asked for first:
 * x(n) = sqrt(1 - m^2) sum m^k e(n - k), cut where m^k falls below 1 %.
 */
function createNoise(random: Random): Noise {
  const shocks = new Map<number, { temperature: number; cloud: number; hourly: Float64Array }>();
  const shocksOf = (day: number) =>
    remember(shocks, day, () => {
      const stream = random.fork(String(day));
      const hourly = new Float64Array(24);
      for (let hour = 0; hour < 24; hour++) hourly[hour] = stream.normal();
      return { temperature: stream.normal(), cloud: stream.normal(), hourly };
    });
  const kept = {
    temperature: new Map<number, number>(),
    cloud: new Map<number, number>(),
    hour: new Map<number, number>(),
  };
  const dailyAt = (name: 'temperature' | 'cloud', day: number) =>
    remember(kept[name], day, () => autoregress(dailyMemory, (back) => shocksOf(day - back)[name]));
  const hourlyAt = (hour: number) =>
    remember(kept.hour, hour, () =>
      autoregress(hourlyMemory, (back) => {
        const day = Math.floor((hour - back) / 24);
        return shocksOf(day).hourly[hour - back - day * 24] as number;
      }),
    );
  return {
    daily: (name, atMs) => between(atMs / dayMs - 0.5, (day) => dailyAt(name, day)),
    hourly: (atMs) => between(atMs / hourMs, hourlyAt),
  };
}

function autoregress(memory: number, shock: (back: number) => number): number {
  let sum = 0;
  let weight = Math.sqrt(1 - memory ** 2);
  for (let back = 0; weight > 0.006; back++) {
    sum += weight * shock(back);
    weight *= memory;
  }
  return sum;
}

function between(position: number, valueAt: (index: number) => number): number {
  const index = Math.floor(position);
  const share = position - index;
  return valueAt(index) * (1 - share) + valueAt(index + 1) * share;
}

function remember<T>(kept: Map<number, T>, key: number, make: () => T): T {
  let value = kept.get(key);
  if (value === undefined) {
    value = make();
    if (kept.size >= mostKept) kept.clear();
    kept.set(key, value);
  }
  return value;
}
