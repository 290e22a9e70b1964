import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex } from '@wattline/base';
import fc from 'fast-check';
import { decodeDateTime, encodeDateTime } from './date-time.ts';

test('any instant and offset comes back, and the fields agree with Temporal', () => {
  const instant = fc
    .integer({ min: Date.UTC(1950, 0, 1) / 10, max: Date.UTC(2150, 0, 1) / 10 })
    .map((n) => n * 10);
  fc.assert(
    fc.property(instant, fc.integer({ min: -720, max: 840 }), (instantMs, offsetMinutes) => {
      const octets = encodeDateTime(instantMs, offsetMinutes, 0x80);
      assert.deepEqual(decodeDateTime(octets), {
        ok: true,
        value: { instantMs, offsetMinutes, status: 0x80 },
      });
      const local = Temporal.Instant.fromEpochMilliseconds(
        instantMs + offsetMinutes * 60_000,
      ).toZonedDateTimeISO('UTC');
      assert.deepEqual(
        [...octets.subarray(0, 9)],
        [
          local.year >> 8,
          local.year & 255,
          local.month,
          local.day,
          local.dayOfWeek,
          local.hour,
          local.minute,
          local.second,
          Math.floor(local.millisecond / 10),
        ],
      );
    }),
    { seed: 3, numRuns: 500 },
  );
});

test('the deviation counts from local time to UTC: CET carries -60', () => {
  assert.equal(toHex(encodeDateTime(Date.UTC(2021, 0, 24, 13, 48, 57, 800), 60)), '07E50118070E303950FFC400');
  // SET-Request of u9n/dlms-cosem: 14:48:57.80 local, deviation -60.
  assert.deepEqual(decodeDateTime(fromHex('07E50118FF0E303950FFC400')), {
    ok: true,
    value: { instantMs: Date.UTC(2021, 0, 24, 13, 48, 57, 800), offsetMinutes: 60, status: 0 },
  });
});

test('a deviation not specified reads the wall clock as UTC, or at the offset the caller knows', () => {
  const octets = fromHex('07E704010615202300800080');
  assert.deepEqual(decodeDateTime(octets), {
    ok: true,
    value: { instantMs: Date.UTC(2023, 3, 1, 21, 32, 35), offsetMinutes: undefined, status: 0x80 },
  });
  const known = decodeDateTime(octets, { defaultOffsetMinutes: 330 });
  assert(known.ok);
  assert.equal(known.value.instantMs, Date.UTC(2023, 3, 1, 16, 2, 35));
});

test('what names no one instant is refused', () => {
  for (const hex of [
    'FFFF0101FF000000FF800000',
    '07E7FF01FF000000FF800000',
    '07E70100FF000000FF800000',
    '07E7021DFF000000FF800000',
    '07E70101FFFF0000FF800000',
    '07E70101FF003C00FF800000',
    '07E70101FF180100FF800000',
    '07E70101FF0000',
    '',
  ]) {
    const decoded = decodeDateTime(fromHex(hex));
    assert(!decoded.ok, hex);
    assert.equal(decoded.error.code, 'dlms/bad-date-time');
  }
  const leapDay = decodeDateTime(fromHex('07E8021DFF000000FF800000'));
  assert(leapDay.ok);
  const endOfDay = decodeDateTime(fromHex('07E70101FF180000FF800000'));
  assert(endOfDay.ok && endOfDay.value.instantMs === Date.UTC(2023, 0, 2));
});
