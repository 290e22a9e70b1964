/** Single bills with figures that others worked out: a Spanish home of 2020, the Danish settlement of wholesale tariffs. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatDecimal, localDay } from '@wattline/base';
import type { Bill, Tariff, TouSwitch } from '@wattline/model';
import { plainTariff, rateWh } from './fixture/rated-series.ts';
import { readSample, skipWithout } from './fixture/shared-samples.ts';

const everyDay: TouSwitch['days'] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const amountOfLine = (bill: Bill, id: string) =>
  formatDecimal(BigInt(bill.lines.find((line) => line.id === id)?.amount ?? 'none'), bill.minorDigits);

const spain = {
  bills: 'data/A09_es_expected_bills_2020.json.gz',
  consumption: 'data/A09_es_hourly_consumption_2020.csv.gz',
  prices: 'data/A09_es_pvpc_prices_2020.csv.gz',
};

interface SpanishBill {
  readonly num_dias_factura: number;
  readonly periodos_fact: readonly [
    {
      readonly termino_fijo_peaje_acceso: number;
      readonly termino_fijo_comercializacion: number;
      readonly energy_periods: readonly {
        readonly coste_peaje_acceso_tea: number;
        readonly energia_total: number;
      }[];
    },
  ];
}

/** azogue/pvpcbill @34b799dc2d (MIT): hours label their end, 1 to 24; the price file has the energy toll `TEU` in EUR/MWh. */
describe('a Spanish home from 18 February to 18 March 2020', { skip: skipWithout(spain.bills) }, () => {
  const expectedOf = (toll: string): SpanishBill => {
    const bills = JSON.parse(readSample(spain.bills)) as Record<string, SpanishBill>;
    const name = Object.keys(bills).find((key) => key.includes(`_${toll}_`));
    return bills[name ?? ''] as SpanishBill;
  };
  const consumption = () =>
    readSample(spain.consumption)
      .trim()
      .split('\n')
      .slice(1)
      .map((row) => Math.round(Number(row.split(';')[3]?.replace(',', '.')) * 1000));
  const tollsOf = (toll: string): string[] => {
    const [head = '', ...rows] = readSample(spain.prices).trim().split('\n');
    const column = head.split(',').indexOf(`TEU${toll}`);
    const values = new Set(rows.map((row) => Number(row.split(',')[column])));
    return [...values].sort((a, b) => b - a).map((perMwh) => (perMwh / 1000).toFixed(5));
  };
  const tariff = (prices: readonly string[], calendar: Tariff['calendar'], standingPerDay = '0'): Tariff => ({
    ...plainTariff,
    currency: 'EUR',
    zone: 'Europe/Madrid',
    standingPerDay,
    rates: prices.map((pricePerKwh, at) => ({
      rate: at + 1,
      name: `P${at + 1}`,
      tiers: [{ uptoKwh: null, pricePerKwh }],
    })),
    calendar,
  });
  const rate = (of: Tariff) =>
    rateWh(of, {
      startMs: localDay('2020-02-18', 'Europe/Madrid').startMs,
      intervalSeconds: 3600,
      delivered: consumption(),
      month: '2020-02',
    });
  const assertPeriods = (bill: Bill, expected: SpanishBill) => {
    expected.periodos_fact[0].energy_periods.forEach((period, at) => {
      const kwh = Number(bill.determinants.find(({ id }) => id === `delivered-${at + 1}`)?.quantity);
      assert.equal(kwh.toFixed(2), period.energia_total.toFixed(2));
      assert.equal(amountOfLine(bill, `energy-${at + 1}-1`), period.coste_peaje_acceso_tea.toFixed(2));
    });
  };

  test('toll 2.0DHA: the energy of P1 from 12 to 22 h in winter and of P2, each at its toll', () => {
    const calendar = [
      { days: everyDay, from: '00:00', rate: 2 },
      { days: everyDay, from: '12:00', rate: 1 },
      { days: everyDay, from: '22:00', rate: 2 },
    ];
    assertPeriods(rate(tariff(tollsOf('NOC'), calendar)), expectedOf('NOC'));
  });
  test('toll 2.0A: all hours at one toll', () => {
    const calendar = [{ days: everyDay, from: '00:00', rate: 1 }];
    assertPeriods(rate(tariff(tollsOf('GEN'), calendar)), expectedOf('GEN'));
  });
  test('the fixed terms of 4.6 kW over thirty days of a leap year', () => {
    // Access 38.043426 and margin 3.113 EUR/kW a year: the regulated figures of 2020, which the sample does not carry.
    const calendar = [{ days: everyDay, from: '00:00', rate: 1 }];
    const perDay = (perKwYear: number) => ((perKwYear * 4.6) / 366).toFixed(8);
    const { num_dias_factura: days, periodos_fact: periods } = expectedOf('GEN');
    for (const [perKwYear, amount] of [
      [38.043426, periods[0].termino_fijo_peaje_acceso],
      [3.113, periods[0].termino_fijo_comercializacion],
    ] as const) {
      const bill = rate(tariff(['0'], calendar, perDay(perKwYear)));
      assert.equal(bill.determinants[0]?.quantity, String(days));
      assert.equal(amountOfLine(bill, 'standing'), amount.toFixed(2));
    }
  });
});

/**
 * Energinet-DataHub/opengeh-wholesale @f3cb4df6 (Apache-2.0), scenario "minimal standard wholesale": monthly amounts of
 * three local days from 2023-01-31T23:00Z in DKK with six decimals.
 */
describe('Danish wholesale tariffs amount to six decimals', () => {
  const rows = [
    { charge: 'tariff-hourly-1', wh: 10_137, price: '10.000000', amount: '101.370000' },
    { charge: 'tariff-hourly-1', wh: 37_500, price: '10.000000', amount: '375.000000' },
    { charge: 'tariff-hourly-3', wh: 44_280, price: '7.654321', amount: '338.933334' },
    { charge: 'tariff-hourly-4-co_is_tax', wh: 10_137, price: '666.666666', amount: '6757.999993' },
    { charge: 'tariff-daily-1', wh: 10_137, price: '0.001000', amount: '0.010137' },
    { charge: 'tariff-daily-1', wh: 37_500, price: '0.001000', amount: '0.037500' },
    { charge: 'tariff-daily-3-co_is_tax', wh: 5_000, price: '666.666666', amount: '3333.333330' },
    { charge: 'tariff-daily-4-co_is_not_tax', wh: 40_159, price: '10.000000', amount: '401.590000' },
  ];
  const dkk = { ...plainTariff, currency: 'DKK', minorDigits: 6, zone: 'Europe/Copenhagen' };
  const { startMs } = localDay('2023-02-01', 'Europe/Copenhagen');
  const delivered = (wh: number) => Array.from({ length: 72 }, (_, hour) => (hour === 3 ? wh : 0));
  for (const { charge, wh, price, amount } of rows) {
    test(`${charge}: ${wh} Wh at ${price}`, () => {
      const rates = [{ rate: 1, name: charge, tiers: [{ uptoKwh: null, pricePerKwh: price }] }];
      const bill = rateWh({ ...dkk, rates }, { startMs, intervalSeconds: 3600, delivered: delivered(wh) });
      assert.equal(amountOfLine(bill, 'energy-1-1'), amount);
    });
  }
  test('subscription-1: two pieces at 0.302867 a day', () => {
    const tariff = { ...dkk, standingPerDay: '0.605734' };
    const bill = rateWh(tariff, { startMs, intervalSeconds: 3600, delivered: delivered(0) });
    assert.equal(amountOfLine(bill, 'standing'), '1.817202');
  });
});
