import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { localMonth, localTime } from '@wattline/base';
import { quality, type Tariff, type TouSwitch } from '@wattline/model';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.ts';
import { isSilent, silentSeries, sumByDay } from './day-sums.ts';
import { measured, plainTariff, rateWh } from './fixture/rated-series.ts';
import { minuteOf, rateSegments, weekDays } from './rate-segments.ts';
import { rateBill } from './rating.ts';

const halfHour = 1800;
const utc = (text: string) => Temporal.Instant.from(text).epochMilliseconds;
const juneMs = localMonth('2026-06', 'UTC').startMs;
const energyOf = (tariff: Tariff, delivered: readonly number[]) =>
  rateWh(tariff, { startMs: juneMs, intervalSeconds: halfHour, delivered });

/** Wall-clock times on a grid of a quarter hour. */
const wallClock = fc
  .nat(95)
  .map(
    (quarter) => `${String(quarter >> 2).padStart(2, '0')}:${String((quarter & 3) * 15).padStart(2, '0')}`,
  );

/** A calendar with one to four switches on every day of the week. */
const calendars: fc.Arbitrary<TouSwitch[]> = fc
  .tuple(
    ...weekDays.map(() =>
      fc
        .uniqueArray(wallClock, { minLength: 1, maxLength: 4 })
        .chain((times) =>
          fc.tuple(
            fc.constant(times),
            fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 4, maxLength: 4 }),
          ),
        ),
    ),
  )
  .map((days) =>
    days.flatMap(([times, rates], day) =>
      times.map((from, at) => ({ days: [weekDays[day] ?? 'mon'], from, rate: rates[at] ?? 1 })),
    ),
  );

const threeRates: Tariff = {
  ...plainTariff,
  standingPerDay: '0.4685',
  taxPercent: '5',
  rates: [1, 2, 3].map((rate) => ({
    rate,
    name: `Rate ${rate}`,
    tiers: [
      { uptoKwh: '50', pricePerKwh: `0.1${rate}37` },
      { uptoKwh: null, pricePerKwh: `0.2${rate}91` },
    ],
  })),
};

describe('the calendar laid over a month', () => {
  /** The rate by looking at the wall clock of one instant, the plain way. */
  const rateAt = (calendar: readonly TouSwitch[], zone: string, atMs: number): number | undefined => {
    const { dayOfWeek, minuteOfDay } = localTime(atMs, zone);
    for (let back = 0; back < 8; back++) {
      const day = weekDays[(dayOfWeek - 1 - back + 14) % 7] ?? 'mon';
      const passed = calendar
        .filter(({ days, from }) => days.includes(day) && (back > 0 || minuteOf(from) <= minuteOfDay))
        .sort((a, b) => minuteOf(b.from) - minuteOf(a.from));
      if (passed[0]) return passed[0].rate;
    }
    return undefined;
  };
  const months = fc.constantFrom(
    ['Europe/London', '2026-03'],
    ['Europe/London', '2026-10'],
    ['Australia/Sydney', '2026-04'],
    ['Australia/Lord_Howe', '2026-10'],
    ['Asia/Kolkata', '2026-02'],
  );

  test('covers it without gap or overlap and says at every quarter hour what the wall clock says', () => {
    fc.assert(
      fc.property(months, calendars, ([zone, month], calendar) => {
        const period = localMonth(month as string, zone as string);
        const segments = rateSegments({ zone: zone as string, calendar }, period);
        let atMs = period.startMs;
        for (const { startMs, endMs, rate } of segments) {
          assert.equal(startMs, atMs);
          for (; atMs < endMs; atMs += 900_000) assert.equal(rate, rateAt(calendar, zone as string, atMs));
          assert.equal(atMs, endMs);
        }
        assert.equal(atMs, period.endMs);
      }),
      { numRuns: 20 },
    );
  });
  test('a switch inside the hour that the spring change skips takes effect when the clock jumps over it', () => {
    const calendar: TouSwitch[] = [
      { days: weekDays, from: '00:00', rate: 2 },
      { days: weekDays, from: '01:30', rate: 1 },
    ];
    const day = { startMs: utc('2026-03-29T00:00Z'), endMs: utc('2026-03-29T23:00Z') };
    const [night, rest] = rateSegments({ zone: 'Europe/London', calendar }, day);
    assert.deepEqual([night?.rate, night?.endMs], [2, utc('2026-03-29T01:00Z')]);
    assert.deepEqual([rest?.rate, rest?.endMs], [1, day.endMs]);
  });
  test('before its first switch a day goes on with the rate of the day before', () => {
    const calendar: TouSwitch[] = [
      { days: weekDays, from: '07:00', rate: 1 },
      { days: weekDays, from: '23:00', rate: 2 },
    ];
    const day = { startMs: juneMs, endMs: juneMs + 86_400_000 };
    assert.deepEqual(
      rateSegments({ zone: 'UTC', calendar }, day).map(({ rate, startMs }) => [
        rate,
        (startMs - juneMs) / 3_600_000,
      ]),
      [
        [2, 0],
        [1, 7],
        [2, 23],
      ],
    );
  });
});

describe('sums by day', () => {
  const segments = [{ date: '2026-06-01', startMs: 0, endMs: 4 * 900_000, rate: 1 }];
  test('slots of the period that the series does not hold are missing, on both sides', () => {
    const series = measured('c', 900_000, 900, [5, 7]);
    assert.deepEqual(sumByDay(series, segments), [
      { date: '2026-06-01', rate: 1, wh: 12, intervals: 4, estimated: 0, missing: 2 },
    ]);
  });
  test('a suspect value counts as missing until it is estimated', () => {
    const series = measured('c', 0, 900, [5, 6, 7, 8]);
    series.quality.set([quality.measured | quality.suspect, quality.suspect | quality.estimated]);
    assert.deepEqual(sumByDay(series, segments), [
      { date: '2026-06-01', rate: 1, wh: 21, intervals: 4, estimated: 1, missing: 1 },
    ]);
  });
  test('a channel never heard of is missing from end to end', () => {
    const silent = silentSeries('c', { startMs: 0, endMs: 3_600_000 }, { intervalSeconds: 900, asOfMs: 0 });
    assert.equal(isSilent(silent), true);
    assert.equal(sumByDay(silent, segments)[0]?.missing, 4);
  });
});

describe('a line is quantity x price, rounded once, ties away from zero', () => {
  const cases = [
    { wh: 10, price: '0.25', amount: '0' },
    { wh: 20, price: '0.25', amount: '1' },
    { wh: 19, price: '0.25', amount: '0' },
    { wh: 1000, price: '0.2834', amount: '28' },
    { wh: 1000, price: '0.285', amount: '29' },
  ];
  for (const { wh, price, amount } of cases) {
    test(`${wh} Wh at ${price} is ${amount} pence`, () => {
      const rates = [{ rate: 1, name: 'All', tiers: [{ uptoKwh: null, pricePerKwh: price }] }];
      assert.equal(energyOf({ ...plainTariff, rates }, [wh, 0]).total, amount);
    });
  }
  test('a credit rounds as the charge that it mirrors', () => {
    const tariff = { ...plainTariff, received: { scheme: 'export-credit', receivedPerKwh: '0.25' } } as const;
    const bill = rateWh(tariff, {
      startMs: juneMs,
      intervalSeconds: halfHour,
      delivered: [20],
      received: [20],
    });
    assert.deepEqual(
      bill.lines.map(({ amount }) => amount),
      ['0', '1', '-1', '0'],
    );
  });
});

describe('tiers of a month', () => {
  const tiered = (wh: number) =>
    energyOf(threeRates, [wh])
      .lines.filter(({ id }) => id.startsWith('energy-1'))
      .map(({ quantity }) => quantity);
  test('energy at the threshold to the Wh stays below it', () =>
    assert.deepEqual(tiered(50_000), ['50.000']));
  test('one Wh more takes the next price', () => assert.deepEqual(tiered(50_001), ['50.000', '0.001']));
  test('no energy at all still shows its first price', () => assert.deepEqual(tiered(0), ['0.000']));
});

describe('what holds of every bill', () => {
  const wh = fc.nat(5000);
  const day = fc.array(wh, { minLength: 96, maxLength: 200 });

  test('lines sum to the total, determinants to the intervals', () => {
    fc.assert(
      fc.property(
        calendars,
        day,
        day,
        fc.constantFrom('none', 'net', 'export-credit'),
        (calendar, delivered, sent, scheme) => {
          const tariff = { ...threeRates, calendar, received: { scheme, receivedPerKwh: '0.0771' } } as const;
          const received = delivered.map((_, at) => sent[at] ?? 0);
          const bill = rateWh(tariff, { startMs: juneMs, intervalSeconds: halfHour, delivered, received });
          const sum = bill.lines.reduce((total, { amount }) => total + BigInt(amount), 0n);
          assert.equal(String(sum), bill.total);
          const energyOfDirection = (direction: string) =>
            bill.determinants
              .filter(({ id }) => id.startsWith(direction))
              .reduce((total, { quantity }) => total + Math.round(Number(quantity) * 1000), 0);
          const add = (a: number, b: number) => a + b;
          assert.equal(energyOfDirection('delivered'), delivered.reduce(add, 0));
          if (scheme !== 'none') assert.equal(energyOfDirection('received'), received.reduce(add, 0));
        },
      ),
      { numRuns: 60 },
    );
  });
  test('the same energy in half as long intervals is the same bill', () => {
    // Switches move to the half hour: an interval is then never cut by a change of rate.
    const onHalfHours = calendars.map((calendar) =>
      calendar
        .map((entry) => ({ ...entry, from: entry.from.replace(':15', ':00').replace(':45', ':30') }))
        .filter(
          ({ days, from }, at, all) => all.findIndex((e) => e.days[0] === days[0] && e.from === from) === at,
        ),
    );
    fc.assert(
      fc.property(onHalfHours, day, (calendar, delivered) => {
        const tariff = { ...threeRates, calendar };
        const halves = delivered.flatMap((energy) => [energy >> 2, energy - (energy >> 2)]);
        const coarse = energyOf(tariff, delivered);
        const fine = rateWh(tariff, { startMs: juneMs, intervalSeconds: halfHour / 2, delivered: halves });
        assert.deepEqual(fine.lines, coarse.lines);
      }),
      { numRuns: 60 },
    );
  });
  test('more consumption never costs less', () => {
    fc.assert(
      fc.property(calendars, day, fc.nat(95), wh, (calendar, delivered, at, more) => {
        const tariff = { ...threeRates, calendar };
        const raised = delivered.map((energy, slot) => (slot === at ? energy + more : energy));
        assert.ok(BigInt(energyOf(tariff, raised).total) >= BigInt(energyOf(tariff, delivered).total));
      }),
      { numRuns: 60 },
    );
  });
  test('the same inputs give the same bytes, and one Wh another digest', () => {
    const one = energyOf(threeRates, [1, 2, 3]);
    assert.equal(canonicalJson(one), canonicalJson(energyOf(threeRates, [1, 2, 3])));
    assert.notEqual(one.inputsDigest, energyOf(threeRates, [1, 2, 4]).inputsDigest);
    assert.notEqual(one.inputsDigest, energyOf({ ...threeRates, taxPercent: '6' }, [1, 2, 3]).inputsDigest);
  });
});

test('a zero that was measured and a value that is missing are not the same input', () => {
  const missing = measured('UP-0001/delivered', juneMs, halfHour, [0]);
  missing.quality[0] = quality.missing;
  const base = {
    usagePointId: 'UP-0001',
    version: 1,
    month: '2026-06',
    state: 'closed',
    period: { startMs: juneMs, endMs: juneMs + halfHour * 1000 },
    tariff: plainTariff,
    received: null,
    registers: { start: 0, end: 0 },
    asOfMs: 0,
  } as const;
  const known = rateBill({ ...base, delivered: measured('UP-0001/delivered', juneMs, halfHour, [0]) });
  const unknown = rateBill({ ...base, delivered: missing });
  assert.equal(known.total, unknown.total);
  assert.notEqual(known.inputsDigest, unknown.inputsDigest);
});
