import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { quality, type ReadingBlock } from '@wattline/model';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { context } from './exchange-fixture.ts';
import { exchangeFormatOf, openExchange } from './index.ts';
import { parquet } from './parquet.ts';

const day = Date.UTC(2024, 2, 30);
const block: ReadingBlock = {
  channel: 'UP-1/delivered',
  startMs: day,
  intervalSeconds: 1800,
  value: Float64Array.from({ length: 48 }, (_, i) => i * 1001),
  quality: new Uint16Array(48).fill(quality.measured),
};
const series = [{ channel: block.channel, meter: 'M-1', blocks: [block] }];

async function read(octets: Uint8Array) {
  const opened = await openExchange(octets);
  assert.ok(opened);
  return opened(context);
}

/** A file with one row, columns as given. */
function rowFile(columns: Parameters<typeof parquetWriteBuffer>[0]['columnData']): Uint8Array {
  return new Uint8Array(parquetWriteBuffer({ columnData: columns }));
}

const channelColumn = { name: 'channel', data: ['UP-1/delivered'], type: 'STRING' as const };

describe('Parquet', () => {
  test('what is written is read back, and is the same delivery as the same readings in CSV', async () => {
    const back = await read(parquet.write(series, { createdMs: 1 }));
    const csv = exchangeFormatOf('csv');
    const text = csv?.write?.(series, { createdMs: 1 }) ?? '';
    assert.deepEqual([back.format, back.counts.accepted], ['parquet', 48]);
    assert.equal(back.batchId, csv?.read?.(text, context).batchId);
  });
  test('columns stand in any order and in any case; an interval end and a unit of another power are read', async () => {
    const back = await read(
      rowFile([
        { name: 'Unit', data: ['kWh'], type: 'STRING' },
        { name: 'VALUE', data: [1.25], type: 'DOUBLE' },
        { name: 'End', data: [BigInt(day + 900_000)], type: 'TIMESTAMP' },
        { name: 'remark', data: ['passed over'], type: 'STRING' },
        { name: 'intervalSeconds', data: [900], type: 'INT32' },
        channelColumn,
      ]),
    );
    const [found] = back.series[0]?.blocks ?? [];
    assert.deepEqual([found?.startMs, found?.value[0]], [day, 1250]);
  });
  test('rows that cannot be taken are rejected or wait, with their number and their code', async () => {
    const back = await read(
      rowFile([
        {
          name: 'channel',
          data: ['UP-1/delivered', 'UP-1/warmth', 'UP-1/delivered', 'UP-1/delivered'],
          type: 'STRING',
        },
        { name: 'start', data: [0n, 0n, 900_000n, BigInt(Date.UTC(2999, 0, 1))], type: 'TIMESTAMP' },
        { name: 'intervalSeconds', data: [900, 900, 900, 900], type: 'INT32' },
        { name: 'value', data: [1n, 1n, 2n ** 53n, 1n], type: 'INT64' },
      ]),
    );
    assert.deepEqual([back.counts.accepted, back.counts.rejected, back.counts.held], [1, 2, 1]);
    assert.deepEqual(
      back.problems.map(({ code, where }) => [code, where.row]),
      [
        ['mdm/exchange-bad-record', 2],
        ['mdm/exchange-too-big-number', 3],
        ['mdm/exchange-future', 4],
      ],
    );
  });
  test('a file without the columns of a reading is refused', async () => {
    const back = await read(rowFile([channelColumn]));
    assert.equal(back.refused?.code, 'mdm/exchange-missing-header');
  });
  test('a file cut off anywhere is refused as half-written', async () => {
    const whole = parquet.write(series, { createdMs: 1 });
    for (let length = 4; length < whole.length; length += 7) {
      const back = await read(whole.subarray(0, length));
      assert.equal(back.refused?.code, 'mdm/exchange-half-written', String(length));
    }
  });
  test('a file with any octet changed is answered, never thrown at', async () => {
    const whole = parquet.write(series, { createdMs: 1 });
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 9), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const octets = whole.slice();
        octets[at + 4] = (octets[at + 4] as number) ^ change;
        const back = await read(octets);
        assert.ok(back.refused || back.series.length + back.held.length > 0);
      }),
      { numRuns: 300 },
    );
  });
});
