/** Schemas of usage points, readings and the reasons of an interval: the shapes of model/wire.ts. */
import { readingTypes } from '@wattline/model';
import { instant, integer, listOf, nullable, number, oneOf, record, type Schema, text } from './parts.ts';

const aValue = {
  type: ['integer', 'string', 'null'],
  description: 'Integer of 10^scale unit; null where there is none; beyond 2^53 a decimal string.',
} as const satisfies Schema;

const aQuality = integer(
  'Flags: 1 measured, 2 missing, 4 suspect, 8 estimated, 16 edited, 32 manual, 64 final, 128 power failed, 256 clock doubtful.',
  { minimum: 0 },
);

/** Ids of all reading types, as a parameter takes them. */
export const readingTypeIds: readonly string[] = readingTypes.map((type) => type.id);

export const readingSchemas: Readonly<Record<string, Schema>> = {
  UsagePointSummary: record(
    {
      id: text('Id of the usage point.'),
      customer: text('Name of the customer.'),
      address: text('Postal address.'),
      kind: oneOf('What is supplied.', ['home', 'shop', 'public']),
      zone: text('IANA zone of its days, tariffs and bills.'),
      substation: text('Substation that feeds it.'),
      feeder: text('Feeder that feeds it.'),
      transformer: text('Transformer that feeds it.'),
      tariffId: text('Id of its tariff.'),
      solarW: number('Rated solar power behind the meter, W; 0 when none.'),
      latitude: number('Degrees north.'),
      longitude: number('Degrees east.'),
      meter: nullable(
        record({
          serial: text('Serial number.'),
          profile: text('Companion profile.'),
          intervalSeconds: integer('Capture period of its load profile, s.'),
        }),
      ),
      channels: listOf(
        record({
          id: text('Id of the channel.'),
          readingType: text('Reading type.'),
          unit: text('Unit.'),
          scale: integer('Power of ten of the unit.'),
        }),
      ),
    },
    'A usage point, the meter that stands there now, and its channels.',
  ),
  ReadingSeries: record(
    {
      channel: text('Id of the channel.'),
      readingType: text('Reading type.'),
      unit: text('Unit.'),
      scale: integer('Values are integers of 10^scale unit.'),
      start: instant('Start of the first interval.'),
      intervalSeconds: integer('Length of an interval, s.'),
      value: listOf(aValue, 'Value i belongs to [start + i x interval, + interval).'),
      quality: listOf(aQuality, 'One set of flags a value.'),
      asOf: instant('Knowledge time of the answer.'),
    },
    'One channel as columns.',
  ),
  IntervalExplanation: record(
    {
      channel: text('Id of the channel.'),
      start: instant('Start of the interval.'),
      intervalSeconds: integer('Length of the interval, s; 0 for a register.'),
      versions: listOf(
        record({
          knownAt: instant('When we knew it.'),
          value: aValue,
          quality: aQuality,
          flags: listOf(text('Name of a flag.')),
          method: text('Rule or method that made it; empty for what came from outside.'),
          source: text('dlms, push, import, estimate, manual or derived.'),
          reference: text('Exchange, file or estimate it came from.'),
        }),
        'Every version, oldest first.',
      ),
      verdicts: listOf(
        record({
          rule: text('Rule.'),
          outcome: oneOf('Outcome.', ['pass', 'fail']),
          detail: text('What the rule saw.'),
          knownAt: instant('When the rule spoke.'),
        }),
        'What the rules said of the interval and of its day.',
      ),
      exchange: nullable(
        record({
          id: text('Id of the exchange.'),
          serial: text('Serial number of the meter.'),
          at: instant('When the exchange ended.'),
          digest: text('SHA-256 of the octets received, hexadecimal.'),
          hex: nullable(text('The last octets received, hexadecimal, as far as they were kept.')),
        }),
      ),
    },
    'Why an interval has the value it has, down to the frame from the meter.',
  ),
  ImportReport: record(
    {
      rows: integer('Rows after the header.'),
      accepted: integer('Values stored.'),
      duplicates: integer('Values that were known already.'),
      refused: integer('Rows and values refused.'),
      errors: listOf(
        record({
          code: text('Code.'),
          message: text('What the code means.'),
          count: integer('How often.'),
          firstLine: nullable(integer('Line of the file where it stood first, when it stood in a row.')),
        }),
        'Refusals by code.',
      ),
      refusedRows: listOf(
        record({ line: integer('Line of the file.'), code: text('Code.'), message: text('What was wrong.') }),
        'The first hundred refused rows.',
      ),
      held: listOf(integer('Number in the quarantine.'), 'Where what was refused waits.'),
    },
    'What became of an import.',
  ),
};
