/** Parquet of another maker, both ways: ClickHouse writes what we read and reads what we write. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before, describe } from 'node:test';
import { octetFormats, openExchange } from '@wattline/mdm';
import { quality } from '@wattline/model';
import { drainPending, Session } from 'chdb';

const parquet = octetFormats.find(({ id }) => id === 'parquet');
const context = { nowMs: Date.UTC(2030, 0, 1) };
const start = Date.UTC(2024, 2, 30);

describe('Parquet beside ClickHouse', () => {
  let directory: string;
  let session: Session;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'wattline-parquet-'));
    session = new Session(join(directory, 'clickhouse'));
  });
  after(async () => {
    session.close();
    await drainPending();
    rmSync(directory, { recursive: true, force: true });
  });
  const query = async (statement: string) =>
    new TextDecoder().decode((await session.queryAsync(statement, { format: 'TSV' })).bytes()).trim();

  for (const codec of ['none', 'snappy', 'zstd', 'gzip', 'brotli', 'lz4']) {
    test(`a table that ClickHouse wrote with ${codec} is read to the last value`, async () => {
      const path = join(directory, `${codec}.parquet`);
      const rows = `SELECT 'UP-1/delivered' AS channel, toDateTime64(${start / 1000} + 900 * number, 3, 'UTC') AS start,
        toInt32(900) AS intervalSeconds, toInt64(number * 1000003) AS value, if(number = 7, 'estimated', '') AS quality FROM numbers(3000)`;
      await query(
        `INSERT INTO FUNCTION file('${path}', 'Parquet') ${rows} SETTINGS output_format_parquet_compression_method='${codec}'`,
      );
      const read = (await openExchange(readFileSync(path)))?.(context);
      assert.deepEqual([read?.format, read?.refused, read?.counts.accepted], ['parquet', null, 3000]);
      const [block] = read?.series[0]?.blocks ?? [];
      assert.deepEqual(
        [block?.startMs, block?.value.length, block?.value[2999]],
        [start, 3000, 2999 * 1000003],
      );
      assert.deepEqual([block?.quality[7], block?.quality[8]], [quality.estimated, quality.measured]);
    });
  }

  test('ClickHouse sums what we wrote to the same watt-hour and sees the instants in UTC', async () => {
    const value = Float64Array.from({ length: 5000 }, (_, i) => i * 7919);
    const blocks = [
      {
        channel: 'UP-1/delivered',
        startMs: start,
        intervalSeconds: 900,
        value,
        quality: new Uint16Array(5000).fill(quality.measured | quality.final),
      },
    ];
    const path = join(directory, 'ours.parquet');
    writeFileSync(
      path,
      parquet?.write([{ channel: 'UP-1/delivered', meter: 'M-1', blocks }], { createdMs: 0 }) ?? '',
    );
    const found = await query(
      `SELECT count(), sum(value), toUnixTimestamp64Milli(max(start)), any(quality), any(meter), any(unit), sum(intervalSeconds)
        FROM file('${path}', 'Parquet')`,
    );
    const sum = value.reduce((total, one) => total + one, 0);
    const last = start + 4999 * 900_000;
    assert.equal(found, [5000, sum, last, 'measured+final', 'M-1', 'Wh', 4_500_000].join('\t'));
  });
});
