/** Interchange formats: one file each, declared in one table; to add one, write its file and add its row. */
import type { ReadingBatch } from '@wattline/model';
import { cimValidatedDataJson, cimValidatedDataXml } from './cim-validated-data.ts';
import { cmep } from './cmep.ts';
import { csv } from './csv.ts';
import { ebixRsm012 } from './ebix-rsm012.ts';
import { energinetCsv } from './energinet-csv.ts';
import { espi } from './espi.ts';
import type { ExchangeContext, ExchangeFormat, ExchangeRead, OctetFormat } from './exchange-format.ts';
import { iec6205621 } from './iec62056-21.ts';
import { createIntake } from './intake.ts';
import { meterReadings } from './meter-readings.ts';
import { mscons } from './mscons.ts';
import { nem12 } from './nem12.ts';
import { nem13 } from './nem13.ts';
import { parquet } from './parquet.ts';
import { wmbus } from './wmbus.ts';

export { releaseSeries } from './channel-assignment.ts';
export type * from './exchange-format.ts';
export { type ExchangeProblemCode, exchangeProblems } from './exchange-problems.ts';
export { batchIdOf } from './intake.ts';

/** All formats; the first that recognises a text reads it. */
export const exchangeFormats: readonly ExchangeFormat[] = [
  nem12,
  nem13,
  mscons,
  cmep,
  cimValidatedDataXml,
  cimValidatedDataJson,
  ebixRsm012,
  meterReadings,
  espi,
  energinetCsv,
  wmbus,
  iec6205621,
  csv,
];

/** Formats of octets. */
export const octetFormats: readonly OctetFormat[] = [parquet];

/** Ids of formats that are read, and of those that are written. */
export const readableFormats = [...exchangeFormats.filter(({ read }) => read), ...octetFormats].map(
  ({ id }) => id,
);
export const writableFormats = [...exchangeFormats.filter(({ write }) => write), ...octetFormats].map(
  ({ id }) => id,
);

/**
 * Opens a delivered file in the named format, or the one it looks like: what comes back reads it, as often as asked, and never
 * throws. Null when there is no such format.
 */
export async function openExchange(
  content: string | Uint8Array,
  format?: string,
): Promise<((context: ExchangeContext) => ExchangeRead) | null> {
  const octets = typeof content === 'string' ? null : content;
  const packed = octetFormats.find(({ id, recognises }) =>
    format === undefined ? octets !== null && recognises(octets) : id === format,
  );
  if (packed) return packed.open(octets ?? new TextEncoder().encode(content as string));
  const text = octets === null ? (content as string) : new TextDecoder().decode(octets);
  if (format === undefined) return (context) => readExchange(text, context);
  const read = exchangeFormatOf(format)?.read;
  return read ? (context) => read(text, context) : null;
}

/** The format of an id, or undefined. */
export function exchangeFormatOf(id: string): ExchangeFormat | undefined {
  return exchangeFormats.find((format) => format.id === id);
}

/** Reads a delivered text in the format it looks like. Never throws: an unknown text is refused with its code. */
export function readExchange(text: string, context: ExchangeContext): ExchangeRead {
  const format = exchangeFormats.find((one) => one.read && one.recognises(text));
  if (format?.read) return format.read(text, context);
  const start = JSON.stringify(text.slice(0, 40));
  return createIntake('unknown', text, context).refuse('mdm/exchange-unknown-format', `begins with ${start}`);
}

/** The delivery of what was read, ready to ingest; the same readings make the same id, so that a repeat is a duplicate. */
export function batchOf(
  read: Pick<ExchangeRead, 'batchId' | 'series'>,
  { name, receivedMs }: { readonly name: string; readonly receivedMs: number },
): ReadingBatch {
  return {
    id: read.batchId,
    origin: { source: 'import', reference: name },
    receivedMs,
    blocks: read.series.flatMap((entry) => entry.blocks),
  };
}
