/**
 * Bills that NREL's utility rate calculator expects (NREL/ssc, cmod_utilityrate5_test.cpp @e97a19f8, BSD-3-Clause).
 * A schedule that changes with the months becomes a tariff for each month; the year starts on a Monday and has no clock change.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { localMonth } from '@wattline/base';
import type { Bill, Tariff, TouRate, TouSwitch } from '@wattline/model';
import { plainTariff, rateWh } from './fixture/rated-series.ts';
import { readSample, skipWithout } from './fixture/shared-samples.ts';
import { parseTariff } from './tariff-check.ts';

const folder = 'samples/apps/billing/ssc_utilityrate5';
/** 2018 began on a Monday, as the years of the calculator do. */
const year = 2018;
const hourMs = 3_600_000;

/** Rows of period, tier, limit, unit of the limit (0 is kWh a month), buy price, sell price. */
type PriceRow = readonly [number, number, number | 'inf', number, number, number];

interface SscCase {
  readonly inputs: {
    readonly ur_ec_sched_weekday: readonly (readonly number[])[];
    readonly ur_ec_sched_weekend: readonly (readonly number[])[];
    readonly ur_ec_tou_mat: readonly PriceRow[];
    readonly load: { readonly series: string };
    readonly gen: { readonly series: string };
  };
  readonly expect: readonly {
    readonly output: string;
    readonly index: readonly number[];
    readonly value: number;
    readonly tol: number;
  }[];
}

function readCase(name: string): SscCase {
  const parsed = JSON.parse(readSample(`${folder}/${name}.json`)) as { runs: readonly [SscCase] };
  return parsed.runs[0];
}

function readKilowatts(series: string): number[] {
  return readSample(`${folder}/series/${series}.csv.gz`).trim().split('\n').map(Number);
}

function expected(ssc: SscCase, output: string, index: readonly number[] = []) {
  const found = ssc.expect.find((entry) => entry.output === output && entry.index.join() === index.join());
  assert.ok(found, `${output}[${index.join()}] is expected by the case`);
  return found;
}

function assertNear(actual: number, { value, tol }: { readonly value: number; readonly tol: number }): void {
  assert.ok(Math.abs(actual - value) <= tol, `expected ${value} within ${tol}, computed ${actual}`);
}

/** The tariff of a month. Prices sit on a grid of 10 decimals, which drops the tail of a double. */
function tariffOf(ssc: SscCase, month: number, received: Tariff['received']): Tariff {
  const { ur_ec_sched_weekday: weekday, ur_ec_sched_weekend: weekend, ur_ec_tou_mat: prices } = ssc.inputs;
  const decimal = (value: number) => value.toFixed(10).replace(/\.?0+$/, '');
  const periods = [...new Set(prices.map(([period]) => period))];
  const rates = periods.map((period): TouRate => {
    const rows = prices.filter((row) => row[0] === period).sort((a, b) => a[1] - b[1]);
    assert.ok(rows.every((row) => row[3] === 0, 'limits are kWh of a month'));
    const tiers = rows.map((row) => ({
      uptoKwh: row[2] === 'inf' ? null : decimal(row[2]),
      pricePerKwh: decimal(row[4]),
    }));
    return { rate: period, name: `Period ${period}`, tiers };
  });
  const calendar = [
    ...switchesOf(weekday[month] ?? [], ['mon', 'tue', 'wed', 'thu', 'fri']),
    ...switchesOf(weekend[month] ?? [], ['sat', 'sun']),
  ];
  const tariff = { ...plainTariff, currency: 'USD', minorDigits: 6, rates, calendar, received };
  return parseTariff(tariff, 'ssc');
}

function switchesOf(hours: readonly number[], days: TouSwitch['days']): TouSwitch[] {
  return hours.flatMap((rate, hour) =>
    rate === hours[hour - 1] ? [] : [{ days, from: `${String(hour).padStart(2, '0')}:00`, rate }],
  );
}

/** Twelve bills of a load in kW and, when `net` is given, of generation behind the same meter. */
function yearOf(ssc: SscCase, received: Tariff['received'], generation?: readonly number[]): Bill[] {
  const load = readKilowatts(ssc.inputs.load.series);
  const stepsPerHour = load.length / 8760;
  const yearStartMs = localMonth(`${year}-01`, 'UTC').startMs;
  return Array.from({ length: 12 }, (_, month) => {
    const label = `${year}-${String(month + 1).padStart(2, '0')}`;
    const { startMs, endMs } = localMonth(label, 'UTC');
    const [first, end] = [startMs, endMs].map((at) => ((at - yearStartMs) / hourMs) * stepsPerHour);
    const net = load.slice(first, end).map((kw, at) => kw - (generation?.[(first ?? 0) + at] ?? 0));
    return rateWh(tariffOf(ssc, month, received), {
      month: label,
      startMs,
      intervalSeconds: 3600 / stepsPerHour,
      delivered: registered(net.map((kw) => Math.max(kw, 0) / stepsPerHour)),
      ...(generation ? { received: registered(net.map((kw) => Math.max(-kw, 0) / stepsPerHour)) } : {}),
    });
  });
}

/** Wh of each step as a register of whole Wh advances, so that what one step rounds away the next one gets. */
function registered(kwh: readonly number[]): number[] {
  let exact = 0;
  let register = 0;
  return kwh.map((energy) => {
    exact += energy * 1000;
    const before = register;
    register = Math.round(exact);
    return register - before;
  });
}

const sumOf = (bills: readonly Bill[]) => bills.reduce((sum, { total }) => sum + Number(total), 0) / 1e6;
const none = { scheme: 'none', receivedPerKwh: '0' } as const;

describe('a year of time-of-use bills of a home without solar', () => {
  const cases: readonly (readonly [string, string, readonly number[]])[] = [
    ['Test_Residential_TOU_Rates_annual_minimum', 'utility_bill_wo_sys_year1', []],
    ['Test_Residential_TOU_Rates_net_billing_carryover', 'utility_bill_wo_sys_year1', []],
    ['Test_Residential_TOU_Rates_net_billing_subhourly_gen_and_load', 'utility_bill_wo_sys_year1', []],
    ['Test_Residential_TOU_Rates_w_36_periods', 'utility_bill_wo_sys_year1', []],
    ['Test_Residential_net_metering_credits_in_may_with_rollover', 'utility_bill_wo_sys', [1]],
  ];
  for (const [name, output, index] of cases) {
    test(name, { skip: skipWithout(folder) }, () => {
      const ssc = readCase(name);
      assertNear(sumOf(yearOf(ssc, none)), expected(ssc, output, index));
    });
  }
});

describe('a year of bills with every kWh sent to the grid paid at one price', () => {
  const cases = [
    ['Test_Residential_TOU_Rates_net_billing_carryover_lower_sell_rate', '0.05'],
    ['Test_Residential_TOU_Rates_net_billing_subhourly_gen_and_load', '0'],
  ] as const;
  for (const [name, receivedPerKwh] of cases) {
    test(name, { skip: skipWithout(folder) }, () => {
      const ssc = readCase(name);
      const generation = readKilowatts(ssc.inputs.gen.series);
      const bills = yearOf(ssc, { scheme: 'export-credit', receivedPerKwh }, generation);
      assertNear(sumOf(bills), expected(ssc, 'utility_bill_w_sys_year1'));
    });
  }
});

describe('a year of net metering: offset within the rate, its surplus at the rate of the foreign case', () => {
  const names = [
    'Test_Residential_TOU_Rates_net_billing_w_sell_rates',
    'Test_Residential_TOU_Rates_net_billing_carryover',
    'Test_Residential_TOU_Rates_w_36_periods',
  ];
  for (const name of names) {
    test(name, { skip: skipWithout(folder) }, () => {
      const ssc = readCase(name);
      const generation = readKilowatts(ssc.inputs.gen.series);
      const bills = yearOf(ssc, { scheme: 'net', receivedPerKwh: '0' }, generation);
      const sellPrice = new Map(ssc.inputs.ur_ec_tou_mat.map((row) => [`credit-${row[0]}`, row[5]]));
      const surplus = bills
        .flatMap(({ lines }) => lines)
        .filter(({ kind }) => kind === 'credit')
        .reduce((sum, { id, quantity }) => sum + Number(quantity) * (sellPrice.get(id) ?? Number.NaN), 0);
      assertNear(sumOf(bills) - surplus, expected(ssc, 'utility_bill_w_sys_year1'));
    });
  }
});

test('a block tariff of seven tiers cuts the energy of a commercial April', {
  skip: skipWithout(folder),
}, () => {
  const ssc = readCase('Test_Commercial_Energy_Tiers_net_billing');
  const april = yearOf(ssc, none)[3];
  const parts = april?.lines.filter(({ kind }) => kind === 'energy') ?? [];
  assert.equal(parts.length, 6);
  parts.forEach(({ quantity }, at) => {
    assertNear(Number(quantity), expected(ssc, 'energy_wo_sys_ec_apr_tp', [1, at + 1]));
  });
});
