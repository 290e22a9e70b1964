/** Explains a bill: each line as a formula, down to the local days whose readings it was summed from. */
import { formatDecimal, formatInstant, localDay } from '@wattline/base';
import type { Bill, BillExplanation, BillLine, Determinant } from '@wattline/model';
import { type DaySum, sumByDay } from './day-sums.ts';
import { rateSegments } from './rate-segments.ts';
import type { RatingInputs } from './rating-inputs.ts';

type LineExplanation = BillExplanation['lines'][number];

/** The explanation of `bill` out of the inputs it was rated from. The days of a determinant sum to its quantity. */
export function explainBill(bill: Bill, inputs: RatingInputs): BillExplanation {
  const segments = rateSegments(inputs.tariff, inputs.period);
  const sums = new Map<string, readonly DaySum[]>();
  for (const series of [inputs.delivered, inputs.received]) {
    if (series) sums.set(series.channel, sumByDay(series, segments));
  }
  const lines = bill.lines.map((line): LineExplanation => {
    const determinant = bill.determinants.find(({ id }) => id === line.determinantId) ?? null;
    const own = sums.get(determinant?.channel ?? '') ?? [];
    return {
      lineId: line.id,
      formula: formulaOf(bill, line, determinant),
      determinant,
      days: mergeRates(own, determinant?.rate ?? null).map((sum) => explainDay(sum, inputs, determinant)),
    };
  });
  return { billId: bill.id, lines };
}

/** A line as one would work it out on paper. */
export function formulaOf(bill: Bill, line: BillLine, determinant: Determinant | null): string {
  const { currency, minorDigits } = bill;
  const amount = `${formatDecimal(BigInt(line.amount), minorDigits)} ${currency}`;
  const rounded = `rounded ${line.rounding} once`;
  if (line.kind === 'tax') return `${line.quantity} % of ${line.price} ${currency} = ${amount}, ${rounded}`;
  const sign = line.kind === 'credit' ? '-' : '';
  const product = `${sign}${line.quantity} ${line.unit} x ${line.price} ${currency}/${line.unit} = ${amount}, ${rounded}`;
  return `${originOf(bill, line, determinant)}${product}`;
}

/** How the quantity comes from the determinant, when it is not the determinant itself. */
function originOf(bill: Bill, line: BillLine, determinant: Determinant | null): string {
  if (determinant === null || determinant.rate === null) return '';
  const quantityOf = (id: string) => bill.determinants.find((entry) => entry.id === id)?.quantity;
  const delivered = quantityOf(`delivered-${determinant.rate}`);
  const received = quantityOf(`received-${determinant.rate}`);
  const isReceived = determinant.id.startsWith('received');
  const net =
    received === undefined
      ? `${delivered} kWh delivered`
      : isReceived
        ? `${received} kWh received less ${delivered} kWh delivered in the rate this month`
        : `${delivered} kWh delivered less ${received} kWh received in the rate this month`;
  const siblings = bill.lines.filter((entry) => entry.determinantId === determinant.id);
  const isPart = siblings.length > 1;
  if (received === undefined && !isPart) return '';
  return `${net}${isPart ? `, of which ${line.title}` : ''}: `;
}

/** Days of one rate, or of all rates put together. */
function mergeRates(sums: readonly DaySum[], rate: number | null): DaySum[] {
  if (rate !== null) return sums.filter((sum) => sum.rate === rate);
  const days = new Map<string, DaySum>();
  for (const sum of sums) {
    const day = days.get(sum.date);
    days.set(sum.date, {
      date: sum.date,
      rate: 0,
      wh: sum.wh + (day?.wh ?? 0),
      intervals: sum.intervals + (day?.intervals ?? 0),
      estimated: sum.estimated + (day?.estimated ?? 0),
      missing: sum.missing + (day?.missing ?? 0),
    });
  }
  return [...days.values()];
}

function explainDay(
  { date, wh, intervals, estimated, missing }: DaySum,
  { tariff, period, usagePointId }: RatingInputs,
  determinant: Determinant | null,
): LineExplanation['days'][number] {
  const day = localDay(date, tariff.zone);
  const from = formatInstant(Math.max(day.startMs, period.startMs));
  const to = formatInstant(Math.min(day.endMs, period.endMs));
  const readingType = determinant?.channel?.split('/').at(-1) ?? '';
  const path = `/api/v1/usage-points/${encodeURIComponent(usagePointId)}/readings`;
  const readings = `${path}?from=${from}&to=${to}&readingType=${readingType}`;
  return { date, wh: String(wh), intervals, estimated, missing, readings };
}
