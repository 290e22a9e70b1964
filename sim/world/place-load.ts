/** A day of load of shops and public places: opening hours, lamps by the sun, pumps by the water used. Mean W by slot. */
import type { Random } from '@wattline/base';
import type { PremisesUse } from './furnishing.ts';
import type { LocalDay } from './local-days.ts';
import type { Premises } from './premises.ts';
import type { DaySky } from './sky.ts';

/** A trade as data. Power densities are typical of the trade, W/m2 of floor. */
interface Trade {
  /** Opening and closing hour by day of week from Monday; null is closed. */
  readonly opening: readonly (readonly [opens: number, closes: number] | null)[];
  /** Always on: cold stores, servers, standby. */
  readonly baseWPerM2: number;
  /** While open. */
  readonly openWPerM2: number;
  /** Lamps while open, twice so when dark outside. */
  readonly lampsWPerM2: number;
  /** Heating or cooling for each degree beyond 12..22 degrees Celsius while open. */
  readonly climateWPerM2K: number;
}

function week(
  working: readonly [number, number],
  saturday: readonly [number, number] | null,
  sunday: readonly [number, number] | null,
): Trade['opening'] {
  return [working, working, working, working, working, saturday, sunday];
}

const trades: Readonly<Partial<Record<PremisesUse, Trade>>> = {
  grocery: {
    opening: week([7, 22], [7, 22], [8, 20]),
    baseWPerM2: 12,
    openWPerM2: 6,
    lampsWPerM2: 6,
    climateWPerM2K: 0.6,
  },
  office: {
    opening: week([8, 18], null, null),
    baseWPerM2: 2,
    openWPerM2: 9,
    lampsWPerM2: 5,
    climateWPerM2K: 0.8,
  },
  cafe: {
    opening: week([7.5, 18], [8, 18], [9, 16]),
    baseWPerM2: 7,
    openWPerM2: 45,
    lampsWPerM2: 6,
    climateWPerM2K: 1,
  },
  workshop: {
    opening: week([7.5, 16.5], null, null),
    baseWPerM2: 1.5,
    openWPerM2: 20,
    lampsWPerM2: 5,
    climateWPerM2K: 0.3,
  },
  school: {
    opening: week([7.5, 16.5], null, null),
    baseWPerM2: 1.2,
    openWPerM2: 6,
    lampsWPerM2: 3,
    climateWPerM2K: 0.3,
  },
  hall: {
    opening: week([9, 21], [10, 22], [10, 17]),
    baseWPerM2: 1.5,
    openWPerM2: 5,
    lampsWPerM2: 4,
    climateWPerM2K: 0.4,
  },
};

/** Mean W in each slot of one local day of any premises but a household; `random` must be the day's own stream. */
export function placeLoad(of: {
  readonly premises: Premises;
  readonly day: LocalDay;
  readonly sky: DaySky;
  readonly random: Random;
}): Float64Array {
  const { premises } = of;
  if (premises.use === 'street-lighting') return streetLighting(of);
  if (premises.use === 'water-pump') return waterPump(of);
  return tradeLoad({ ...of, trade: trades[premises.use] as Trade });
}

function tradeLoad(of: {
  readonly premises: Premises;
  readonly day: LocalDay;
  readonly sky: DaySky;
  readonly random: Random;
  readonly trade: Trade;
}): Float64Array {
  const { premises, day, sky, random, trade } = of;
  const area = premises.floorAreaM2;
  const opening = trade.opening[day.dayOfWeek - 1] ?? null;
  const busy = 0.85 + 0.3 * random.next();
  return Float64Array.from({ length: day.slots }, (_, slot) => {
    const flicker = 1 + 0.06 * random.normal();
    let density = trade.baseWPerM2;
    const isOpen = opening !== null && isWithin(day.minuteOfDay[slot] as number, opening);
    if (isOpen) {
      const outsideC = sky.temperatureC[slot] as number;
      const beyondK = Math.max(0, 12 - outsideC, outsideC - 22);
      density += trade.openWPerM2 * busy + trade.lampsWPerM2 * (1 + (sky.darkness[slot] as number));
      density += trade.climateWPerM2K * beyondK;
    }
    return Math.max(0, area * density * flicker);
  });
}

/** Staff come half an hour early and leave half an hour late. */
function isWithin(minuteOfDay: number, [opens, closes]: readonly [number, number]): boolean {
  return minuteOfDay >= opens * 60 - 30 && minuteOfDay < closes * 60 + 30;
}

/** Lamps that a dusk switch lights; between 15 and 60 of them, by premises. */
function streetLighting(of: {
  readonly premises: Premises;
  readonly sky: DaySky;
  readonly day: LocalDay;
}): Float64Array {
  const lampsW = (15 + ((of.premises.index * 7) % 46)) * 42;
  return Float64Array.from({ length: of.day.slots }, (_, slot) => {
    const up = of.sky.sun[slot]?.up ?? 0;
    return 12 + (up < -0.02 ? lampsW : 0);
  });
}

/** A pump that runs whole slots, more often when people use water and when it is hot. */
function waterPump(of: {
  readonly premises: Premises;
  readonly day: LocalDay;
  readonly sky: DaySky;
  readonly random: Random;
}): Float64Array {
  const pumpW = 2200 + 50 * of.premises.floorAreaM2;
  return Float64Array.from({ length: of.day.slots }, (_, slot) => {
    const hour = (of.day.minuteOfDay[slot] as number) / 60;
    const demand = (hour >= 6 && hour < 9) || (hour >= 17 && hour < 21) ? 0.55 : hour < 5 ? 0.12 : 0.3;
    const thirst = Math.max(0, (of.sky.temperatureC[slot] as number) - 18) * 0.02;
    return 60 + (of.random.next() < demand + thirst ? pumpW : 0);
  });
}
