/**
 * What the register memory of a meter costs its cells, and how fast a journal takes pulses.
 *
 * On paper: three phases of 230 V and 100 A are 69 kW, at 1,000 imp/kWh 19.2 pulses a second: 20. In twenty years 1.3e10 pulses.
 * A pulse is four octets; a sector of 4,096 begins with 400 octets of header and checkpoint, so it takes 924 pulses; 256 sectors
 * (one megabyte of flash) take turns: 6.3e8 pulses a year / 925 / 256 = 2,670 erases of each sector a year, 53,000 in twenty years;
 * NOR flash stands 100,000 (recalled from data sheets), FRAM 1e14.
 * Speed: a record costs a CRC-16 over ten octets, about 80 steps of a loop at a nanosecond, and a write: 0.2 us, so 5 M pulses/s in memory.
 * A meter needs 20 a second.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { realClock } from '@wattline/base';
import {
  createMeter,
  keysFromSeed,
  type MeterTariff,
  memoryKinds,
  openPulseMemory,
  serialOf,
  volatileMemory,
  volatileStorage,
  wearCases,
  wearOf,
} from '@wattline/meter';
import { isQuick, printFigure } from './figure.ts';

for (const one of wearCases) {
  const { writesPerCellPerYear, yearsToEndurance } = wearOf(one);
  const size = `${one.sectors} sectors of ${one.sectorBytes} octets, ${memoryKinds[one.memory].title}`;
  printFigure({
    bench: 'meter-memory',
    figure: `writes-per-cell-per-year-${one.memory}`,
    value: Math.round(writesPerCellPerYear),
    unit: 'writes',
    higherIsBetter: false,
    target: memoryKinds[one.memory].endurance / 20,
    size,
  });
  printFigure({
    bench: 'meter-memory',
    figure: `years-to-endurance-${one.memory}`,
    value: Math.round(yearsToEndurance),
    unit: 'years',
    higherIsBetter: true,
    target: 20,
    size,
  });
}

const clock = realClock();
const pulses = isQuick ? 100_000 : 1_000_000;
const memory = openPulseMemory(volatileStorage(64 * 4096), 4096);
const startMs = clock.monotonic();
for (let n = 0; n < pulses; n++) memory.record('delivered', 1 + (n % 8), 1);
const seconds = (clock.monotonic() - startMs) / 1000;
printFigure({
  bench: 'meter-memory',
  figure: 'journalled-pulses',
  value: Math.round(pulses / seconds),
  unit: 'pulses/s',
  higherIsBetter: true,
  target: 20,
  paperLimit: 5_000_000,
});

/**
 * Memory of the process for a listening meter, as it is built and after a day. On paper: registers, clock, switch, logs and view are some
 * sixty small objects of 100 to 200 octets, 10 kB; a day of the load profile is 96 entries of 17 octets in rings that grow by half: 3 kB.
 * 10,000 meters in one process stay below 200 MB.
 */
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const heldBytes = () => {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};
const everyDay = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const startOfMeters = Temporal.Instant.from('2026-10-01T00:00:00Z').epochMilliseconds;
const tariff: MeterTariff = {
  id: 'BENCH',
  zone: 'Europe/London',
  rates: [{ rate: 1, name: 'All', tiers: [] }],
  calendar: [{ days: everyDay, from: '00:00', rate: 1 }],
};
const keys = {
  reader: keysFromSeed('1', 'bench', 'reader'),
  management: keysFromSeed('1', 'bench', 'management'),
};
const texts = volatileMemory();
const build = (number: number) =>
  createMeter(
    {
      ...{
        serial: serialOf(number),
        profile: 'demo',
        zone: 'Europe/London',
        intervalSeconds: 900,
        phases: 1,
      },
      ...{ startMs: startOfMeters, tariff, keys },
    },
    { clock, memory: texts },
  );
const count = isQuick ? 500 : 5000;
// The first one brings what all share.
const meters = [build(1)];
const emptyBytes = heldBytes();
for (let number = 2; number <= count; number++) meters.push(build(number));
const builtBytes = heldBytes();
for (const meter of meters) {
  for (let quarter = 0; quarter < 96; quarter++) {
    const from = meter.countedToMs;
    meter.accumulate({ startMs: from, endMs: from + 900_000, deliveredMws: 360_000_000, receivedMws: 0 });
  }
}
const livedBytes = heldBytes();
for (const [figure, bytes, paperLimit] of [
  ['bytes-per-meter-built', builtBytes, 10_000],
  ['bytes-per-meter-after-a-day', livedBytes, 13_000],
] as const) {
  printFigure({
    bench: 'meter-memory',
    figure,
    value: Math.round((bytes - emptyBytes) / meters.length),
    unit: 'bytes',
    higherIsBetter: false,
    target: 20_000,
    paperLimit,
    size: `${meters.length} meters`,
  });
}
