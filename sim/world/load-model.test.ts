import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localTime, seededRandom } from '@wattline/base';
import { toWholeWh } from './day-power.ts';
import { createLocalDays } from './local-days.ts';
import { modelledLoad, modelSlotMs } from './modelled-load.ts';
import { placeOf } from './place.ts';
import { createSky } from './sky.ts';
import { roofPower } from './solar-roof.ts';
import { createWorld } from './world.ts';

const zone = 'Europe/London';
const yearStart = Date.parse('2025-01-01T00:00Z');
const year = createWorld({ seed: 'statistics', startMs: yearStart, meters: 60, zone, intervalSeconds: 3600 });
const hours = 365 * 24;

test('the mean home takes 8 to 11 kWh a day, every home 2 to 40, with an evening peak over the night', () => {
  const byHour = new Float64Array(24);
  let total = 0;
  const homes = year.premises.filter(({ kind, solarW }) => kind === 'home' && solarW === 0);
  const clock = Int8Array.from(
    { length: hours },
    (_, k) => localTime(yearStart + k * 3_600_000, zone).minuteOfDay / 60,
  );
  for (const { index } of homes) {
    const { deliveredWh } = year.energyRange(index, 0, hours);
    const sum = deliveredWh.reduce((all, wh) => all + wh, 0);
    deliveredWh.forEach((wh, k) => {
      byHour[clock[k] as number] = (byHour[clock[k] as number] as number) + wh;
    });
    assert.ok(sum > 2000 * 365 && sum < 40_000 * 365, `premises ${index}: ${sum / 365} Wh a day`);
    total += sum;
  }
  const dailyKwh = total / homes.length / 365 / 1000;
  assert.ok(dailyKwh > 7.5 && dailyKwh < 11.5, `${dailyKwh} kWh a day`);
  const evening = Math.max(...byHour.subarray(17, 21));
  const night = Math.min(...byHour.subarray(1, 5));
  assert.ok(evening > 2 * night, `evening ${evening}, night ${night}`);
  assert.equal(evening, Math.max(...byHour));
});

test('homes take more in winter than in summer', () => {
  const month = (firstHour: number) =>
    year.premises
      .filter(({ kind, solarW }) => kind === 'home' && solarW === 0)
      .reduce(
        (sum, { index }) =>
          sum + year.energyRange(index, firstHour, firstHour + 28 * 24).deliveredWh.reduce((a, b) => a + b),
        0,
      );
  assert.ok(month(0) > 1.15 * month(180 * 24));
});

test('a south roof near London gives 900 to 1,000 kWh a year for each kW, in the mean over seeds', () => {
  let kwh = 0;
  const seeds = ['a', 'b', 'c', 'd'];
  for (const seed of seeds) {
    const sky = createSky(placeOf(zone, yearStart), seededRandom(seed));
    const days = createLocalDays(zone, yearStart, 3_600_000);
    for (let slot = 0; slot < hours; slot += 24) {
      const day = days.at(slot + 12);
      const power = roofPower({ peakW: 1000, azimuthDegrees: 180, tiltDegrees: 33 }, day, sky.over(day));
      kwh += power.reduce((sum, watts) => sum + watts, 0) / 1000;
    }
  }
  const perYear = kwh / seeds.length;
  assert.ok(perYear > 900 && perYear < 1010, `${perYear} kWh`);
});

test('weather has a warm July and a cold January, dark nights, and does not jump', () => {
  const mean = (firstHour: number) => {
    let sum = 0;
    for (let hour = 0; hour < 31 * 24; hour++)
      sum += year.weatherAt(yearStart + (firstHour + hour) * 3_600_000).temperatureC;
    return sum / (31 * 24);
  };
  const january = mean(0);
  const july = mean(181 * 24);
  assert.ok(january > -1 && january < 9, `January ${january}`);
  assert.ok(july > 14 && july < 22, `July ${july}`);
  for (let quarter = 0; quarter < 30 * 96; quarter++) {
    const now = year.weatherAt(yearStart + quarter * 900_000);
    const next = year.weatherAt(yearStart + (quarter + 1) * 900_000);
    assert.ok(Math.abs(now.temperatureC - next.temperatureC) < 2.5);
    assert.ok(now.cloud >= 0 && now.cloud <= 1 && now.irradianceWm2 >= 0 && now.irradianceWm2 < 1100);
  }
  assert.equal(year.weatherAt(Date.parse('2025-01-15T00:00Z')).irradianceWm2, 0);
});

test('shops are quiet on the days they are closed, and lamps burn at night', () => {
  const workshop = year.premises.find(({ use }) => use === 'workshop' || use === 'office');
  const lamps = year.premises.find(({ use }) => use === 'street-lighting');
  assert.ok(workshop && lamps);
  // 2025-01-06 is a Monday.
  const day = (index: number, first: number) =>
    year.energyRange(index, first * 24, (first + 1) * 24).deliveredWh;
  const sum = (wh: Float64Array) => wh.reduce((a, b) => a + b);
  assert.ok(sum(day(workshop.index, 5)) > 3 * sum(day(workshop.index, 4)));
  const winter = day(lamps.index, 5);
  assert.ok((winter[0] as number) > 10 * (winter[12] as number));
});

test('the energy of a day is the model to within half a Wh, and within 1 Wh at any moment of it', () => {
  const random = seededRandom('carry');
  const power = Float64Array.from({ length: 96 }, () => random.next() * 900);
  const energy = toWholeWh(power, modelSlotMs);
  let model = 0;
  let given = 0;
  power.forEach((watts, slot) => {
    model += watts / 4;
    given += energy[slot] as number;
    assert.ok(Math.abs(model - given) <= 0.5 + 1e-9);
  });
});

test('delivered less received is load less generation, to the last Wh', () => {
  const startMs = Date.parse('2025-06-01T00:00Z');
  const world = createWorld({ seed: '1', startMs, meters: 5, zone, intervalSeconds: 900 });
  const root = seededRandom('wattline/1');
  const sky = createSky(placeOf(zone, startMs), root.fork('weather'));
  const source = modelledLoad({ premises: world.premises, sky, random: root.fork('load') });
  // The world starts an hour into a summer day of London: its own days begin at 23:00 UTC.
  const days = createLocalDays(zone, startMs, modelSlotMs);
  const day = days.at(96);
  const { load, solar } = source.day(1, day);
  const { deliveredWh, receivedWh } = world.energyRange(1, day.firstSlot, day.firstSlot + day.slots);
  assert.ok(solar?.some((wh) => wh > 0));
  deliveredWh.forEach((wh, slot) => {
    assert.equal(wh - (receivedWh[slot] as number), (load[slot] as number) - (solar?.[slot] as number));
  });
});
