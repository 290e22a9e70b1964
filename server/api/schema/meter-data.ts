/** Schemas of meter data management beyond readings: worklist, edits, files, the quarantine, changes, sums. */
import {
  flag,
  instant,
  integer,
  listOf,
  named,
  nullable,
  number,
  oneOf,
  record,
  type Schema,
  text,
} from './parts.ts';

const problem = record({
  code: text('Code.'),
  message: text('What was expected, what came.'),
  where: text('Line, segment, element or channel; empty when it is the whole file.'),
});
const columns = record({
  value: listOf(number('Value.')),
  quality: listOf(integer('Set of flags.')),
});

export const meterDataSchemas: Readonly<Record<string, Schema>> = {
  WorkTask: record(
    {
      id: integer('Number of the task.'),
      usagePointId: text('Usage point.'),
      channel: text('Id of the channel.'),
      start: instant('Start of the day.'),
      end: instant('End of the day.'),
      rule: text('Rule that failed.'),
      title: text('What the rule says.'),
      detail: text('What it saw.'),
      openedAt: instant('When it was found.'),
    },
    'Something for a person to look at.',
  ),
  WorkPage: record(
    {
      items: listOf(named('WorkTask')),
      next: nullable(text('Cursor of the next page, null at the end.')),
      counts: listOf(
        record({ rule: text('Rule.'), title: text('What it says.'), count: integer('Open tasks.') }),
        'Open tasks by rule.',
      ),
    },
    'The worklist.',
  ),
  Closed: record({ closed: integer('Tasks that were ended.') }),
  Edit: record(
    {
      number: integer('Number of the edit.'),
      channel: text('Id of the channel.'),
      start: instant('Start of the first interval.'),
      end: instant('End of the last interval.'),
      author: text('Who.'),
      reason: text('Why.'),
      madeAt: instant('When.'),
      before: columns,
      after: columns,
      undoes: nullable(integer('The edit that this one took back.')),
    },
    'An edit by a person.',
  ),
  FileOutcome: record(
    {
      format: text('Format it was read in.'),
      contentId: text('SHA-256 of the file.'),
      accepted: integer('Values stored.'),
      duplicates: integer('Values that were known already.'),
      rejected: integer('Values refused.'),
      held: listOf(integer('Number in the quarantine.'), 'Series that wait for a decision.'),
      refused: nullable(problem),
      problems: listOf(problem, 'The first hundred.'),
    },
    'What became of a file.',
  ),
  HeldSeries: record(
    {
      id: integer('Number in the quarantine.'),
      name: text('File it came in.'),
      format: text('Format.'),
      code: text('Why it waits.'),
      message: text('What was expected, what came.'),
      source: text('Where the file says it comes from, as JSON.'),
      values: integer('Values.'),
      receivedAt: instant('When it came.'),
    },
    'A series that waits for a decision.',
  ),
  Decided: record({
    id: integer('Number.'),
    accepted: integer('Values stored.'),
    duplicates: integer('Values known already.'),
  }),
  Subscriber: record(
    {
      id: text('Id.'),
      url: text('Where it is told.'),
      position: integer('Changes up to here were taken.'),
      failures: integer('Times in a row that a page was not taken.'),
      lastCode: nullable(text('Code of the last of them.')),
    },
    'Who is told of changes.',
  ),
  ChangePage: record(
    {
      changes: listOf(
        record({
          position: integer('Position.'),
          knownAt: instant('When it became known.'),
          channel: text('Id of the channel.'),
          start: instant('Start of the stretch.'),
          end: instant('End of the stretch.'),
          method: text('Rule, estimate or edit that made it; empty from the meter.'),
        }),
      ),
      position: integer('Where the next page begins.'),
      isLast: flag('Whether nothing more is known.'),
    },
    'Stretches with new versions, in the order in which they became known.',
  ),
  AssetChange: record(
    { facts: listOf(integer('Number of a fact.'), 'By these the change is taken back.') },
    'What was recorded.',
  ),
  Restated: record(
    {
      accepted: integer('Values with a new version.'),
      duplicates: integer('Values that stood so already.'),
      rejected: integer('Values refused.'),
    },
    'What became of values said anew.',
  ),
  AssetView: record(
    {
      usagePointId: text('Usage point.'),
      at: instant('The instant asked about.'),
      meter: nullable(text('Serial number, null when no meter stood there.')),
      transformer: text('Transformer.'),
      feeder: text('Feeder.'),
      substation: text('Substation.'),
      tariff: text('Id of its tariff.'),
      rulePack: text('Rule pack by which its days are judged.'),
      channels: listOf(
        record({
          id: text('Id of the channel.'),
          intervalSeconds: integer('Length of its intervals, s; 0 for registers.'),
          multiplier: record({ numerator: integer('Above 0.'), denominator: integer('Above 0.') }),
          rollsOverAt: nullable(number('Where the register begins again at 0; null when it was not said.')),
        }),
      ),
    },
    'A point’s assets at an instant.',
  ),
  RulePack: record(
    {
      id: text('Id.'),
      title: text('Region.'),
      code: text('The text whose practice it follows.'),
      thresholds: listOf(
        record({
          setting: text('Name of the setting.'),
          value: text('Value, as JSON.'),
          certainty: oneOf('Whether the text was read, is recalled, or leaves it to the operator.', [
            'read',
            'recalled',
            'local',
          ]),
          source: text('Where it comes from.'),
        }),
        'What differs from the default.',
      ),
    },
    'Thresholds of a region.',
  ),
  InstallOrder: record(
    {
      id: text('Id of the order.'),
      usagePointId: text('Usage point.'),
      kind: oneOf('What is done.', ['install', 'exchange', 'remove']),
      state: oneOf('How it stands.', ['planned', 'noticed', 'done', 'failed', 'cancelled']),
      oldSerial: nullable(text('Meter taken down.')),
      newSerial: nullable(text('Meter put up.')),
      plannedAt: instant('When it is planned.'),
      doneAt: nullable(instant('When it was done.')),
      finalRead: nullable(number('Last read of the old meter, Wh.')),
      initialRead: nullable(number('First read of the new meter, Wh.')),
      transformer: nullable(text('The transformer it hangs on, as found.')),
      note: nullable(text('Why it was cancelled.')),
    },
    'An order to install, exchange or remove a meter.',
  ),
  Notice: record(
    {
      id: integer('Number of the notice.'),
      orderId: text('Order it goes with.'),
      usagePointId: text('Usage point.'),
      kind: text('What of.'),
      dueAt: instant('When it is due.'),
      text: text('What it says.'),
    },
    'A notice to a customer.',
  ),
  IndexFinding: record(
    {
      id: text('Usage point.'),
      node: text('Transformer it is written down at.'),
      own: named('Fit'),
      best: named('Fit'),
      isDoubted: flag('Whether the best is another one, and clearly so.'),
    },
    'Which transformer a meter hangs on, by what it lives through.',
  ),
  Fit: record({
    node: text('Transformer.'),
    voltage: nullable(number('Correlation of voltage changes with the others’, -1 to 1.')),
    outages: nullable(number('Intervals dark together over intervals in which either was, 0 to 1.')),
  }),
  RegisterReads: record(
    {
      channel: text('Id of the channel.'),
      unit: text('Unit.'),
      items: listOf(
        record({
          at: instant('When it stood so.'),
          value: number('Value.'),
          quality: integer('Set of flags.'),
          flags: listOf(text('Name of a flag.')),
        }),
      ),
    },
    'Readings of a register.',
  ),
  TemperatureReport: record({
    days: integer('Dates kept.'),
    rejected: integer('Lines that could not be taken.'),
    firstLine: nullable(integer('The first of them.')),
  }),
  AssetRecord: record(
    {
      number: integer('Number of the fact.'),
      subject: text('What it is about.'),
      attribute: text('What of it.'),
      from: instant('From when it is true.'),
      value: text('JSON; null ends what was true before.'),
      recordedAt: instant('When it was said.'),
      author: text('Who.'),
      reason: text('Why.'),
      undoes: nullable(integer('The fact that this one takes back.')),
      undoneBy: nullable(integer('The fact that takes this one back.')),
    },
    'A line of the audit of assets.',
  ),
  Totals: record(
    {
      channel: text('Id of the channel.'),
      unit: text('Unit.'),
      items: listOf(
        record({
          start: instant('Start of the period.'),
          end: instant('End of the period.'),
          value: number('Sum of the intervals with a value.'),
          expected: integer('Intervals of the period.'),
          held: integer('Intervals with a value.'),
          derived: integer('Of these, estimated or edited.'),
        }),
      ),
    },
    'Totals by local day or month.',
  ),
  Determinants: record(
    {
      channel: text('Id of the channel.'),
      rates: listOf(
        record({
          rate: integer('Rate of the tariff; 0 without one.'),
          energy: number('Energy.'),
          maximumDemand: number('Largest mean power of an interval, W for Wh.'),
        }),
      ),
      energy: number('Energy of all rates.'),
      maximumDemand: number('Largest mean power of an interval.'),
      loadFactor: nullable(number('Mean power over maximum demand.')),
      expected: integer('Intervals of the month.'),
      held: integer('Intervals with a value.'),
      derived: integer('Of these, estimated or edited.'),
    },
    'Billing determinants of a month.',
  ),
  PowerFigures: record(
    {
      deliveredWh: number('Energy delivered.'),
      receivedWh: number('Energy received.'),
      netWh: number('Delivered less received.'),
      importedWh: number('Net by interval, where it is delivered.'),
      exportedWh: number('Net by interval, where it is received.'),
      reactiveVarh: nullable(number('Reactive energy; null when it is not measured or lacks a value.')),
      powerFactor: nullable(number('Active over apparent energy, 0 to 1.')),
      loadFactor: nullable(number('Mean power over maximum demand, 0 to 1.')),
      maximumDemand: nullable(
        record({ watts: number('Largest mean power of a window.'), start: instant('When it began.') }),
      ),
      brokenWindows: integer('Windows in which an interval has no value.'),
      slots: integer('Intervals of the period.'),
      missing: integer('Of these, without a value.'),
    },
    'Power figures of a usage point over a period.',
  ),
  VirtualMeter: record(
    {
      id: text('Name.'),
      kind: oneOf('How its terms go together.', ['linear', 'ratio']),
      terms: listOf(
        record({
          channel: text('Id of a channel.'),
          numerator: integer('Share of it that counts.'),
          denominator: integer('Above 0.'),
        }),
      ),
    },
    'A meter that stands nowhere.',
  ),
  VirtualReadings: record(
    {
      id: text('Name.'),
      kind: oneOf('A ratio is in millionths.', ['linear', 'ratio']),
      start: instant('Start of the first interval.'),
      intervalSeconds: integer('Length of an interval, s.'),
      value: listOf(
        { type: ['integer', 'string', 'null'] },
        'Null where a term is missing; beyond 2^53 as text.',
      ),
      quality: listOf(integer('Set of flags.')),
      rounded: integer('Intervals rounded to a whole unit.'),
      asOf: instant('Knowledge time.'),
    },
    'What a virtual meter shows.',
  ),
  GridBalance: record(
    {
      level: oneOf('Level of the grid.', ['transformer', 'feeder', 'substation']),
      items: listOf(
        record({
          node: text('Name of the node.'),
          supplied: nullable(number('By its own meter, Wh.')),
          delivered: number('To its customers, Wh.'),
          received: number('From its customers, Wh.'),
          loss: nullable(number('What is left, Wh.')),
          held: integer('Interval readings behind the sums.'),
          derived: integer('Of these, estimated or edited.'),
        }),
      ),
    },
    'Energy into nodes of the grid against what their customers took.',
  ),
};
