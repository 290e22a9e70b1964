/** Checks a tariff that came from a file or over a wire; what passes here can be rated by without further doubt. */
import type { Tariff, Tier, TouRate, TouSwitch } from '@wattline/model';
import { appsError } from '../errors.ts';
import { weekDays } from './rate-segments.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The tariff of a JSON value; fields that a tariff does not have are left out.
 * `origin` names the file or request in the error.
 * @throws CodedError `apps/tariff-invalid` with `where.origin` and `where.field`, the first fault found.
 */
export function parseTariff(value: unknown, origin: string): Tariff {
  const refuse = (field: string, expected: string, found: unknown): never => {
    const text = JSON.stringify(found) ?? 'nothing';
    throw appsError('apps/tariff-invalid', `${field}: expected ${expected}, found ${text.slice(0, 60)}`, {
      origin,
      field,
    });
  };
  const check = checks(refuse);
  const tariff = check.object('tariff', value);
  const rates = check.list('rates', tariff.rates).map((rate, at) => readRate(check, rate, `rates[${at}]`));
  const numbers = rates.map(({ rate }) => rate);
  numbers.forEach((number, at) => {
    if (numbers.indexOf(number) !== at) refuse(`rates[${at}].rate`, 'a rate not named before', number);
  });
  const received = check.object('received', tariff.received);
  return {
    id: check.text('id', tariff.id),
    version: check.integer('version', tariff.version, 1, 1_000_000),
    name: check.text('name', tariff.name),
    currency: check.pattern('currency', tariff.currency, /^[A-Z]{3}$/, 'three letters of ISO 4217'),
    minorDigits: check.integer('minorDigits', tariff.minorDigits, 0, 6),
    zone: readZone(check, tariff.zone),
    standingPerDay: check.decimal('standingPerDay', tariff.standingPerDay, 10),
    rates,
    calendar: readCalendar(check, tariff.calendar, numbers),
    taxPercent: check.decimal('taxPercent', tariff.taxPercent, 10),
    taxName: check.text('taxName', tariff.taxName),
    received: {
      scheme: check.oneOf('received.scheme', received.scheme, ['none', 'net', 'export-credit'] as const),
      receivedPerKwh: check.decimal('received.receivedPerKwh', received.receivedPerKwh, 10),
    },
    source: check.text('source', tariff.source),
  };
}

type Checks = ReturnType<typeof checks>;

function checks(refuse: (field: string, expected: string, found: unknown) => never) {
  const pattern = (field: string, value: unknown, form: RegExp, expected: string): string =>
    typeof value === 'string' && form.test(value) ? value : refuse(field, expected, value);
  return {
    refuse,
    pattern,
    object: (field: string, value: unknown): Fields =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? (value as Fields)
        : refuse(field, 'an object', value),
    list: (field: string, value: unknown): readonly unknown[] =>
      Array.isArray(value) && value.length > 0
        ? value
        : refuse(field, 'a list with at least one entry', value),
    text: (field: string, value: unknown): string => pattern(field, value, /\S/, 'a text'),
    integer: (field: string, value: unknown, least: number, most: number): number =>
      Number.isInteger(value) && (value as number) >= least && (value as number) <= most
        ? (value as number)
        : refuse(field, `a whole number from ${least} to ${most}`, value),
    /** A decimal as text without sign or exponent: never a float. */
    decimal: (field: string, value: unknown, digits: number): string =>
      pattern(
        field,
        value,
        new RegExp(`^\\d{1,12}(\\.\\d{1,${digits}})?$`),
        `a decimal as text with at most ${digits} digits after the point`,
      ),
    oneOf: <T extends string>(field: string, value: unknown, known: readonly T[]): T =>
      known.find((name) => name === value) ?? refuse(field, `one of ${known.join(', ')}`, value),
  };
}

function readRate(check: Checks, value: unknown, field: string): TouRate {
  const rate = check.object(field, value);
  const tiers = check.list(`${field}.tiers`, rate.tiers);
  let lower = 0;
  const readTier = (entry: unknown, at: number): Tier => {
    const place = `${field}.tiers[${at}]`;
    const tier = check.object(place, entry);
    const isLast = at === tiers.length - 1;
    if (isLast !== (tier.uptoKwh === null)) {
      check.refuse(
        `${place}.uptoKwh`,
        isLast ? 'null, for the last tier has no end' : 'a threshold',
        tier.uptoKwh,
      );
    }
    const pricePerKwh = check.decimal(`${place}.pricePerKwh`, tier.pricePerKwh, 10);
    if (tier.uptoKwh === null) return { uptoKwh: null, pricePerKwh };
    const uptoKwh = check.decimal(`${place}.uptoKwh`, tier.uptoKwh, 3);
    if (Number(uptoKwh) <= lower) check.refuse(`${place}.uptoKwh`, `a threshold above ${lower}`, uptoKwh);
    lower = Number(uptoKwh);
    return { uptoKwh, pricePerKwh };
  };
  return {
    rate: check.integer(`${field}.rate`, rate.rate, 1, 255),
    name: check.text(`${field}.name`, rate.name),
    tiers: tiers.map(readTier),
  };
}

function readCalendar(check: Checks, value: unknown, rates: readonly number[]): TouSwitch[] {
  const seen = new Set<string>();
  const calendar = check.list('calendar', value).map((entry, at): TouSwitch => {
    const field = `calendar[${at}]`;
    const { days, from, rate } = check.object(field, entry);
    const time = check.pattern(
      `${field}.from`,
      from,
      /^([01]\d|2[0-3]):[0-5]\d$/,
      'a wall-clock time as 07:00',
    );
    const names = check.list(`${field}.days`, days).map((day) => check.oneOf(`${field}.days`, day, weekDays));
    for (const day of names) {
      const moment = `${day} ${time}`;
      if (seen.has(moment)) check.refuse(field, `one switch at ${moment}`, 'a second one');
      seen.add(moment);
    }
    const number = rates.find((known) => known === rate);
    return {
      days: names,
      from: time,
      rate: number ?? check.refuse(`${field}.rate`, `a rate of the tariff (${rates.join(', ')})`, rate),
    };
  });
  for (const day of weekDays) {
    if (!calendar.some((entry) => entry.days.includes(day))) {
      check.refuse('calendar', `a switch on every day of the week`, `none on ${day}`);
    }
  }
  return calendar;
}

function readZone(check: Checks, value: unknown): string {
  const zone = check.text('zone', value);
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
    return zone;
  } catch {
    return check.refuse('zone', 'an IANA time zone', zone);
  }
}
