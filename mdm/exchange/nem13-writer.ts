/** Writes NEM13: a 250 record for each two neighbouring readings of a register, the quantity between them stated. */
import { quality } from '@wattline/model';
import { kiloText } from './amount.ts';
import { channelParts } from './channel-assignment.ts';
import { plainField } from './csv-rows.ts';
import { cannotWrite, type WriteContext, type WrittenSeries } from './exchange-format.ts';
import { marketOffsetMinutes, nemMethod } from './nem-codes.ts';
import { compactText } from './time-label.ts';

/** Suffix and direction of the registers of active energy; E is energy taken from the grid, I energy sent to it. */
const registers: Readonly<Record<string, readonly [suffix: string, direction: string]>> = {
  'delivered-total': ['11', 'E'],
  'received-total': ['12', 'I'],
};
/** Method 62 of appendix C, as recalled: from an earlier reading. The format has no word for a doubted measurement. */
const substitution = '62';

/** The file; times are market time. */
export function writeNem13(series: readonly WrittenSeries[], context: WriteContext): string {
  const created = compactText(context.createdMs, marketOffsetMinutes, 12);
  const updated = compactText(context.createdMs, marketOffsetMinutes, 14);
  const sender = plainField(context.sender ?? 'WATTLINE');
  const lines = [`100,NEM13,${created},${sender},${plainField(context.receiver ?? '')}`];
  for (const one of series) lines.push(...seriesLines(one, updated));
  return `${[...lines, '900'].join('\r\n')}\r\n`;
}

interface Read {
  readonly atMs: number;
  readonly value: number;
  readonly flags: number;
}

function seriesLines(series: WrittenSeries, updated: string): string[] {
  const { channel, meter } = series;
  const parts = channelParts(channel);
  const [suffix, direction] = (parts && registers[parts.type.id]) ?? [];
  if (!parts || !suffix || !direction)
    throw cannotWrite('only registers of energy delivered and received', { channel });
  const reads = readsOf(series);
  if (reads.length < 2) throw cannotWrite(`a record takes two readings, found ${reads.length}`, { channel });
  const head = [
    '250',
    plainField(parts.point),
    suffix,
    suffix,
    suffix,
    '',
    plainField(meter ?? ''),
    direction,
  ];
  return reads.slice(1).map((current, index) => {
    const previous = reads[index] as Read;
    const used = current.value - previous.value;
    if (used < 0) {
      const at = compactText(current.atMs, marketOffsetMinutes, 14);
      throw cannotWrite(`a register that went back by ${kiloText(-used)} kWh by ${at}`, { channel });
    }
    return [
      ...head,
      ...readFields(previous),
      ...readFields(current),
      kiloText(used),
      'kWh',
      '',
      updated,
      '',
    ].join(',');
  });
}

function readsOf({ channel, blocks }: WrittenSeries): Read[] {
  const reads: Read[] = [];
  for (const { startMs, intervalSeconds, value, quality: flags } of blocks) {
    if (intervalSeconds !== 0)
      throw cannotWrite('only registers of energy delivered and received', { channel });
    if (startMs % 1000 !== 0) throw cannotWrite(`a reading at ${startMs} ms`, { channel });
    if (((flags[0] as number) & quality.missing) !== 0) continue;
    reads.push({ atMs: startMs, value: value[0] as number, flags: flags[0] as number });
  }
  return reads.sort((a, b) => a.atMs - b.atMs);
}

function readFields({ atMs, value, flags }: Read): string[] {
  return [
    kiloText(value),
    compactText(atMs, marketOffsetMinutes, 14),
    nemMethod(flags, substitution),
    '',
    '',
  ];
}
