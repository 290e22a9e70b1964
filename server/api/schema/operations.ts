/** Schemas of what an operator looks at: about, readiness, read rate, meters, exchanges, events, problems. */
import { missingCauses } from '@wattline/headend';
import { eventKinds } from '@wattline/model';
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

const severity = oneOf('Severity.', ['info', 'warning', 'alarm']);

/** All kinds of events. */
export const eventKindIds: readonly string[] = Object.keys(eventKinds);

/** Kinds that stand on the operator's list. */
export const exceptionKindIds: readonly string[] = Object.entries(eventKinds)
  .filter(([, kind]) => kind.exception)
  .map(([id]) => id);

const slots = {
  expected: integer('Interval slots that are due.'),
  received: integer('Slots with a measured value.'),
  estimated: integer('Slots with an estimate.'),
  missing: integer('Slots with neither.'),
  rate: number('received / expected, 0 to 1; 1 when nothing is due.', { minimum: 0, maximum: 1 }),
};

const trouble = record({
  code: text('Code of what keeps readings from the disk or the store.'),
  advice: text('What to do about it.'),
  since: instant('Since when.'),
});

export const operationSchemas: Readonly<Record<string, Schema>> = {
  Problem: record(
    {
      code: text('What to branch on: `<room>/<kebab-case>`.'),
      message: text('What was expected, what came.'),
      where: {
        type: 'object',
        description: 'Where: a parameter, a meter, a line.',
        additionalProperties: { type: ['string', 'number', 'boolean', 'null'] },
      },
    },
    'Any refusal.',
  ),
  About: record(
    {
      name: text('Wattline.'),
      version: text('Version.'),
      mode: oneOf('`town` is a demonstration.', ['town', 'serve']),
      zone: text('IANA zone of the utility’s days.'),
      currency: text('ISO 4217.'),
      minorDigits: integer('Digits of the minor unit.'),
      now: instant('The present instant of this server; a town may run faster than the world.'),
      town: nullable(
        record({
          seed: text('Seed of the world.'),
          start: instant('Start of the world.'),
          meters: integer('Meters.'),
          days: integer('Whole local days since the start.'),
          load: text('`model`, or the file whose load is replayed.'),
        }),
      ),
      ready: flag('True once the initial history is collected.'),
      collectedMeters: integer('Meters tried so far.'),
      trouble: nullable(trouble),
    },
    'What runs here.',
  ),
  Health: record({ status: oneOf('The process answers.', ['ok']) }),
  Readiness: record(
    {
      phase: oneOf('How far the start has come.', [
        'starting',
        'provisioning',
        'collecting',
        'billing',
        'ready',
      ]),
      isReady: flag('True once the initial history is collected, reviewed and billed.'),
      metersProvisioned: integer('Meters taken in.'),
      metersCollected: integer('Meters tried once.'),
      secondsToReady: nullable(number('From process start.')),
      secondsToFirstBill: nullable(number('From process start.')),
      readingsStored: integer('Values stored since start.'),
      readingsPerSecond: nullable(number('Rate while storing.')),
      trouble: nullable(trouble),
    },
    'Whether the API answers in full.',
  ),
  ReadRate: record(
    {
      asOf: instant('When it was counted.'),
      ...slots,
      meters: record({
        commissioned: integer('Meters provisioned.'),
        reachable: integer('Meters that answered last, refusals included.'),
        unreachable: integer('Meters that have not answered several times in a row.'),
      }),
      byDay: listOf(record({ date: text('Local date.'), ...slots }), 'Oldest day first.'),
    },
    'What should have come by now, and what did, over the last forty days and today.',
  ),
  MeterStatus: record(
    {
      serial: text('Serial number.'),
      usagePointId: text('Usage point.'),
      customer: text('Customer.'),
      transformer: text('Transformer.'),
      profile: text('Companion profile.'),
      address: text('host:port'),
      state: oneOf('State.', ['waiting', 'ok', 'late', 'unreachable', 'refused']),
      lastContact: nullable(instant('When it last answered.')),
      lastInterval: nullable(instant('End of the newest interval read.')),
      lastOutcome: nullable(text('Outcome of the last exchange.')),
      failures: integer('Failures in a row.'),
    },
    'A meter as the head-end sees it.',
  ),
  ServiceLevel: record(
    {
      group: text('Route, model, firmware or local day.'),
      expected: integer('Intervals that are due.'),
      received: integer('Intervals that came.'),
      rate: number('received / expected; 1 when nothing is due.', { minimum: 0, maximum: 1 }),
      missing: record(
        Object.fromEntries(
          Object.entries(missingCauses).map(([cause, meaning]) => [cause, integer(meaning)]),
        ),
        'By cause.',
      ),
    },
    'received + missing = expected.',
  ),
  MissingIntervals: record(
    {
      start: instant('Start of the first interval.'),
      end: instant('End of the last.'),
      cause: oneOf('Their one cause.', Object.keys(missingCauses)),
    },
    'A stretch of missing intervals.',
  ),
  SilentMeter: record({
    serial: text('Serial number.'),
    usagePointId: text('Where it stands.'),
    lastContact: nullable(instant('Last answer; null when it was never reached.')),
  }),
  ProvisionReport: record(
    {
      added: integer('Meters that are new.'),
      updated: integer('Meters whose row says something else than before.'),
      unchanged: integer('Meters as they were.'),
      refused: listOf(
        record({
          row: integer('Number of the row, from 1, the header not counted.'),
          code: text('Code to branch on.'),
          message: text('What was expected and what came; never a key.'),
        }),
        'Rows not taken.',
      ),
    },
    'What became of a shipment.',
  ),
  HeldMeter: record(
    {
      systemTitle: text('Whom it says to be, 16 hexadecimal digits.'),
      peer: text('Where it pushed from last.'),
      first: instant('First push.'),
      last: instant('Last push written down.'),
      pushes: integer('Pushes written down.'),
      state: oneOf('What became of it.', ['held', 'approved', 'rejected']),
      serial: nullable(text('Serial number it was approved under.')),
      decidedBy: nullable(text('Who decided.')),
    },
    'A sender of pushes that nobody had provisioned.',
  ),
  Outage: record({
    transformer: text('Transformer.'),
    dark: integer('Meters that told of losing power and not of its return.'),
    since: instant('First of the gasps.'),
  }),
  MeterRoute: record({
    from: instant('From when it was reached so.'),
    host: text('Host, or `inbound:<system title>`.'),
    port: integer('Port.'),
    route: nullable(text('Concentrator, cell or gateway.')),
    link: text('What carries DLMS to it.'),
  }),
  SweepOutcome: record({
    meters: integer('Meters tried.'),
    answers: integer('Meters whose last session, since the sweep began, ended with an answer.'),
    seconds: number('Duration.'),
  }),
  ExchangeOutcome: record(
    {
      exchangeId: text('Id of the exchange.'),
      serial: text('Serial number.'),
      outcome: oneOf('How it ended.', ['answer', 'refusal', 'timeout', 'unreachable', 'failure']),
      code: nullable(text('Code of what went wrong.')),
      message: nullable(text('What went wrong.')),
      readings: integer('Interval values delivered.'),
    },
    'The one outcome of an exchange with a meter.',
  ),
  EventItem: record(
    {
      id: integer('Number in the log; grows.'),
      kind: oneOf('Kind.', eventKindIds),
      title: text('Title of the kind.'),
      severity,
      occurred: instant('When it happened.'),
      received: instant('When we learned of it.'),
      usagePointId: nullable(text('Usage point.')),
      serial: nullable(text('Meter.')),
      code: nullable(text('Coded reason of a failure.')),
      message: text('What happened.'),
    },
    'An event.',
  ),
  ExceptionPage: record(
    {
      items: listOf(named('EventItem')),
      next: nullable(text('Cursor of the next page, null at the end.')),
      counts: listOf(
        record({
          kind: oneOf('Kind.', eventKindIds),
          title: text('Title.'),
          severity,
          count: integer('Events of the kind.'),
        }),
        'All exceptions by kind, most first.',
      ),
    },
    'What an operator should look at, newest first.',
  ),
};
