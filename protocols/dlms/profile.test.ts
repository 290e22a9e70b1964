import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex } from '@wattline/base';
import fc from 'fast-check';
import { encodeData } from './axdr.ts';
import { AxdrWriter } from './axdr-writer.ts';
import type { Data } from './data.ts';
import { encodeDateTime } from './date-time.ts';
import { decodeEntryRange, decodeRange, encodeEntryRange, encodeRange } from './profile-access.ts';
import { createProfileDecoder, decodeProfileColumns } from './profile-columns.ts';
import { decodeAnyRows, type ProfileOptions } from './profile-values.ts';

const start = Date.UTC(2025, 2, 1);
const quarterMs = 900_000;

const clock = (instantMs: number): Data => ({ type: 'octet-string', value: encodeDateTime(instantMs, 60) });
const rows = (...value: readonly (readonly Data[])[]): Uint8Array =>
  encodeData({ type: 'array', value: value.map((row): Data => ({ type: 'structure', value: row })) });
const nothing: Data = { type: 'null-data' };
const number = (value: number): Data => ({ type: 'double-long-unsigned', value });

function columnsOf(encoded: Uint8Array, options?: ProfileOptions) {
  const decoded = decodeProfileColumns(encoded, options);
  assert(decoded.ok, decoded.ok ? '' : decoded.error.message);
  return decoded.value;
}

function codeOf(encoded: Uint8Array, options?: ProfileOptions): string {
  const decoded = decodeProfileColumns(encoded, options);
  assert(!decoded.ok);
  return decoded.error.code;
}

test('a day of quarter-hours comes out as a clock column and integer columns', () => {
  const writer = new AxdrWriter().array(96);
  for (let i = 0; i < 96; i++) {
    writer
      .structure(6)
      .dateTime(start + i * quarterMs, 60, 0x80)
      .unsigned(i % 3);
    writer
      .doubleLongUnsigned(4_000_000_000 + i)
      .long(-i)
      .long64Unsigned(BigInt(i) * 10n ** 12n)
      .integer(-1);
  }
  const { rows: count, columns } = columnsOf(writer.finish());
  assert.equal(count, 96);
  const [clocks, status, energy, signed, large] = columns;
  assert(clocks?.kind === 'instant');
  assert.deepEqual(
    [...clocks.instantMs],
    Array.from({ length: 96 }, (_, i) => start + i * quarterMs),
  );
  assert(clocks.status.every((value) => value === 0x80));
  assert(clocks.offsetMinutes.every((value) => value === 60));
  assert(status?.kind === 'integer' && energy?.kind === 'integer');
  assert(signed?.kind === 'integer' && large?.kind === 'integer');
  for (let i = 0; i < 96; i++) {
    assert.equal(status.value[i], i % 3);
    assert.equal(energy.value[i], 4_000_000_000 + i);
    assert.equal(signed.value[i], 0 - i);
    assert.equal(large.value[i], i * 1e12);
  }
});

test('a null clock follows the period that two clocks give, or the capture period of the caller', () => {
  const encoded = rows(
    [clock(start), number(1)],
    [clock(start + quarterMs), number(2)],
    [nothing, number(3)],
    [nothing, number(4)],
    [clock(start + 10 * quarterMs), number(5)],
    [nothing, number(6)],
  );
  const expected = [0, 1, 2, 3, 10].map((n) => start + n * quarterMs);
  const [clocks] = columnsOf(encoded, { capturePeriodSeconds: 900 }).columns;
  assert(clocks?.kind === 'instant');
  assert.deepEqual([...clocks.instantMs], [...expected, start + 11 * quarterMs]);
  const idis = rows([clock(start), number(1)], [nothing, number(2)]);
  assert.equal(codeOf(idis), 'dlms/bad-profile');
  const [filled] = columnsOf(idis, { capturePeriodSeconds: 900 }).columns;
  assert(filled?.kind === 'instant');
  assert.deepEqual([...filled.instantMs], [start, start + quarterMs]);
});

test('a null value is missing, or repeats the value above where the profile says so', () => {
  const encoded = rows([number(7)], [nothing], [nothing], [number(9)], [nothing]);
  const [missing] = columnsOf(encoded).columns;
  assert(missing?.kind === 'integer');
  assert.deepEqual([...missing.isNull], [0, 1, 1, 0, 1]);
  assert.deepEqual([...missing.value], [7, Number.NaN, Number.NaN, 9, Number.NaN]);
  const [repeated] = columnsOf(encoded, { isNullPrevious: true }).columns;
  assert(repeated?.kind === 'integer');
  assert.deepEqual([...repeated.isNull], [0, 0, 0, 0, 0]);
  assert.deepEqual([...repeated.value], [7, 7, 7, 9, 9]);
});

test('integers of different widths share a column; what is no integer makes a data column', () => {
  const mixed: Data[] = [number(70000), { type: 'unsigned', value: 1 }, { type: 'long', value: -2 }];
  const [integers] = columnsOf(rows(...mixed.map((value) => [value]))).columns;
  assert(integers?.kind === 'integer');
  assert.deepEqual([...integers.value], [70000, 1, -2]);

  const large: Data = { type: 'long64-unsigned', value: 2n ** 60n };
  const text: Data = { type: 'visible-string', value: 'kWh' };
  const badClock: Data = { type: 'octet-string', value: new Uint8Array(12).fill(0xff) };
  for (const odd of [large, text, badClock]) {
    const orders: Data[][] = [
      [number(1), odd],
      [odd, number(1)],
      [nothing, odd],
    ];
    for (const order of orders) {
      const [column] = columnsOf(rows(...order.map((value) => [value]))).columns;
      assert(column?.kind === 'data');
      assert.deepEqual(column.value, order);
    }
  }
});

test('an empty buffer has no rows, a compact-array reads like the array it stands for', () => {
  assert.deepEqual(columnsOf(fromHex('0100')), { rows: 0, columns: [] });
  const compact = encodeData({
    type: 'compact-array',
    description: { type: 'structure', of: [{ type: 'octet-string' }, { type: 'double-long-unsigned' }] },
    value: [0, 1].map((i): Data => ({ type: 'structure', value: [clock(start + i * quarterMs), number(i)] })),
  });
  const plain = rows([clock(start), number(0)], [clock(start + quarterMs), number(1)]);
  assert.deepEqual(columnsOf(compact), columnsOf(plain));
});

test('buffers that are no table are refused', () => {
  assert.equal(codeOf(rows([number(1)], [number(1), number(2)])), 'dlms/bad-profile');
  assert.equal(codeOf(fromHex('0201')), 'dlms/bad-profile');
  assert.equal(codeOf(fromHex('0102110111 02'.replace(' ', ''))), 'dlms/bad-profile');
  assert.equal(codeOf(fromHex('01820FFF0201000201')), 'dlms/bad-profile');
  assert.equal(codeOf(fromHex('0101020111050000')), 'dlms/trailing-octets');
  const whole = rows([clock(start), number(1)], [clock(start + quarterMs), number(2)]);
  for (let length = 0; length < whole.length; length++) {
    assert.equal(decodeProfileColumns(whole.subarray(0, length)).ok, false, `${length} octets`);
  }
});

test('columns hold exactly what the rows held', () => {
  const cell = fc.oneof(
    fc.constant(nothing),
    fc.integer({ min: 0, max: 2 ** 32 - 1 }).map(number),
    fc.integer({ min: -128, max: 127 }).map((value): Data => ({ type: 'integer', value })),
    fc.string({ maxLength: 5 }).map((value): Data => ({ type: 'utf8-string', value })),
  );
  const table = fc
    .integer({ min: 1, max: 5 })
    .chain((width) =>
      fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 12 }),
    );
  fc.assert(
    fc.property(table, (cells) => {
      const { columns, rows: count } = columnsOf(rows(...cells));
      assert.equal(count, cells.length);
      for (const [i, column] of columns.entries()) {
        const expected = cells.map((row) => row[i] as Data);
        if (column.kind === 'data') assert.deepEqual(column.value, expected);
        else {
          assert(column.kind === 'integer');
          const values = expected.map((data) => ('value' in data ? data.value : Number.NaN));
          assert.deepEqual([...column.value], values);
          assert.deepEqual(
            [...column.isNull],
            expected.map(({ type }) => Number(type === 'null-data')),
          );
        }
      }
    }),
    { seed: 4, numRuns: 200 },
  );
});

/** A type of a column whose rows mostly share their layout, with its values. */
const alike = fc.oneof(
  fc.integer({ min: -400, max: 20_000 }).map((day): ((i: number) => Data) => (i) => ({
    type: day % 2 === 0 ? 'octet-string' : 'date-time',
    value: encodeDateTime(day * 86_400_000 + i * quarterMs, (day % 3) * 60, day & 0xff),
  })),
  fc
    .constantFrom(
      'unsigned',
      'enum',
      'integer',
      'long-unsigned',
      'long',
      'double-long',
      'double-long-unsigned',
    )
    .map((type): ((i: number) => Data) => (i) => ({
      type,
      value: type.endsWith('unsigned') || type === 'enum' ? (i * 37) % 256 : ((i * 37) % 256) - 128,
    })),
  fc.bigInt({ min: 0n, max: 2n ** 54n }).map((from): ((i: number) => Data) => (i) => ({
    type: from % 2n === 0n ? 'long64' : 'long64-unsigned',
    value: from + BigInt(i),
  })),
);

test('rows of one layout read as the general way reads them, also when octets of them are changed', () => {
  const table = fc.tuple(fc.array(alike, { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 140 }));
  const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 });
  const decode = createProfileDecoder({ defaultOffsetMinutes: 60 });
  fc.assert(
    fc.property(table, changes, ([columns, count], changed) => {
      const encoded = rows(...Array.from({ length: count }, (_, i) => columns.map((at) => at(i))));
      for (const change of [undefined, ...changed]) {
        if (change) encoded[change[0] % encoded.length] = change[1];
        const expected = decodeAnyRows(encoded, { defaultOffsetMinutes: 60 });
        assert.deepEqual(decodeProfileColumns(encoded, { defaultOffsetMinutes: 60 }), expected);
        assert.deepEqual(decode(encoded), expected);
      }
    }),
    { seed: 11, numRuns: 300 },
  );
});

test('a decoder that is kept answers in the same columns as long as buffers look alike', () => {
  const decode = createProfileDecoder();
  const day = (from: number) =>
    rows(...Array.from({ length: 24 }, (_, i) => [clock(start + i * quarterMs), number(from + i)]));
  const first = decode(day(1));
  const second = decode(day(1000));
  assert(first.ok && second.ok);
  assert.equal(second.value, first.value);
  const [, energy] = second.value.columns;
  assert(energy?.kind === 'integer');
  assert.deepEqual([...energy.value].slice(0, 3), [1000, 1001, 1002]);
  const gap = decode(rows([clock(start), number(1)], [clock(start + quarterMs), nothing]));
  assert(gap.ok && gap.value.columns[1]?.kind === 'integer');
  assert.deepEqual([...gap.value.columns[1].isNull], [0, 1]);
  const cut = decode(day(1).subarray(0, 400));
  assert(!cut.ok && typeof cut.error.where.offset === 'number');
});

test('range_descriptor and entry_descriptor come back as they were asked', () => {
  assert.deepEqual(decodeRange(encodeRange(start, start + quarterMs, 330)), {
    ok: true,
    value: { fromMs: start, toMs: start + quarterMs },
  });
  assert.deepEqual(decodeEntryRange(encodeEntryRange({ fromEntry: 1, toEntry: 0 })), {
    ok: true,
    value: { fromEntry: 1, toEntry: 0, fromColumn: 1, toColumn: 0 },
  });
  const wrong = decodeRange(encodeEntryRange({ fromEntry: 1, toEntry: 2 }));
  assert(!wrong.ok && wrong.error.code === 'dlms/bad-value');
  const alsoWrong = decodeEntryRange(encodeRange(start, start, 0));
  assert(!alsoWrong.ok && alsoWrong.error.code === 'dlms/bad-value');
  const unclocked = decodeRange({
    selector: 1,
    parameters: { type: 'structure', value: [nothing, clock(start), clock(start), nothing] },
  });
  assert(!unclocked.ok && unclocked.error.code === 'dlms/bad-value');
  const { parameters } = encodeRange(start, start, 0);
  const [column] = parameters.type === 'structure' ? parameters.value : [];
  const timeless = decodeRange({
    selector: 1,
    parameters: { type: 'structure', value: [column as Data, nothing, clock(start), nothing] },
  });
  assert(!timeless.ok && timeless.error.code === 'dlms/bad-date-time');
});
