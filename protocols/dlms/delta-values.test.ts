import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex } from '@wattline/base';
import fc from 'fast-check';
import { encodeData } from './axdr.ts';
import { clientFor, converse, profile } from './conversation.case.ts';
import type { Data } from './data.ts';
import { fromDeltas, toDeltas } from './delta-values.ts';

const rows = (...value: readonly (readonly Data[])[]): Uint8Array =>
  encodeData({ type: 'array', value: value.map((row): Data => ({ type: 'structure', value: row })) });
const energy = (value: number): Data => ({ type: 'double-long-unsigned', value });

test('a register that rises is told by its rise, the first row whole', () => {
  const encoded = toDeltas(rows([energy(70_000)], [energy(70_113)], [energy(70_300)], [energy(70_290)]));
  // double-long-unsigned, then delta-integer, delta-unsigned and a fall.
  assert.equal(toHex(encoded), '0104020106000111700201' + '1C71' + '0201' + '1FBB' + '0201' + '1CF6');
  const whole = fromDeltas(encoded);
  assert(whole.ok);
  assert.deepEqual(whole.value, rows([energy(70_000)], [energy(70_113)], [energy(70_300)], [energy(70_290)]));
});

test('buffers of any values come back whole', () => {
  const cell = fc.oneof(
    fc.integer({ min: 0, max: 2 ** 32 - 1 }).map(energy),
    fc.integer({ min: 0, max: 300 }).map(energy),
    fc.integer({ min: -32_768, max: 32_767 }).map((value): Data => ({ type: 'long', value })),
    fc.constant<Data>({ type: 'null-data' }),
    fc.string({ maxLength: 4 }).map((value): Data => ({ type: 'utf8-string', value })),
  );
  const table = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(table, (cells) => {
      const encoded = rows(...cells);
      const told = toDeltas(encoded);
      assert(told.length <= encoded.length);
      assert.deepEqual(fromDeltas(told), { ok: true, value: encoded });
    }),
    { seed: 41, numRuns: 200 },
  );
});

test('a delta with nothing above it, or that leads out of its type, is refused; other values pass', () => {
  for (const wrong of [
    rows([{ type: 'delta-integer', value: 1 }]),
    rows([energy(1)], [{ type: 'delta-integer', value: -2 }]),
    rows([{ type: 'null-data' }], [{ type: 'delta-unsigned', value: 2 }]),
  ]) {
    const whole = fromDeltas(wrong);
    assert(!whole.ok && whole.error.code === 'dlms/bad-value');
  }
  const other = fromHex('0600001391');
  assert.deepEqual(fromDeltas(other), { ok: true, value: other });
  assert.equal(toDeltas(other), other);
});

test('a profile goes in deltas when both sides agreed to them, and the client reads it whole', () => {
  const reference = { classId: 7, obis: '1.0.99.1.0.255', attribute: 2 };
  const octetsOf = (proposes: readonly 'delta-value-encoding'[]) => {
    const conversation = converse(clientFor(16, { proposes, maxPduSize: 8000 }));
    conversation.ask({ kind: 'associate' });
    const read = conversation.ask({ kind: 'get', reference });
    assert(read.kind === 'get' && read.result.ok);
    assert.deepEqual(read.result.encoded, encodeData(profile));
    return conversation.wire.reduce((sum, { octets }) => sum + octets.length, 0);
  };
  assert(octetsOf(['delta-value-encoding']) < octetsOf([]) - 500);
});
