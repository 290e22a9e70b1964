/** Bills of the invented town with their explanations, worked out in integers from the fixed readings. */
import type {
  Bill,
  BillExplanation,
  BillLine,
  Determinant,
  IntervalExplanation,
  UsagePointSummary,
} from '@wattline/model';
import { quality, qualityFlags } from '@wattline/model';
import { addDays, datesBetween, dayStart, wallOf } from '../src/zone-time.ts';
import {
  fixtureNowMs,
  fixtureStartMs,
  fixtureZone,
  instant,
  intervalMs,
  recordedOf,
} from './fixture-readings.ts';
import { householdOf } from './fixture-town.ts';

type Day = BillExplanation['lines'][number]['days'][number];
const nightEndsMinute = 420;

interface Month {
  readonly month: string;
  readonly state: Bill['state'];
  readonly version: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly days: number;
}
const months: readonly Month[] = [
  {
    month: '2026-11',
    state: 'projection',
    version: 9,
    startMs: Date.UTC(2026, 10, 1),
    endMs: Math.floor((fixtureNowMs - 1_800_000) / intervalMs) * intervalMs,
    days: 21,
  },
  {
    month: '2026-10',
    state: 'closed',
    version: 1,
    startMs: fixtureStartMs,
    endMs: Date.UTC(2026, 10, 1),
    days: 31,
  },
];

/** Quantity in thousandths times price in ten-thousandths to minor units (hundredths), half away from zero. */
function amount(milli: number, price: string): bigint {
  const product = BigInt(milli) * BigInt(price.replace('.', ''));
  return (product + 50_000n) / 100_000n;
}
const kwh = (wh: number) => `${Math.floor(wh / 1000)}.${String(wh % 1000).padStart(3, '0')}`;

/** Sums of the days of a month over one channel, at day or night (`rate` 1, 2) or both (null). */
function daysOf(
  point: UsagePointSummary,
  month: Month,
  readingType: 'delivered' | 'received',
  rate: number | null,
): Day[] {
  const recorded = recordedOf(householdOf(point));
  const lastDay = wallOf(month.endMs - 1, fixtureZone).date;
  return datesBetween(`${month.month}-01`, lastDay).map((date) => {
    const fromMs = dayStart(date, fixtureZone);
    const toMs = Math.min(dayStart(addDays(date, 1), fixtureZone), month.endMs);
    const sum = { wh: 0, intervals: 0, estimated: 0, missing: 0 };
    for (let at = fromMs; at < toMs; at += intervalMs) {
      const isNight = wallOf(at, fixtureZone).minute < nightEndsMinute;
      if (rate !== null && isNight !== (rate === 2)) continue;
      const index = (at - fixtureStartMs) / intervalMs;
      const bits = recorded.quality[index] ?? quality.missing;
      sum.intervals++;
      sum.wh += recorded[readingType][index] ?? 0;
      if (bits & quality.estimated) sum.estimated++;
      if (bits & quality.missing) sum.missing++;
    }
    const readings = `/api/v1/usage-points/${point.id}/readings?from=${instant(fromMs)}&to=${instant(toMs)}&readingType=${readingType}`;
    return { date, ...sum, wh: String(sum.wh), readings };
  });
}

function determinantOf(
  point: UsagePointSummary,
  id: string,
  title: string,
  days: readonly Day[],
  rate: number | null,
): Determinant {
  const sum = (field: 'intervals' | 'estimated' | 'missing') =>
    days.reduce((total, day) => total + day[field], 0);
  return {
    id,
    title,
    quantity: kwh(days.reduce((total, day) => total + Number(day.wh), 0)),
    unit: 'kWh',
    channel: `${point.id}/${id.startsWith('received') ? 'received' : 'delivered'}`,
    rate,
    intervals: sum('intervals'),
    estimated: sum('estimated'),
    missing: sum('missing'),
  };
}

function energyLine(id: string, title: string, determinant: Determinant, price: string): BillLine {
  const isCredit = determinant.id === 'received';
  const value = amount(Number(determinant.quantity.replace('.', '')), price);
  return {
    id,
    title,
    kind: isCredit ? 'credit' : 'energy',
    determinantId: determinant.id,
    quantity: determinant.quantity,
    unit: 'kWh',
    price,
    amount: String(isCredit ? -value : value),
    rounding: 'half-up',
  };
}

function billOf(
  point: UsagePointSummary,
  month: Month,
): { readonly bill: Bill; readonly explanation: BillExplanation } {
  const days = {
    'delivered-1': daysOf(point, month, 'delivered', 1),
    'delivered-2': daysOf(point, month, 'delivered', 2),
    received: point.solarW > 0 ? daysOf(point, month, 'received', null) : [],
  };
  const standing: Determinant = {
    id: 'days',
    title: 'Days',
    quantity: String(month.days),
    unit: 'day',
    channel: null,
    rate: null,
    intervals: 0,
    estimated: 0,
    missing: 0,
  };
  const day = determinantOf(point, 'delivered-1', 'Delivered, Day', days['delivered-1'], 1);
  const night = determinantOf(point, 'delivered-2', 'Delivered, Night', days['delivered-2'], 2);
  const received = determinantOf(point, 'received', 'Received', days.received, null);
  const charges: BillLine[] = [
    {
      id: 'standing',
      title: 'Standing charge',
      kind: 'standing',
      determinantId: 'days',
      quantity: String(month.days),
      unit: 'day',
      price: '0.4685',
      amount: String(amount(month.days * 1000, '0.4685')),
      rounding: 'half-up',
    },
    energyLine('energy-1-1', 'Day', day, '0.2834'),
    energyLine('energy-2-1', 'Night', night, '0.1192'),
    ...(point.solarW > 0 ? [energyLine('credit', 'Energy sent to the grid', received, '0.1250')] : []),
  ];
  const net = charges.reduce((sum, line) => sum + BigInt(line.amount), 0n);
  const tax: BillLine = {
    id: 'tax',
    title: 'VAT',
    kind: 'tax',
    determinantId: null,
    quantity: '5',
    unit: 'percent',
    price: `${net / 100n}.${String(net % 100n).padStart(2, '0')}`,
    amount: String((net * 5n + 50n) / 100n),
    rounding: 'half-up',
  };
  const lines = [...charges, tax];
  const determinants = [standing, day, night, ...(point.solarW > 0 ? [received] : [])];
  const total = Number(day.quantity.replace('.', '')) + Number(night.quantity.replace('.', ''));
  const register = 4_120_310;
  const id = `B-${point.id}-${month.month}-v${month.version}`;
  const bill: Bill = {
    id,
    usagePointId: point.id,
    version: month.version,
    state: month.state,
    month: month.month,
    zone: fixtureZone,
    start: instant(month.startMs),
    end: instant(month.endMs),
    currency: 'GBP',
    minorDigits: 2,
    tariff: { id: 'WTL-HOME-TOU', version: 1, name: 'Home day and night' },
    determinants,
    lines,
    total: String(lines.reduce((sum, line) => sum + BigInt(line.amount), 0n)),
    registerCheck:
      month.state === 'closed'
        ? {
            start: kwh(register),
            end: kwh(register + total),
            difference: '0.000',
            intervals: kwh(total),
            agrees: true,
          }
        : { start: kwh(register), end: null, difference: null, intervals: kwh(total), agrees: null },
    asOf: instant(month.state === 'closed' ? Date.UTC(2026, 10, 1, 0, 20) : fixtureNowMs),
    inputsDigest: 'b1946ac92492d2347c6235b4d2611184f0c5d9bd1ea4c8e2ba8d4b6c5d7e8f90',
  };
  const explanation: BillExplanation = {
    billId: id,
    lines: lines.map((line) => ({
      lineId: line.id,
      formula: `${line.quantity} ${line.unit} x ${line.price} GBP = ${Number(line.amount) / 100} GBP, rounded half-up once`,
      determinant: determinants.find((one) => one.id === line.determinantId) ?? null,
      days: days[(line.determinantId ?? '') as keyof typeof days] ?? [],
    })),
  };
  return { bill, explanation };
}

/** Bills of a point with their explanations, newest month first; none for a point without readings. */
export function fixtureBills(point: UsagePointSummary): ReturnType<typeof billOf>[] {
  if (householdOf(point).knownUntilMs <= fixtureStartMs) return [];
  return months.map((month) => billOf(point, month));
}

const frameHex = '7ea0847503131b2be6e700c4018100010402020906' + '0100011d00ff0203060000009612000016011e';

/** The story of an interval: an estimate stands over a gap, everything else came in a frame. */
export function fixtureInterval(
  point: UsagePointSummary,
  startMs: number,
  readingType: string,
): IntervalExplanation {
  const recorded = recordedOf(householdOf(point));
  const index = (startMs - fixtureStartMs) / intervalMs;
  const bits = recorded.quality[index] ?? quality.missing;
  const value = recorded[readingType === 'received' ? 'received' : 'delivered'][index] ?? null;
  const isEstimated = (bits & quality.estimated) !== 0;
  const exchange = `X-${point.id}-${index}`;
  const version = (
    knownMs: number,
    flags: number,
    kept: number | null,
    origin: { method: string; source: string; reference: string },
  ) => ({
    knownAt: instant(knownMs),
    value: kept,
    quality: flags,
    flags: qualityFlags(flags),
    ...origin,
  });
  const fromMeter = { method: '', source: 'dlms', reference: exchange };
  const versions = isEstimated
    ? [
        version(startMs + 1_200_000, quality.missing, null, { ...fromMeter, reference: `${exchange}-gap` }),
        version(startMs + 7_200_000, bits, value, {
          method: 'linear-interpolation',
          source: 'estimate',
          reference: `E-${index}`,
        }),
      ]
    : bits & quality.missing
      ? []
      : [version(startMs + 1_200_000, bits, value, fromMeter)];
  return {
    channel: `${point.id}/${readingType}`,
    start: instant(startMs),
    intervalSeconds: intervalMs / 1000,
    versions,
    verdicts: [
      {
        rule: 'within-fuse',
        outcome: 'pass',
        detail: 'below 25 kW, what the main fuse lets through',
        knownAt: instant(startMs + 1_200_000),
      },
      {
        rule: 'spike',
        outcome: bits & quality.suspect ? 'fail' : 'pass',
        detail:
          bits & quality.suspect
            ? 'seven times the third-highest interval of the day'
            : 'in line with the intervals of the day',
        knownAt: instant(startMs + 1_200_000),
      },
    ],
    exchange:
      isEstimated || bits & quality.missing
        ? null
        : {
            id: exchange,
            serial: point.meter?.serial ?? '',
            at: instant(startMs + 1_140_000),
            digest: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
            hex: frameHex.repeat(5),
          },
  };
}
