/** Schemas of bills, their explanation and tariffs: the shapes of model/bill.ts, model/tariff.ts and model/wire.ts. */
import {
  flag,
  instant,
  integer,
  listOf,
  named,
  nullable,
  oneOf,
  partly,
  record,
  type Schema,
  text,
} from './parts.ts';

const money = text('Integer of minor units as decimal text, negative for a credit.');

export const billSchemas: Readonly<Record<string, Schema>> = {
  Determinant: record(
    {
      id: text('Id within the bill.'),
      title: text('Title.'),
      quantity: text('Exact decimal.'),
      unit: oneOf('Unit.', ['kWh', 'day']),
      channel: nullable(text('Channel it was summed from.')),
      rate: nullable({ type: 'integer', description: 'Time-of-use rate.' }),
      intervals: integer('Intervals summed.'),
      estimated: integer('How many of them were estimated.'),
      missing: integer('How many were missing and counted as zero.'),
    },
    'A quantity that bill lines stand on.',
  ),
  Bill: record(
    {
      id: text('Id of this version of the bill.'),
      usagePointId: text('Usage point.'),
      version: integer('Version; a new one never replaces the old one.'),
      state: oneOf('`projection` for the running month.', ['closed', 'projection']),
      month: text('Local month, 2026-10.'),
      zone: text('IANA zone of the month.'),
      start: instant('Start of the period.'),
      end: instant('End of the period.'),
      currency: text('ISO 4217.'),
      minorDigits: integer('Digits of the minor unit.'),
      tariff: record({ id: text('Id.'), version: integer('Version.'), name: text('Name.') }),
      determinants: listOf(named('Determinant')),
      lines: listOf(
        record({
          id: text('Id within the bill.'),
          title: text('Title.'),
          kind: oneOf('Kind.', ['standing', 'energy', 'credit', 'tax']),
          determinantId: nullable(text('Determinant it stands on.')),
          quantity: text('Exact decimal.'),
          unit: oneOf('Unit.', ['kWh', 'day', 'percent']),
          price: text('Price per unit, exact decimal of the major unit.'),
          amount: money,
          rounding: text('How the product was rounded, once.'),
        }),
        'Lines; their amounts sum to the total.',
      ),
      total: money,
      registerCheck: partly(
        ['counted'],
        {
          start: nullable(text('Register +A at the start, kWh.')),
          end: nullable(text('Register +A at the end, kWh.')),
          counted: text(
            'What the register counted, where an exchange, a reset or a rollover makes that another figure than end less start.',
          ),
          difference: nullable(text('What the register counted less the intervals.')),
          intervals: text('Sum of the intervals.'),
          agrees: nullable(flag('Whether both are the same to the last unit; null when not checked.')),
        },
        'The register against the sum of intervals.',
      ),
      asOf: instant('Knowledge time of the readings used.'),
      inputsDigest: text('Digest of all inputs: the same inputs give the same bytes.'),
    },
    'A version of a bill.',
  ),
  BillExplanation: record(
    {
      billId: text('Bill.'),
      lines: listOf(
        record({
          lineId: text('Line.'),
          formula: text('The line as one would work it out on paper.'),
          determinant: nullable(named('Determinant')),
          days: listOf(
            record({
              date: text('Local date.'),
              wh: text('Sum of the day, Wh.'),
              intervals: integer('Intervals summed.'),
              estimated: integer('How many of them were estimated.'),
              missing: integer('How many were missing.'),
              readings: text('Path of the readings of the day.'),
            }),
          ),
        }),
      ),
    },
    'Every line of a bill down to the days whose readings it was summed from.',
  ),
  BillReplay: record(
    { isSame: flag('Whether the bill computed again is the bill kept.'), bill: named('Bill') },
    'A bill computed again from what was known then.',
  ),
  Tariff: record(
    {
      id: text('Id.'),
      version: integer('Version.'),
      name: text('Name.'),
      currency: text('ISO 4217.'),
      minorDigits: integer('Digits of the minor unit.'),
      zone: text('IANA zone of its calendar.'),
      standingPerDay: text('Standing charge a day, major unit.'),
      rates: listOf(
        record({
          rate: integer('Number of the rate: the register of the meter.'),
          name: text('Name.'),
          tiers: listOf(
            record({
              uptoKwh: nullable(text('End of the step in the month, kWh; null: no end.')),
              pricePerKwh: text('Price, major unit.'),
            }),
          ),
        }),
      ),
      calendar: listOf(
        record({
          days: listOf(text('mon to sun.')),
          from: text('Local time from which the rate holds.'),
          rate: integer('Rate.'),
        }),
      ),
      taxPercent: text('Tax on the lines before it.'),
      taxName: text('Name of the tax.'),
      received: record({
        scheme: oneOf('How energy received is paid.', ['none', 'net', 'export-credit']),
        receivedPerKwh: text('Price paid, major unit.'),
      }),
      source: text('Where the figures come from, or that they are invented.'),
    },
    'A version of a tariff.',
  ),
};
