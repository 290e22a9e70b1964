import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex } from '@wattline/base';
import fc from 'fast-check';
import { decodeData, encodeData } from './axdr.ts';
import { AxdrWriter } from './axdr-writer.ts';
import type { Data, TypeDescription } from './data.ts';
import { typeCode } from './type-codes.ts';

const octets = (length?: number) =>
  fc.uint8Array(length === undefined ? { maxLength: 300 } : { minLength: length, maxLength: length });

function whole(type: Data['type'], least: number, most: number): fc.Arbitrary<Data> {
  return fc.integer({ min: least, max: most }).map((value) => ({ type, value }) as Data);
}

const scalars: readonly fc.Arbitrary<Data>[] = [
  fc.constant<Data>({ type: 'null-data' }),
  fc.boolean().map((value): Data => ({ type: 'boolean', value })),
  octets().map((value): Data => ({ type: 'bit-string', bits: value.length * 8, value })),
  whole('double-long', -(2 ** 31), 2 ** 31 - 1),
  whole('double-long-unsigned', 0, 2 ** 32 - 1),
  whole('bcd', -128, 127),
  whole('integer', -128, 127),
  whole('long', -32768, 32767),
  whole('unsigned', 0, 255),
  whole('long-unsigned', 0, 65535),
  whole('enum', 0, 255),
  whole('delta-integer', -128, 127),
  whole('delta-long', -32768, 32767),
  whole('delta-double-long', -(2 ** 31), 2 ** 31 - 1),
  whole('delta-unsigned', 0, 255),
  whole('delta-long-unsigned', 0, 65535),
  whole('delta-double-long-unsigned', 0, 2 ** 32 - 1),
  fc.float({ noNaN: true }).map((value): Data => ({ type: 'float32', value })),
  fc.double({ noNaN: true }).map((value): Data => ({ type: 'float64', value })),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value): Data => ({ type: 'long64', value })),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value): Data => ({ type: 'long64-unsigned', value })),
  octets().map((value): Data => ({ type: 'octet-string', value })),
  octets().map((value): Data => ({ type: 'visible-string', value: Buffer.from(value).toString('latin1') })),
  fc.string().map((value): Data => ({ type: 'utf8-string', value })),
  octets(12).map((value): Data => ({ type: 'date-time', value })),
  octets(5).map((value): Data => ({ type: 'date', value })),
  octets(4).map((value): Data => ({ type: 'time', value })),
];

const { data } = fc.letrec<{ data: Data }>((tie) => ({
  data: fc.oneof(
    { maxDepth: 4 },
    ...scalars,
    fc.array(tie('data'), { maxLength: 5 }).map((value): Data => ({ type: 'structure', value })),
    fc.array(tie('data'), { maxLength: 5 }).map((value): Data => ({ type: 'array', value })),
  ),
}));

test('any data decodes to what was encoded, at any offset', () => {
  fc.assert(
    fc.property(data, fc.integer({ min: 0, max: 9 }), (value, offset) => {
      const encoded = encodeData(value);
      const shifted = new Uint8Array(offset + encoded.length);
      shifted.set(encoded, offset);
      assert.deepEqual(decodeData(shifted, offset), { ok: true, value: { value, end: shifted.length } });
    }),
    { seed: 1, numRuns: 400 },
  );
});

test('every truncation of any data is refused as truncated', () => {
  fc.assert(
    fc.property(data, (value) => {
      const encoded = encodeData(value);
      for (let length = 0; length < encoded.length; length++) {
        const decoded = decodeData(encoded.subarray(0, length));
        assert(!decoded.ok && decoded.error.code === 'dlms/truncated', `${length} of ${encoded.length}`);
      }
    }),
    { seed: 2, numRuns: 100 },
  );
});

test('a tag that the standard does not know is refused with its offset', () => {
  const known = new Set<number>(Object.values(typeCode));
  for (let tag = 0; tag < 256; tag++) {
    if (known.has(tag)) continue;
    const decoded = decodeData(Uint8Array.of(2, 2, 0, tag, 0, 0));
    assert(!decoded.ok);
    assert.equal(decoded.error.code, 'dlms/bad-tag');
    assert.equal(decoded.error.where.offset, 3);
  }
});

test('lengths are read in one to four octets and never as indefinite', () => {
  for (const hex of [
    '0903AABBCC',
    '098103AABBCC',
    '09820003AABBCC',
    '0983000003AABBCC',
    '098400000003AABBCC',
  ]) {
    const decoded = decodeData(fromHex(hex));
    assert(decoded.ok && decoded.value.value.type === 'octet-string');
    assert.equal(toHex(decoded.value.value.value), 'AABBCC');
  }
  for (const hex of ['0980AABBCC', '09850000000003AABBCC']) {
    const decoded = decodeData(fromHex(hex));
    assert(!decoded.ok && decoded.error.code === 'dlms/bad-length');
  }
});

test('a bit-string keeps its count of bits', () => {
  const value: Data = { type: 'bit-string', bits: 10, value: fromHex('FFC0') };
  assert.equal(toHex(encodeData(value)), '040AFFC0');
  assert.deepEqual(decodeData(fromHex('040AFFC0')), { ok: true, value: { value, end: 4 } });
});

test('a compact-array reads by its description and is written back the same', () => {
  const description: TypeDescription = {
    type: 'structure',
    of: [
      { type: 'double-long-unsigned' },
      { type: 'array', count: 2, of: { type: 'unsigned' } },
      { type: 'octet-string' },
    ],
  };
  const row = (n: number): Data => ({
    type: 'structure',
    value: [
      { type: 'double-long-unsigned', value: n },
      {
        type: 'array',
        value: [
          { type: 'unsigned', value: 1 },
          { type: 'unsigned', value: 2 },
        ],
      },
      { type: 'octet-string', value: new Uint8Array(n).fill(7) },
    ],
  });
  const value: Data = { type: 'compact-array', description, value: [row(0), row(1), row(5)] };
  const encoded = encodeData(value);
  assert.equal(toHex(encoded.subarray(0, 9)), '130203060100021109');
  assert.deepEqual(decodeData(encoded), { ok: true, value: { value, end: encoded.length } });
});

test('the writer writes what encodeData writes, type by type', () => {
  const writer = new AxdrWriter(16)
    .array(1)
    .structure(16)
    .nullData()
    .boolean(true)
    .integer(-1)
    .long(-2)
    .doubleLong(-3)
    .long64(-4n)
    .unsigned(5)
    .longUnsigned(6)
    .doubleLongUnsigned(4294967295)
    .long64Unsigned(18446744073709551615n)
    .enumerate(9)
    .octetString(fromHex('0A0B'))
    .visibleString('kWh')
    .utf8String('किलोवाट')
    .obis('1.0.1.8.0.255')
    .dateTime(Date.UTC(2025, 0, 1), 330);
  const decoded = decodeData(writer.finish());
  assert(decoded.ok);
  assert.deepEqual(encodeData(decoded.value.value), writer.finish());
  const [structure] = decoded.value.value.type === 'array' ? decoded.value.value.value : [];
  assert(structure?.type === 'structure');
  assert.deepEqual(
    structure.value.map(({ type }) => type),
    [
      'null-data',
      'boolean',
      'integer',
      'long',
      'double-long',
      'long64',
      'unsigned',
      'long-unsigned',
      'double-long-unsigned',
      'long64-unsigned',
      'enum',
      'octet-string',
      'visible-string',
      'utf8-string',
      'octet-string',
      'octet-string',
    ],
  );
  assert.equal(toHex((structure.value[15] as { value: Uint8Array }).value), '07E9010103051E0000FEB600');
});

test('the writer refuses what does not fit a type: that is our own mistake', () => {
  const writer = new AxdrWriter();
  assert.throws(() => writer.unsigned(256));
  assert.throws(() => writer.doubleLongUnsigned(-1));
  assert.throws(() => writer.long(40000));
  assert.throws(() => writer.integer(1.5));
  assert.throws(() => writer.long64Unsigned(-1n));
  assert.throws(() => encodeData({ type: 'unsigned', value: 300 }));
});
