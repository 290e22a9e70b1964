/** Bills and explanations as text for a terminal of 80 columns. */
import { formatDecimal } from '@wattline/base';
import type { Bill, BillExplanation, BillLine, Determinant } from '@wattline/model';
import { formatKwh, formatMoney } from './money.ts';

const width = 78;

/** A bill as a page of text, without a line break at its end. */
export function renderBill(bill: Bill): string {
  const { currency, minorDigits } = bill;
  const rule = '-'.repeat(width);
  const money = (amount: string) => formatMoney(amount, currency, minorDigits);
  return [
    `Bill ${bill.id}   ${bill.state === 'closed' ? 'closed month' : 'PROJECTION of the running month'}`,
    `Usage point ${bill.usagePointId}, ${bill.month} (${bill.zone})`,
    `From ${localText(bill.start, bill.zone)} to ${localText(bill.end, bill.zone)}`,
    `Tariff ${bill.tariff.name} (${bill.tariff.id}, version ${bill.tariff.version})`,
    rule,
    ...bill.lines.map((line) =>
      spread(`${line.title.padEnd(34)}${factorsOf(line, currency)}`, money(line.amount)),
    ),
    rule,
    spread('Total', money(bill.total)),
    '',
    ...bill.determinants.filter(({ unit }) => unit === 'kWh').map(determinantText),
    registerText(bill.registerCheck),
    `Readings as known at ${bill.asOf}; inputs ${bill.inputsDigest.slice(0, 16)}`,
  ].join('\n');
}

/** An explanation as text: each line's formula, then its days. */
export function renderExplanation(explanation: BillExplanation, bill: Bill): string {
  const parts = explanation.lines.map(({ lineId, formula, determinant, days }) => {
    const line = bill.lines.find(({ id }) => id === lineId);
    const amount = line ? formatMoney(line.amount, bill.currency, bill.minorDigits) : '';
    return [
      spread(line?.title ?? lineId, amount),
      `  ${formula}`,
      ...(determinant?.unit === 'kWh' ? [`  ${determinantText(determinant)}`] : []),
      ...days.map(dayText),
    ].join('\n');
  });
  return [`Bill ${explanation.billId}, line by line`, ...parts].join('\n\n');
}

function factorsOf(line: BillLine, currency: string): string {
  if (line.unit === 'percent') return `${line.quantity} % of ${line.price} ${currency}`;
  const quantity = line.unit === 'kWh' ? formatKwh(line.quantity) : `${line.quantity} ${line.unit}`;
  return `${quantity} x ${line.price}`;
}

function determinantText(determinant: Determinant): string {
  const { title, quantity, intervals } = determinant;
  return `${title}: ${formatKwh(quantity)} of ${intervals} intervals, ${marksOf(determinant) || 'all measured'}`;
}

function dayText(day: BillExplanation['lines'][number]['days'][number]): string {
  const kwh = formatKwh(formatDecimal(BigInt(day.wh), 3)).padStart(16);
  const marks = marksOf(day);
  const row = `    ${day.date} ${kwh}  ${String(day.intervals).padStart(3)} intervals`;
  return marks === '' ? row : `${row}  ${marks}\n      ${day.readings}`;
}

function marksOf({ estimated, missing }: { readonly estimated: number; readonly missing: number }): string {
  return [
    ...(estimated > 0 ? [`${estimated} estimated`] : []),
    ...(missing > 0 ? [`${missing} MISSING, counted as zero`] : []),
  ].join(', ');
}

function registerText({ start, end, counted, difference, intervals, agrees }: Bill['registerCheck']): string {
  if (start === null || end === null) {
    const unread = [...(start === null ? ['start'] : []), ...(end === null ? ['end'] : [])].join(' and ');
    return `Register +A not read at the ${unread} of the period: not checked`;
  }
  const over =
    counted === undefined ? '' : ` over an exchange, a reset or a rollover, ${formatKwh(counted)} counted`;
  const advance = `Register +A ${formatKwh(start)} -> ${formatKwh(end)}${over}`;
  if (agrees) return `${advance}: agrees with the intervals to the Wh`;
  return `${advance}: DIFFERS by ${difference} kWh from the ${formatKwh(intervals)} of the intervals`;
}

function localText(instant: string, zone: string): string {
  const at = Temporal.Instant.from(instant).toZonedDateTimeISO(zone);
  return `${at.toPlainDate().toString()} ${at.toPlainTime().toString({ smallestUnit: 'minute' })} ${at.offset}`;
}

function spread(left: string, right: string): string {
  return `${left}${' '.repeat(Math.max(1, width - left.length - right.length))}${right}`;
}
