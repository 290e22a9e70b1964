/** Peers that take the same rows without any rule: a plain table of ClickHouse, and PostgreSQL by COPY. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session } from 'chdb';
import { Client } from 'pg';
import { startTrialPostgres } from '../../store/registry/fixture/trial-postgres.ts';
import { clock, dayStartMs, homeDays, slots } from './fleet.ts';

/** Rows a second of a plain MergeTree table: one row a reading, from a RowBinary file. */
export async function plainChdb(rows: number): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'wattline-plain-'));
  const path = join(directory, 'rows.bin');
  const days = homeDays();
  const octets = new DataView(new ArrayBuffer(rows * 18));
  for (let row = 0; row < rows; row++) {
    const meter = Math.floor(row / slots);
    octets.setUint32(row * 18, meter, true);
    octets.setUint32(row * 18 + 4, dayStartMs / 1000 + (row % slots) * 900, true);
    octets.setInt32(row * 18 + 8, (days[meter % days.length] as Float64Array)[row % slots] as number, true);
    octets.setUint16(row * 18 + 16, 1, true);
  }
  writeFileSync(path, new Uint8Array(octets.buffer));
  const session = new Session(join(directory, 'store'));
  try {
    const columns = 'channel UInt32, start UInt32, value Int64, quality UInt16';
    session.query(`CREATE TABLE plain (${columns}) ENGINE = MergeTree ORDER BY (channel, start)`, 'TSV');
    const from = clock.monotonic();
    session.query(`INSERT INTO plain SELECT * FROM file('${path}', 'RowBinary', '${columns}')`, 'TSV');
    return rows / ((clock.monotonic() - from) / 1000);
  } finally {
    session.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Rows a second of PostgreSQL taking the same rows by COPY from a file into a table with a unique key. */
export async function postgresCopy(rows: number): Promise<number> {
  const server = await startTrialPostgres();
  const directory = mkdtempSync(join(tmpdir(), 'wattline-copy-'));
  chmodSync(directory, 0o755);
  const path = join(directory, 'rows.tsv');
  const days = homeDays();
  const lines: string[] = [];
  for (let row = 0; row < rows; row++) {
    const meter = Math.floor(row / slots);
    const value = (days[meter % days.length] as Float64Array)[row % slots];
    lines.push(`${meter}\t${dayStartMs / 1000 + (row % slots) * 900}\t${value}\t1`);
  }
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o644 });
  const client = new Client({ connectionString: server.url });
  try {
    await client.connect();
    await client.query(
      'CREATE TABLE reading (channel integer, start bigint, value bigint, quality smallint, PRIMARY KEY (channel, start))',
    );
    const from = clock.monotonic();
    await client.query(`COPY reading FROM '${path}'`);
    return rows / ((clock.monotonic() - from) / 1000);
  } finally {
    await client.end();
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}
