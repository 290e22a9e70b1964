/** Tariffs as tables: seasons, special days, activation; and that rates sum to the total whatever is activated when. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { at, testMeter, wattHour } from '../meter-fixture.ts';
import { mostRates } from '../registers/energy-set.ts';
import { compileTariff, type TariffTables } from './tariff-tables.ts';

const management = { name: 'management', role: 'management' };
const everyDay = (id: number) => new Array<number>(7).fill(id);

/** Summer from April, winter from October; weekends flat; Christmas and a single day apart. */
const seasonal: TariffTables = {
  name: 'SEASONS',
  seasons: [
    { name: 'summer', start: { month: 4, day: 1 }, week: 'summer' },
    { name: 'winter', start: { month: 10, day: 1 }, week: 'winter' },
  ],
  weeks: [
    { name: 'summer', days: [1, 1, 1, 1, 1, 2, 2] },
    { name: 'winter', days: [3, 3, 3, 3, 3, 2, 2] },
  ],
  days: [
    {
      id: 1,
      switches: [
        { minuteOfDay: 0, rate: 2 },
        { minuteOfDay: 480, rate: 1 },
      ],
    },
    { id: 2, switches: [{ minuteOfDay: 0, rate: 2 }] },
    {
      id: 3,
      switches: [
        { minuteOfDay: 1020, rate: 4 },
        { minuteOfDay: 1260, rate: 3 },
      ],
    },
    { id: 9, switches: [{ minuteOfDay: 0, rate: 8 }] },
  ],
  specialDays: [
    { month: 12, day: 25, dayId: 9 },
    { year: 2026, month: 7, day: 15, dayId: 9 },
  ],
};

const rateAt = (tables: TariffTables, text: string) => {
  const compiled = compileTariff(tables, { zone: 'Europe/London', rateCount: 8 });
  assert.ok(compiled.ok, compiled.ok ? '' : compiled.error.message);
  return compiled.value.stretchAt(at(text)).rate;
};

describe('tables of a tariff', () => {
  const cases: readonly (readonly [string, string, number])[] = [
    ['a weekday of summer has its peak from eight by the wall clock', '2026-07-01T07:00:00Z', 1],
    ['and its night before', '2026-07-01T06:59:59Z', 2],
    ['a weekend has the same rate all day', '2026-07-04T12:00:00Z', 2],
    ['winter begins in October', '2026-10-01T17:00:00Z', 4],
    ['and goes on in January, though no season of that year has begun', '2027-01-12T18:00:00Z', 4],
    ['a day whose first switch is late goes on with the rate of the day before', '2027-01-12T12:00:00Z', 3],
    ['and after a weekend with that of Sunday', '2027-01-11T12:00:00Z', 2],
    ['Christmas is special in every year', '2027-12-25T12:00:00Z', 8],
    ['another day in one year alone', '2026-07-15T12:00:00Z', 8],
    ['and not in the next', '2027-07-15T12:00:00Z', 1],
    ['the day after a special day goes on with its rate until the first switch', '2029-12-26T10:00:00Z', 8],
  ];
  for (const [name, instant, rate] of cases) test(name, () => assert.equal(rateAt(seasonal, instant), rate));
  const refused: readonly (readonly [string, Partial<TariffTables>])[] = [
    ['no season', { seasons: [] }],
    ['a season without its week', { weeks: seasonal.weeks.slice(1) }],
    ['a week without its day', { days: seasonal.days.slice(1) }],
    [
      'a week of six days',
      { weeks: [{ name: 'summer', days: [1, 1, 1, 1, 1, 1] }, ...seasonal.weeks.slice(1)] },
    ],
    ['a special day without its day', { specialDays: [{ dayId: 77 }] }],
    [
      'a rate without register',
      { days: [...seasonal.days, { id: 5, switches: [{ minuteOfDay: 0, rate: 9 }] }] },
    ],
    [
      'a switch at 25:00',
      { days: [...seasonal.days, { id: 5, switches: [{ minuteOfDay: 1500, rate: 1 }] }] },
    ],
  ];
  for (const [name, change] of refused) {
    test(`with ${name} are refused with the place`, () => {
      const compiled = compileTariff({ ...seasonal, ...change }, { zone: 'Europe/London', rateCount: 8 });
      assert.equal(compiled.ok ? '' : compiled.error.code, 'meter/bad-tariff');
    });
  }
});

describe('activation', () => {
  const startMs = at('2026-07-01T12:00:00Z');
  const flat = (rate: number): TariffTables => ({
    name: `FLAT-${rate}`,
    seasons: [{ name: 's', start: {}, week: 'w' }],
    weeks: [{ name: 'w', days: everyDay(1) }],
    days: [{ id: 1, switches: [{ minuteOfDay: 0, rate }] }],
    specialDays: [],
  });
  test('a passive tariff takes over at its instant, within a step, and says so', () => {
    const { meter } = testMeter({ startMs, rateCount: 4 });
    const value = { tables: flat(3), atMs: startMs + 600_000 } as never;
    assert.equal(meter.configuration.set('tariff', value, management), undefined);
    meter.accumulate({ startMs, endMs: startMs + 1_800_000, deliveredMws: 3000 * wattHour, receivedMws: 0 });
    assert.deepEqual([meter.metrology.delivered.rate(1), meter.metrology.delivered.rate(3)], [1000, 2000]);
    assert.deepEqual(
      meter.events.entries().map(({ code, labelMs }) => [code, labelMs - startMs]),
      [
        [19, 0],
        [9, 600_000],
      ],
    );
    assert.equal(meter.tariff.waiting, undefined);
  });
  test('one for a rate without register is refused, and nothing changes', () => {
    const { meter } = testMeter({ startMs });
    const refusal = meter.configuration.set(
      'tariff',
      { tables: flat(5), atMs: startMs } as never,
      management,
    );
    assert.equal(refusal?.code, 'meter/parameter-refused');
    assert.equal(meter.configuration.audit.length, 0);
  });
  test('whatever is activated when, however the clock is set, the rates sum to the total', () => {
    const happening = fc.record({
      rate: fc.integer({ min: 1, max: mostRates }),
      inMinutes: fc.integer({ min: -30, max: 90 }),
      minutes: fc.integer({ min: 1, max: 60 }),
      mws: fc.nat(5_000_000_000),
      shiftMs: fc.oneof(fc.constant(0), fc.integer({ min: -4_000_000, max: 4_000_000 })),
    });
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 25 }), (life) => {
        const { meter } = testMeter({ startMs, rateCount: mostRates });
        for (const { rate, inMinutes, minutes, mws, shiftMs } of life) {
          const nowMs = meter.clock.at(meter.countedToMs);
          const value = { tables: flat(rate), atMs: nowMs + inMinutes * 60_000 } as never;
          assert.equal(meter.configuration.set('tariff', value, management), undefined);
          const from = meter.countedToMs;
          meter.accumulate({
            startMs: from,
            endMs: from + minutes * 60_000,
            deliveredMws: mws,
            receivedMws: 0,
          });
          if (shiftMs !== 0) meter.metrology.setClock(shiftMs);
          let sum = 0;
          for (let number = 1; number <= mostRates; number++) sum += meter.metrology.delivered.rate(number);
          assert.equal(sum, meter.metrology.delivered.wattHours);
        }
      }),
      { numRuns: 60 },
    );
  });
});
