/** Writes CMEP: a MEPMD01 record per channel and day of a block, each value with the end of its interval in UTC. */
import { quality, type ReadingBlock, type ReadingType } from '@wattline/model';
import { kiloText } from './amount.ts';
import { channelParts } from './channel-assignment.ts';
import { plainField } from './csv-rows.ts';
import { cannotWrite, type WriteContext, type WrittenSeries } from './exchange-format.ts';
import { compactText } from './time-label.ts';

const recordVersion = '20080501';
const units: Readonly<Record<string, string>> = { Wh: 'KWH', varh: 'KVARH' };
const daySeconds = 86_400;

/** The file. The format has no direction: what is received cannot be said. */
export function writeCmep(series: readonly WrittenSeries[], context: WriteContext): string {
  return series.flatMap((one) => one.blocks.flatMap((block) => recordsOf(one, block, context))).join('');
}

function recordsOf(one: WrittenSeries, block: ReadingBlock, context: WriteContext): string[] {
  const { channel, startMs, intervalSeconds: seconds, value } = block;
  const parts = channelParts(one.channel);
  const unit = parts && unitsOf(parts.type);
  if (!parts || !unit) throw cannotWrite('only active and reactive energy delivered', { channel });
  if (startMs % 60_000 !== 0 || seconds % 60 !== 0 || seconds > daySeconds) {
    throw cannotWrite(`an interval of ${seconds} s from ${startMs} ms`, { channel });
  }
  const head = [
    'MEPMD01',
    recordVersion,
    plainField(context.sender ?? 'WATTLINE'),
    '',
    plainField(context.receiver ?? ''),
    plainField(parts.point),
    compactText(context.createdMs, 0, 12),
    plainField(one.meter ?? parts.point),
    'OK',
    'E',
    unit,
    '1.0',
    lengthText(seconds),
  ];
  const perRecord = seconds === 0 ? value.length : daySeconds / seconds;
  const records: string[] = [];
  for (let from = 0; from < value.length; from += perRecord) {
    const to = Math.min(value.length, from + perRecord);
    records.push(`${[...head, to - from, ...tripletsOf(block, from, to)].join(',')}\r\n`);
  }
  return records;
}

function unitsOf({ id, kind, direction, unit, rate }: ReadingType): string | undefined {
  const spelled = direction === 'delivered' && id !== 'check' && rate === 0 ? units[unit] : undefined;
  return spelled && (kind === 'register' ? `${spelled}REG` : spelled);
}

/** `MMDDhhmm`. */
function lengthText(seconds: number): string {
  const minutes = seconds / 60;
  const two = (part: number) => String(part).padStart(2, '0');
  return `00${two(Math.floor(minutes / 1440))}${two(Math.floor(minutes / 60) % 24)}${two(minutes % 60)}`;
}

function tripletsOf(
  { startMs, intervalSeconds, value, quality: flags }: ReadingBlock,
  from: number,
  to: number,
) {
  const triplets: string[] = [];
  for (let i = from; i < to; i++) {
    const bits = flags[i] as number;
    const isMissing = (bits & quality.missing) !== 0;
    const end = compactText(startMs + (i + 1) * intervalSeconds * 1000, 0, 12);
    triplets.push(end, codeOf(bits), isMissing ? '' : kiloText(value[i] as number));
  }
  return triplets;
}

/** The format has no letter for doubt: raw, which nobody has validated, is the nearest. */
function codeOf(bits: number): string {
  if ((bits & quality.missing) !== 0) return 'N0';
  if ((bits & quality.estimated) !== 0) return 'E0';
  if ((bits & (quality.edited | quality.manual)) !== 0) return 'A0';
  return (bits & quality.final) !== 0 ? 'V0' : 'R0';
}
