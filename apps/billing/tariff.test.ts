import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CodedError } from '@wattline/base';
import { plainTariff } from './fixture/rated-series.ts';
import { parseTariff } from './tariff-check.ts';
import { loadTariffs, readTariff } from './tariff-files.ts';

const all = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** A plain tariff with fields replaced, as a file would hold them. */
function refusal(fields: object): CodedError {
  try {
    parseTariff({ ...plainTariff, ...fields }, 'bad.json');
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
  return assert.fail('the tariff was accepted');
}

describe('a tariff that cannot be rated by is refused with its place', () => {
  const rate = (tiers: unknown) => [{ rate: 1, name: 'All', tiers }];
  const faults: readonly (readonly [string, object, string])[] = [
    [
      'a switch to a rate it does not have',
      { calendar: [{ days: all, from: '00:00', rate: 3 }] },
      'calendar[0].rate',
    ],
    [
      'two switches at one time of one day',
      {
        calendar: [
          { days: all, from: '00:00', rate: 1 },
          { days: ['sun'], from: '00:00', rate: 1 },
        ],
      },
      'calendar[1]',
    ],
    [
      'a calendar without Sundays',
      { calendar: [{ days: all.slice(0, 6), from: '00:00', rate: 1 }] },
      'calendar',
    ],
    ['an empty calendar', { calendar: [] }, 'calendar'],
    ['a time of 24:00', { calendar: [{ days: all, from: '24:00', rate: 1 }] }, 'calendar[0].from'],
    ['a day that is none', { calendar: [{ days: ['noday'], from: '00:00', rate: 1 }] }, 'calendar[0].days'],
    [
      'a price as a float',
      { rates: rate([{ uptoKwh: null, pricePerKwh: 0.25 }]) },
      'rates[0].tiers[0].pricePerKwh',
    ],
    [
      'a price with a comma',
      { rates: rate([{ uptoKwh: null, pricePerKwh: '0,25' }]) },
      'rates[0].tiers[0].pricePerKwh',
    ],
    ['a price with an exponent', { standingPerDay: '1e-3' }, 'standingPerDay'],
    ['a negative standing charge', { standingPerDay: '-1' }, 'standingPerDay'],
    [
      'tiers that go down',
      {
        rates: rate([
          { uptoKwh: '200', pricePerKwh: '1' },
          { uptoKwh: '100', pricePerKwh: '1' },
          { uptoKwh: null, pricePerKwh: '1' },
        ]),
      },
      'rates[0].tiers[1].uptoKwh',
    ],
    [
      'a last tier with an end',
      { rates: rate([{ uptoKwh: '5', pricePerKwh: '1' }]) },
      'rates[0].tiers[0].uptoKwh',
    ],
    [
      'a threshold finer than a Wh',
      {
        rates: rate([
          { uptoKwh: '0.0005', pricePerKwh: '1' },
          { uptoKwh: null, pricePerKwh: '1' },
        ]),
      },
      'rates[0].tiers[0].uptoKwh',
    ],
    ['one rate twice', { rates: [...plainTariff.rates, ...plainTariff.rates] }, 'rates[1].rate'],
    ['no rates', { rates: [] }, 'rates'],
    ['a zone that is none', { zone: 'Europe/Atlantis' }, 'zone'],
    ['a currency sign for a currency', { currency: '£' }, 'currency'],
    ['a version of zero', { version: 0 }, 'version'],
    ['an unknown scheme', { received: { scheme: 'gift', receivedPerKwh: '0' } }, 'received.scheme'],
    ['no terms for received energy', { received: null }, 'received'],
    ['no source', { source: ' ' }, 'source'],
  ];
  for (const [name, fields, field] of faults) {
    test(name, () => {
      const error = refusal(fields);
      assert.equal(error.code, 'apps/tariff-invalid');
      assert.deepEqual(error.where, { origin: 'bad.json', field });
      assert.match(error.message, /expected .+, found /);
    });
  }
  test('a file that is no JSON', () => {
    assert.throws(() => readTariff('{"id":', 'cut.json'), { code: 'apps/tariff-invalid' });
  });
});

describe('the tariffs of the demonstration', () => {
  test('home, public supply and shop, in pounds and London time', () => {
    const tariffs = loadTariffs();
    assert.deepEqual(
      tariffs.map(({ id, currency, zone, source }) => [id, currency, zone, source]),
      ['WTL-HOME-TOU', 'WTL-PUBLIC', 'WTL-SHOP-TOU'].map((id) => [
        id,
        'GBP',
        'Europe/London',
        'invented for the demonstration',
      ]),
    );
  });
  test('the home tariff counts the night from 00:00 to 07:00 in rate 2, as the meter does', () => {
    const home = loadTariffs().find(({ id }) => id === 'WTL-HOME-TOU');
    assert.deepEqual(
      home?.calendar.map(({ from, rate, days }) => [from, rate, days.length]),
      [
        ['00:00', 2, 7],
        ['07:00', 1, 7],
      ],
    );
  });
  test('move to another zone and another currency with its own minor digits', () => {
    const [moved] = loadTariffs('Asia/Tokyo', 'JPY');
    assert.deepEqual([moved?.zone, moved?.currency, moved?.minorDigits], ['Asia/Tokyo', 'JPY', 0]);
    assert.equal(loadTariffs('Australia/Sydney')[0]?.currency, 'GBP');
  });
  test('a zone or a currency that is none is refused', () => {
    assert.throws(() => loadTariffs('Mars/Olympus'), { code: 'apps/tariff-invalid' });
    assert.throws(() => loadTariffs('UTC', 'pounds'), { code: 'apps/tariff-invalid' });
  });
});
