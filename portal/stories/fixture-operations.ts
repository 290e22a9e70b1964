/** Operations of the invented town: read rate, exceptions, events. */
import { seededRandom } from '@wattline/base';
import {
  type EventItem,
  type EventKind,
  type ExceptionPage,
  eventKinds,
  type ReadRate,
  type WorkPage,
} from '@wattline/model';
import { addDays, datesBetween } from '../src/zone-time.ts';
import { fixtureNowMs, instant } from './fixture-readings.ts';
import { fixtureMeters } from './fixture-town.ts';

const today = '2026-11-21';
const odd: Readonly<Record<string, number>> = {
  '2026-11-03': 0.9612,
  '2026-11-09': 0.9871,
  '2026-11-18': 0.9791,
};

const byDay: ReadRate['byDay'] = [
  ...datesBetween(addDays(today, -40), addDays(today, -1)).map((date) => {
    const rate = odd[date] ?? 0.9955 + 0.0045 * seededRandom(`portal/rate/${date}`).next();
    const expected = date === '2026-10-25' ? 10_000 : 9600;
    const received = Math.round(expected * rate);
    const missing = Math.round((expected - received) * 0.2);
    return {
      date,
      expected,
      received,
      estimated: expected - received - missing,
      missing,
      rate: received / expected,
    };
  }),
  { date: today, expected: 5700, received: 5551, estimated: 84, missing: 65, rate: 5551 / 5700 },
];

/** The read rate of today and of the days before. */
export const fixtureReadRate: ReadRate = {
  asOf: instant(fixtureNowMs),
  ...totals(byDay),
  meters: { commissioned: 100, reachable: 97, unreachable: 2 },
  byDay,
};

function totals(days: ReadRate['byDay']) {
  const sum = (field: 'expected' | 'received' | 'estimated' | 'missing') =>
    days.reduce((total, day) => total + day[field], 0);
  const [expected, received] = [sum('expected'), sum('received')];
  return {
    expected,
    received,
    estimated: sum('estimated'),
    missing: sum('missing'),
    rate: received / expected,
  };
}

const script: readonly (readonly [EventKind, number, string, string | null])[] = [
  ['meter-collected', 1, 'read 100 intervals in 2 exchanges', null],
  ['meter-unreachable', 23, 'no answer to 31 attempts since Fri 20 Nov 07:10', 'headend/timed-out'],
  [
    'authentication-failed',
    58,
    'the meter refused our authentication: F(StoC) did not match',
    'headend/association-refused',
  ],
  ['bill-issued', 4, 'bill for October 2026: £61.07', null],
  ['reading-suspect', 1, 'Fri 20 Nov 17:15: 7.1 times the third-highest interval of the day', 'mdm/spike'],
  ['clock-set', 9, 'clock set by 4 s', null],
  ['reading-missing', 1, 'Fri 20 Nov 03:00 to 03:45: 3 intervals missing', 'mdm/gap'],
  ['power-fail', 31, 'supply lost for 75 minutes', null],
  ['meter-recovered', 40, 'answers again after 2 hours', null],
  ['meter-unreachable', 24, 'no answer to 31 attempts since Fri 20 Nov 07:10', 'headend/timed-out'],
  [
    'frame-replayed',
    66,
    'invocation counter 1041 came twice; the frame was not used',
    'headend/counter-replayed',
  ],
  ['registry-duplicate', 88, 'row 89 names serial WTL10012056 a second time', 'headend/duplicate-serial'],
  ['reading-missing', 7, 'today 09:00 to 14:00: 20 intervals missing', 'mdm/gap'],
  ['frame-malformed', 52, 'octet 31: expected tag 0x09, found 0x0f', 'dlms/unexpected-tag'],
];

/** An event of the town. */
export function fixtureEvent(
  id: number,
  kind: EventKind,
  meterNumber: number,
  message: string,
  code: string | null = null,
): EventItem {
  const meter = fixtureMeters[meterNumber - 1];
  const agoMs = (400 - id) * 173_000;
  return {
    id,
    kind,
    title: eventKinds[kind].title,
    severity: eventKinds[kind].severity,
    occurred: instant(fixtureNowMs - agoMs),
    received: instant(fixtureNowMs - agoMs + 1000),
    usagePointId: meter?.usagePointId ?? null,
    serial: meter?.serial ?? null,
    code,
    message,
  };
}

/** Events, newest first. */
export const fixtureEvents: readonly EventItem[] = script
  .map(([kind, meter, message, code], index) => fixtureEvent(400 - index, kind, meter, message, code))
  .sort((a, b) => b.id - a.id);

/** The exceptions among them, with counts by kind. */
export function fixtureExceptions(kind: string | null): ExceptionPage {
  const all = fixtureEvents.filter((event) => eventKinds[event.kind].exception);
  const kinds = [...new Set(all.map((event) => event.kind))];
  return {
    items: all.filter((event) => kind === null || event.kind === kind),
    next: null,
    counts: kinds.map((one) => ({
      kind: one,
      title: eventKinds[one].title,
      severity: eventKinds[one].severity,
      count: all.filter((event) => event.kind === one).length,
    })),
  };
}

const work = ['UP-0007', 'UP-0012', 'UP-0031'].map((usagePointId, index) => ({
  id: index + 1,
  usagePointId,
  channel: `${usagePointId}/delivered`,
  start: '2026-11-20T00:00:00Z',
  end: '2026-11-21T00:00:00Z',
  rule: index < 2 ? 'frozen' : 'zero-day',
  title:
    index < 2
      ? 'A value above zero does not stand still for hours'
      : 'A point that usually takes energy takes some',
  detail:
    index < 2 ? '26 intervals at 77: 2026-11-20T01:00:00Z/14:00:00Z' : 'nothing all day, usually 9120 a day',
  openedAt: '2026-11-21T02:00:00Z',
}));

/** The worklist, of one rule when it is given. */
export function fixtureWork(rule: string | null): WorkPage {
  const counts = [
    { rule: 'frozen', title: work[0]?.title ?? '', count: 2 },
    { rule: 'zero-day', title: work[2]?.title ?? '', count: 1 },
  ];
  return { items: work.filter((task) => rule === null || task.rule === rule), next: null, counts };
}
