/** The invented town: customers, meters, and what the server says of itself. */
import { seededRandom } from '@wattline/base';
import type { About, MeterStatus, UsagePointSummary } from '@wattline/model';
import { fixtureNowMs, fixtureStartMs, fixtureZone, type Household, instant } from './fixture-readings.ts';

const firstNames = [
  'Asha',
  'Bram',
  'Chloe',
  'Dilip',
  'Elena',
  'Farid',
  'Greta',
  'Hugo',
  'Imani',
  'Jonas',
  'Keiko',
  'Luca',
  'Mira',
  'Noor',
  'Oskar',
  'Priya',
  'Quinn',
  'Rosa',
  'Samir',
  'Tove',
];
const lastNames = [
  'Thompson',
  'Okafor',
  'Lindqvist',
  'Patel',
  'Moreau',
  'Kowalski',
  'Haddad',
  'Brennan',
  'Sato',
  'Vargas',
  'Nielsen',
];
const streets = [
  'Mill Lane',
  'Copper Row',
  'Station Road',
  'Weir Street',
  'Alder Close',
  'High Street',
  'Quay Walk',
];
const hourMs = 3_600_000;

/** What `GET about` says. */
export const fixtureAbout: About = {
  name: 'Wattline',
  version: '0.1.0',
  mode: 'town',
  zone: fixtureZone,
  currency: 'GBP',
  minorDigits: 2,
  now: instant(fixtureNowMs),
  town: { seed: '1', start: instant(fixtureStartMs), meters: 100, days: 40, load: 'model' },
  ready: true,
  collectedMeters: 100,
  trouble: null,
};

const states: Readonly<Record<number, MeterStatus['state']>> = {
  7: 'late',
  12: 'waiting',
  23: 'unreachable',
  24: 'unreachable',
  41: 'late',
  58: 'refused',
  77: 'late',
};
/** A point whose meter has never been read: every screen of it is empty. */
export const emptyPoint = 'UP-0012';
/** A point whose meter is five hours late. */
export const latePoint = 'UP-0007';

/** All usage points. */
export const fixturePoints: readonly UsagePointSummary[] = Array.from({ length: 100 }, (_, index) =>
  pointOf(index + 1),
);

function pointOf(number: number): UsagePointSummary {
  const random = seededRandom(`portal/point/${number}`);
  const id = `UP-${String(number).padStart(4, '0')}`;
  const kind = number % 12 === 2 ? 'shop' : number % 25 === 3 ? 'public' : 'home';
  const transformer = 1 + Math.floor(((number - 1) / 100) * 9);
  const pick = (list: readonly string[]) => list[random.below(list.length)] as string;
  const name = number === 1 ? 'Asha Thompson' : `${pick(firstNames)} ${pick(lastNames)}`;
  const street = pick(streets);
  const solarW =
    number === 1 ? 4200 : kind === 'home' && random.next() < 0.22 ? 2000 + 400 * random.below(8) : 0;
  const types = solarW > 0 ? ['delivered', 'received'] : ['delivered'];
  return {
    id,
    customer:
      kind === 'home'
        ? name
        : kind === 'shop'
          ? `${pick(lastNames)} & Daughters`
          : `Street lights, ${street}`,
    address: `${1 + random.below(90)} ${street}, Wattle Bridge`,
    kind,
    zone: fixtureZone,
    substation: 'Wattle Bridge 33/11 kV',
    feeder: `Feeder ${1 + Math.floor((transformer - 1) / 3)}`,
    transformer: `TX-${String(transformer).padStart(2, '0')}`,
    tariffId: kind === 'home' ? 'WTL-HOME-TOU' : 'WTL-SHOP-TOU',
    solarW,
    latitude: 51.5,
    longitude: -0.1,
    meter: { serial: `WTL${String(10_000_000 + number * 137)}`, profile: 'demo', intervalSeconds: 900 },
    channels: types.map((readingType) => ({ id: `${id}/${readingType}`, readingType, unit: 'Wh', scale: 0 })),
  };
}

/** The load behind a usage point. */
export function householdOf(point: UsagePointSummary): Household {
  const until =
    { [emptyPoint]: fixtureStartMs, [latePoint]: fixtureNowMs - 5.5 * hourMs }[point.id] ??
    fixtureNowMs - 0.5 * hourMs;
  const quarter = 900_000;
  return {
    id: point.id,
    kind: point.kind,
    solarW: point.solarW,
    knownUntilMs: Math.floor(until / quarter) * quarter,
    hasStory: point.id === 'UP-0001',
  };
}

/** All meters with their states. */
export const fixtureMeters: readonly MeterStatus[] = fixturePoints.map((point, index) => {
  const number = index + 1;
  const state = states[number] ?? 'ok';
  const agoMs = {
    ok: 4 * 60_000 + (number % 9) * 61_000,
    late: 5.5 * hourMs,
    waiting: 0,
    unreachable: 31 * hourMs,
    refused: 9 * hourMs,
  }[state];
  const isUnheard = state === 'waiting';
  return {
    serial: point.meter?.serial ?? '',
    usagePointId: point.id,
    customer: point.customer,
    transformer: point.transformer,
    profile: 'demo',
    address: `127.0.0.1:${21_000 + number}`,
    state,
    lastContact: isUnheard ? null : instant(fixtureNowMs - agoMs),
    lastInterval: isUnheard ? null : instant(Math.floor((fixtureNowMs - agoMs) / 900_000) * 900_000),
    lastOutcome:
      state === 'ok'
        ? 'ok'
        : isUnheard
          ? null
          : `headend/${state === 'refused' ? 'association-refused' : 'timed-out'}`,
    failures: { ok: 0, late: 3, waiting: 0, unreachable: 31, refused: 9 }[state],
  };
});
