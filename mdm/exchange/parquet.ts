/** Apache Parquet: one value a row under the names of the CSV; read with every codec of the format but LZO, written with Snappy. */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { formatInstant, messageOf } from '@wattline/base';
import { type Compressors, parquetMetadata, parquetReadObjects, parquetSchema } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { ExchangeContext, ExchangeRead, OctetFormat, WrittenSeries } from './exchange-format.ts';
import type { ExchangeProblemCode } from './exchange-problems.ts';
import { createIntake, longestText } from './intake.ts';
import { unpackLz4, unpackLz4Raw } from './lz4.ts';
import { isZone } from './time-label.ts';
import { rowReader, valueColumns, valueRows } from './value-rows.ts';

/** Rows of one delivery at most: a year of quarter-hours of 250 channels. */
const mostRows = 10_000_000;
const mark = [0x50, 0x41, 0x52, 0x31];

const inflate =
  (unpack: (octets: Uint8Array, options: { maxOutputLength: number }) => Uint8Array) =>
  (octets: Uint8Array, length: number) =>
    unpack(octets, { maxOutputLength: Math.max(1, length) });

/** Snappy is the reader's own. */
const compressors: Compressors = {
  LZ4: unpackLz4,
  LZ4_RAW: unpackLz4Raw,
  GZIP: inflate(gunzipSync),
  BROTLI: inflate(brotliDecompressSync),
  ZSTD: inflate(zstdDecompressSync),
};

/** The table of a file, or why there is none. */
type Table =
  | { readonly names: readonly string[]; readonly rows: readonly Record<string, unknown>[] }
  | { readonly code: ExchangeProblemCode; readonly particulars: string };

async function openParquet(octets: Uint8Array): Promise<(context: ExchangeContext) => ExchangeRead> {
  const table = await tableOf(octets);
  return (context) => {
    const intake = createIntake('parquet', octets, context);
    if ('code' in table) return intake.refuse(table.code, table.particulars);
    if (context.zone !== undefined && !isZone(context.zone)) {
      return intake.refuse('mdm/exchange-bad-time', `zone '${context.zone}'`);
    }
    const addRow = rowReader(intake, table.names);
    if (!addRow) {
      return intake.refuse('mdm/exchange-missing-header', `expected columns ${valueColumns.join(', ')}`);
    }
    table.rows.forEach((row, index) => {
      addRow(
        table.names.map((name) => cellText(row[name])),
        { row: index + 1 },
      );
    });
    return intake.finish();
  };
}

async function tableOf(octets: Uint8Array): Promise<Table> {
  if (octets.length > longestText) {
    return { code: 'mdm/exchange-too-large', particulars: `${octets.length} octets` };
  }
  // A file ends with the mark it begins with; the index of what it holds stands before it.
  if (octets.length < 12 || !hasMark(octets, octets.length - 4)) {
    return { code: 'mdm/exchange-half-written', particulars: 'no PAR1 at the end' };
  }
  const file = new Uint8Array(octets).buffer;
  try {
    const metadata = parquetMetadata(file, { parsers });
    if (metadata.num_rows > BigInt(mostRows)) {
      return { code: 'mdm/exchange-too-large', particulars: `${metadata.num_rows} rows` };
    }
    const known = new Set(valueColumns);
    const names = parquetSchema(metadata)
      .children.filter(
        ({ children, element }) => children.length === 0 && known.has(element.name.toLowerCase()),
      )
      .map(({ element }) => element.name);
    if (names.length === 0) return { names, rows: [] };
    return {
      names,
      rows: await parquetReadObjects({ file, metadata, columns: names, compressors, parsers }),
    };
  } catch (error) {
    return { code: 'mdm/exchange-bad-parquet', particulars: messageOf(error) };
  }
}

function hasMark(octets: Uint8Array, at: number): boolean {
  return mark.every((octet, i) => octets[at + i] === octet);
}

/** Instants stay exact and become text; finer ones than milliseconds that do not fall on one are no instants of ours. */
const parsers = {
  timestampFromMilliseconds: (millis: bigint) => instantText(millis),
  timestampFromMicroseconds: (micros: bigint) => (micros % 1000n === 0n ? instantText(micros / 1000n) : ''),
  timestampFromNanoseconds: (nanos: bigint) =>
    nanos % 1_000_000n === 0n ? instantText(nanos / 1_000_000n) : '',
};

/** Beyond what the calendar of the runtime reaches there is no instant. */
const latestMs = 8_640_000_000_000_000n;

function instantText(millis: bigint): string {
  return millis > latestMs || millis < -latestMs ? '' : formatInstant(Number(millis));
}

function cellText(cell: unknown): string {
  return typeof cell === 'string' || typeof cell === 'number' || typeof cell === 'bigint' ? String(cell) : '';
}

function writeParquet(series: readonly WrittenSeries[]): Uint8Array {
  const rows = [...valueRows(series)];
  const texts = (name: 'channel' | 'meter' | 'unit' | 'quality') => ({
    name,
    data: rows.map((row) => row[name]),
    type: 'STRING' as const,
    nullable: false,
  });
  return new Uint8Array(
    parquetWriteBuffer({
      createdBy: 'wattline',
      columnData: [
        texts('channel'),
        texts('meter'),
        { name: 'start', data: rows.map((row) => BigInt(row.startMs)), type: 'TIMESTAMP', nullable: false },
        {
          name: 'intervalSeconds',
          data: Int32Array.from(rows, (row) => row.intervalSeconds),
          type: 'INT32',
          nullable: false,
        },
        {
          name: 'value',
          data: BigInt64Array.from(rows, (row) => BigInt(row.value)),
          type: 'INT64',
          nullable: false,
        },
        texts('unit'),
        texts('quality'),
      ],
    }),
  );
}

/** Parquet. */
export const parquet: OctetFormat = {
  id: 'parquet',
  title: 'Apache Parquet, one value a row',
  recognises: (octets) => octets.length >= 4 && hasMark(octets, 0),
  open: openParquet,
  write: writeParquet,
};
