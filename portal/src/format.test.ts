/** Numbers, units and times as people read them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as format from './format.ts';

const thin = '\u202f';
const text = (quantity: format.Quantity) => `${quantity.number} ${quantity.unit}`;

describe('energy', () => {
  const cases: readonly (readonly [bigint | number | string | null, number, string])[] = [
    [0, 0, '0 Wh'],
    [999, 0, '999 Wh'],
    [1000, 0, '1.00 kWh'],
    [12_345, 0, '12.35 kWh'],
    [123_456, 0, '123.5 kWh'],
    [1_234_567, 0, '1,235 kWh'],
    [-2500, 0, '\u22122.50 kWh'],
    [25, 3, '25.00 kWh'],
    ['9007199254740993', 0, '9,007,199,254.7 MWh'],
    [241_337n, 0, '241.3 kWh'],
    [null, 0, '\u2013 kWh'],
  ];
  for (const [value, scale, expected] of cases) {
    test(`${value} x 10^${scale} Wh is ${expected}`, () =>
      assert.equal(text(format.formatEnergy(value, scale)), expected));
  }
  test('sums stand in kWh with two digits, whatever their size', () => {
    assert.equal(text(format.formatKwh(5)), '0.01 kWh');
    assert.equal(text(format.formatKwh(-1)), '0.00 kWh');
    assert.equal(text(format.formatKwh(1_234_567)), '1,234.57 kWh');
  });
  test('power is in W below a kilowatt', () => {
    assert.equal(text(format.formatPower(640)), '640 W');
    assert.equal(text(format.formatPower(2480)), '2.48 kW');
    assert.equal(text(format.formatPower(null)), '\u2013 kW');
  });
});

describe('money is exact', () => {
  test('minor units become the currency with its symbol', () => {
    assert.equal(format.formatMoney('4832', 'GBP', 2), '£48.32');
    assert.equal(format.formatMoney('-1250', 'GBP', 2), '\u2212£12.50');
    assert.equal(format.formatMoney('7', 'GBP', 2), '£0.07');
    assert.equal(format.formatMoney('123456789', 'INR', 2), '₹1,234,567.89');
  });
  test('an amount beyond 2^53 keeps its last digit', () => {
    assert.equal(format.formatMoney('9007199254740993', 'GBP', 2), '£90,071,992,547,409.93');
  });
  test('a currency without a symbol here is named, and one without minor digits has no point', () => {
    assert.equal(format.formatMoney('500', 'JPY', 0), `500${thin}JPY`);
  });
  test('a price keeps every digit it has', () => {
    assert.equal(format.formatPrice('0.2834', 'GBP'), '£0.2834');
    assert.equal(format.formatPrice('0.2834', 'CHF'), `0.2834${thin}CHF`);
  });
});

describe('a share never rounds up to all', () => {
  for (const [share, expected] of [
    [1, '100'],
    [0.99996, '99.99'],
    [0.9987, '99.87'],
    [0.9542, '95.4'],
    [0.29, '29.0'],
    [0, '0'],
  ] as const) {
    test(`${share} is ${expected} %`, () => assert.equal(format.formatShare(share), `${expected}${thin}%`));
  }
});

describe('times are those of the zone', () => {
  const at = Date.UTC(2026, 9, 25, 0, 30);
  test('the hour that comes twice shows the same face twice', () => {
    assert.equal(format.formatTime(at, 'Europe/London'), '01:30');
    assert.equal(format.formatTime(at + 3_600_000, 'Europe/London'), '01:30');
  });
  test('an interval that ends at midnight ends at 24:00', () => {
    const end = Date.UTC(2026, 10, 21);
    assert.equal(format.formatInterval(end - 900_000, end, 'Europe/London'), '23:45–24:00');
  });
  test('a date carries the name of its day', () => {
    assert.equal(format.formatDate('2026-11-21'), 'Sat 21 Nov');
    assert.equal(format.formatDate('2026-11-21', 'long'), 'Saturday 21 November 2026');
  });
  test('a moment of today is its time alone', () => {
    const moment = Date.UTC(2026, 10, 21, 14, 15);
    assert.equal(format.formatMoment(moment, 'Europe/London', '2026-11-21'), '14:15');
    assert.equal(format.formatMoment(moment, 'Asia/Kolkata'), 'Sat 21 Nov 19:45');
  });
  test('a period is shown by its first and last day', () => {
    assert.equal(
      format.formatPeriod(Date.UTC(2026, 8, 30, 23), Date.UTC(2026, 10, 1), 'Europe/London'),
      '1 Oct – 31 Oct 2026',
    );
  });
});

test('an age is said in the one unit that matters', () => {
  assert.equal(format.formatAge(12_000), '12 s');
  assert.equal(format.formatAge(5 * 60_000), '5 min');
  assert.equal(format.formatAge(3 * 3_600_000), '3 h');
  assert.equal(format.formatAge(50 * 3_600_000), '2 days');
});

describe('instants within a message of the server', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['missing: 2026-10-12T15:45:00Z/16:45:00Z', 'missing: Mon 12 Oct 16:45\u201317:45'],
    ['at 2026-11-20T22:30:00Z/00:00:00Z; then', 'at Fri 20 Nov 22:30\u201324:00; then'],
    ['known 2026-11-21T11:49:07.092Z', 'known Sat 21 Nov 11:49'],
    ['version 2026-11, no instant', 'version 2026-11, no instant'],
  ];
  for (const [text, expected] of cases) {
    test(`${text} reads ${expected}`, () =>
      assert.equal(format.localiseInstants(text, 'Europe/London'), expected));
  }
});

test('octets are dumped sixteen a row', () => {
  assert.deepEqual(format.hexRows('00112233445566778899aabbccddeeff01'), [
    { offset: '0000', octets: '00 11 22 33 44 55 66 77  88 99 aa bb cc dd ee ff' },
    { offset: '0010', octets: '01' },
  ]);
});
