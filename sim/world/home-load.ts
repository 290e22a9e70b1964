/** A household's day of load, appliance by appliance, mean W in each slot. Figures are typical nameplates, not measurements. */
import type { Random } from '@wattline/base';
import { addEnergy, addPower, firstSlotFrom } from './day-power.ts';
import type { LocalDay } from './local-days.ts';
import { drawOccupancy, type Occupancy } from './occupancy.ts';
import type { Premises } from './premises.ts';
import type { DaySky } from './sky.ts';

/** What every appliance needs to know of the day. */
interface HomeDay {
  readonly premises: Premises;
  readonly day: LocalDay;
  readonly sky: DaySky;
  readonly people: Occupancy;
  readonly random: Random;
  readonly watts: Float64Array;
}

const coldCycleMinutes = 47;
const coldOnMinutes = 19;
const comfortC = 19;
const coolAboveC = 25;

/** Mean W in each slot of one local day; `random` must be the day's own stream. */
export function homeLoad(of: {
  readonly premises: Premises;
  readonly day: LocalDay;
  readonly sky: DaySky;
  readonly random: Random;
}): Float64Array {
  const { premises, day, sky, random } = of;
  const { occupants, outgoing } = premises;
  const people = drawOccupancy({ occupants, outgoing, day, random });
  const home: HomeDay = { premises, day, sky, people, random, watts: new Float64Array(day.slots) };
  runColdAppliances(home);
  runWhileAwake(home);
  runKitchen(home);
  runLaundry(home);
  heatWater(home);
  keepWarmOrCool(home);
  chargeVehicle(home);
  return home.watts;
}

/** Fridges cycle; a slot holds the share of the cycle that falls into it. */
function runColdAppliances({ premises, day, random, watts }: HomeDay): void {
  const { coldW, standbyW } = premises.appliances;
  const phase = random.next() * coldCycleMinutes;
  const slotMinutes = day.slotMs / 60_000;
  // Twice the mean power while on, as a compressor is sized.
  const onW = coldW * (coldCycleMinutes / coldOnMinutes);
  let before = onMinutesUntil(phase);
  for (let slot = 0; slot < day.slots; slot++) {
    const after = onMinutesUntil(phase + (slot + 1) * slotMinutes);
    watts[slot] = standbyW + (onW * (after - before)) / slotMinutes;
    before = after;
  }
}

function onMinutesUntil(minutes: number): number {
  const cycles = Math.floor(minutes / coldCycleMinutes);
  return cycles * coldOnMinutes + Math.min(minutes - cycles * coldCycleMinutes, coldOnMinutes);
}

/** Lamps when it is dark, screens in the evening, a kettle now and then. */
function runWhileAwake({ premises, day, sky, people, random, watts }: HomeDay): void {
  const { lampsW, electronicsW } = premises.appliances;
  const lampsToday = lampsW * (0.7 + 0.6 * random.next());
  const slotHours = day.slotMs / 3_600_000;
  for (let slot = 0; slot < day.slots; slot++) {
    const awake = people.active[slot] as number;
    if (awake === 0) continue;
    const hour = (day.minuteOfDay[slot] as number) / 60;
    const isEvening = hour >= 17.5 && hour < 23.5;
    const crowd = Math.min(1.6, 0.6 + 0.3 * awake);
    let added = lampsToday * (sky.darkness[slot] as number) * crowd * (isEvening ? 1.2 : 0.8);
    added += electronicsW * crowd * (isEvening ? 1.5 : 0.7);
    const kettle = awake * slotHours * (hour < 10 ? 0.32 : 0.18);
    if (random.next() < kettle) added += 90 / slotHours;
    watts[slot] = (watts[slot] as number) + added;
  }
}

/** Breakfast, lunch and dinner at the first awake moment after their hour, then the dishes. */
function runKitchen({ premises, day, people, random, watts }: HomeDay): void {
  const { hasElectricCooker, hasDishwasher } = premises.appliances;
  const size = 0.6 + 0.2 * premises.occupants;
  const mealAt = (hour: number, spread: number) =>
    firstSlotFrom(
      day,
      hour * 60 + 60 * spread * random.normal(),
      (slot) => (people.active[slot] as number) > 0,
    );
  const breakfast = mealAt(7, 0.7);
  if (breakfast !== null) addEnergy(watts, day, { from: breakfast, minutes: 20, wh: 130 * size });
  const lunch = mealAt(12.6, 0.6);
  if (lunch !== null && isBefore(day, lunch, 15)) {
    addEnergy(watts, day, { from: lunch, minutes: 25, wh: (hasElectricCooker ? 300 : 110) * size });
  }
  const dinner = mealAt(18.1, 0.8);
  if (dinner === null || !isBefore(day, dinner, 22)) return;
  const feast = day.dayOfWeek === 7 ? 1.4 : 1;
  const dinnerWh = (hasElectricCooker ? 850 : 190) * size * feast * (0.7 + 0.6 * random.next());
  addEnergy(watts, day, { from: dinner, minutes: 50, wh: dinnerWh });
  if (hasDishwasher && random.next() < 0.25 + 0.12 * premises.occupants) {
    addEnergy(watts, day, { from: dinner + Math.ceil(5_400_000 / day.slotMs), minutes: 75, wh: 950 });
  }
}

function isBefore(day: LocalDay, slot: number, hour: number): boolean {
  return (day.minuteOfDay[slot] as number) < hour * 60;
}

function runLaundry({ premises, day, people, random, watts }: HomeDay): void {
  const { hasWashingMachine, hasTumbleDryer } = premises.appliances;
  const chance = (day.dayOfWeek > 5 ? 0.18 : 0.09) + 0.1 * premises.occupants;
  if (!hasWashingMachine || random.next() > chance) return;
  const from = firstSlotFrom(
    day,
    (8 + 11 * random.next()) * 60,
    (slot) => (people.active[slot] as number) > 0,
  );
  if (from === null) return;
  // Heating the water is most of a wash and comes first.
  addEnergy(watts, day, { from, minutes: 25, wh: 500 });
  addEnergy(watts, day, { from, minutes: 80, wh: 250 });
  if (hasTumbleDryer && random.next() < 0.6) {
    addEnergy(watts, day, { from: from + Math.ceil(5_400_000 / day.slotMs), minutes: 75, wh: 1700 });
  }
}

function heatWater({ premises, day, people, random, watts }: HomeDay): void {
  const { hasElectricShower, hasImmersionHeater } = premises.appliances;
  if (hasImmersionHeater) {
    const wh = 1500 + 900 * premises.occupants;
    addEnergy(watts, day, { from: slotAt(day, 4.5 * 60), minutes: wh / 50, wh });
  }
  if (!hasElectricShower) return;
  for (let person = 0; person < premises.occupants; person++) {
    if (random.next() > 0.65) continue;
    const hour = random.next() < 0.7 ? 6.6 + random.next() * 1.5 : 20 + random.next() * 2;
    const from = firstSlotFrom(day, hour * 60, (slot) => (people.active[slot] as number) > 0);
    if (from !== null) addEnergy(watts, day, { from, minutes: 7, wh: 900 });
  }
}

/** Losses of the house follow the outside temperature; gas heating takes its pump only. */
function keepWarmOrCool({ premises, day, sky, people, watts }: HomeDay): void {
  const { heating, floorAreaM2, appliances } = premises;
  const lossWPerK = 35 + 1.1 * floorAreaM2;
  for (let slot = 0; slot < day.slots; slot++) {
    const outsideC = sky.temperatureC[slot] as number;
    const hour = (day.minuteOfDay[slot] as number) / 60;
    const isHome = (people.home[slot] as number) > 0;
    const wantedC = comfortC - (isHome ? 0 : 3) - (hour < 6 || hour >= 23 ? 3 : 0);
    // People, sun and appliances are worth about three degrees.
    const heatW = lossWPerK * Math.max(0, wantedC - 3 - outsideC);
    let added = 0;
    if (heating === 'heat-pump') added = heatW / Math.max(2, 2.6 + 0.07 * outsideC);
    else if (heating === 'electric') added = heatW;
    else if (heatW > 0) added = 55;
    if (appliances.hasAirConditioner && isHome) {
      added += (0.5 * lossWPerK * Math.max(0, outsideC - coolAboveC)) / 3 + (outsideC > coolAboveC ? 250 : 0);
    }
    watts[slot] = (watts[slot] as number) + added;
  }
}

/** Two cars in three wait for the night; the rest are plugged in on coming home. */
function chargeVehicle({ premises, day, people, random, watts }: HomeDay): void {
  const chargerW = premises.appliances.vehicleChargerW;
  if (chargerW === 0 || random.next() > 0.45) return;
  const wh = 4000 + 11_000 * random.next();
  const waits = premises.outgoing < 0.72;
  const from = waits
    ? slotAt(day, 35 + 30 * random.next())
    : firstSlotFrom(day, 17 * 60, (slot) => (people.active[slot] as number) > 0);
  if (from !== null) addPower(watts, day, { from, minutes: (wh / chargerW) * 60, watts: chargerW });
}

function slotAt(day: LocalDay, minuteOfDay: number): number {
  return firstSlotFrom(day, minuteOfDay, () => true) ?? day.slots - 1;
}
