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
import { realClock } from '@wattline/base';
import { memoryKinds, openPulseMemory, volatileStorage, wearCases, wearOf } from '@wattline/meter';
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
