/** Writes NEM12: a 200 record per channel and interval length, a 300 record per market day, 400 records where quality varies. */
import type { ReadingBlock } from '@wattline/model';
import { kiloText } from './amount.ts';
import { channelParts } from './channel-assignment.ts';
import { plainField } from './csv-rows.ts';
import { cannotWrite, type WriteContext, type WrittenSeries } from './exchange-format.ts';
import { marketOffsetMinutes, nemMethod } from './nem-codes.ts';
import { compactText } from './time-label.ts';

const dayMs = 86_400_000;
const suffixes: Readonly<Record<string, string>> = { delivered: 'E1', received: 'B1' };
/** Method 14 is the like day (appendix C), the usual one here; the format has no word for a doubted measurement. */
const substitution = '14';

/** The file; times are market time. Slots of a day that no block speaks of are said to be missing. */
export function writeNem12(series: readonly WrittenSeries[], context: WriteContext): string {
  const created = compactText(context.createdMs, marketOffsetMinutes, 12);
  const lines = [
    `100,NEM12,${created},${plainField(context.sender ?? 'WATTLINE')},${plainField(context.receiver ?? '')}`,
  ];
  for (const one of series) lines.push(...seriesLines(one));
  return `${[...lines, '900'].join('\r\n')}\r\n`;
}

function seriesLines({ channel, meter, blocks }: WrittenSeries): string[] {
  const parts = channelParts(channel);
  const suffix = parts ? suffixes[parts.type.id] : undefined;
  if (!parts || !suffix) throw cannotWrite('only energy delivered and received by interval', { channel });
  const lines: string[] = [];
  for (const seconds of new Set(blocks.map((block) => block.intervalSeconds))) {
    if (seconds === 0 || seconds % 60 !== 0 || dayMs % (seconds * 1000) !== 0) {
      throw cannotWrite(`an interval of ${seconds} s`, { channel });
    }
    const point = plainField(parts.point);
    lines.push(`200,${point},${suffix},${suffix},${suffix},,${plainField(meter ?? '')},kWh,${seconds / 60},`);
    const days = daysOf(
      blocks.filter((block) => block.intervalSeconds === seconds),
      seconds,
    );
    for (const [day, texts] of [...days].sort(([a], [b]) => a - b)) lines.push(...dayLines(day, texts));
  }
  return lines;
}

interface DaySlots {
  readonly value: Float64Array;
  readonly method: string[];
}

function daysOf(blocks: readonly ReadingBlock[], seconds: number): Map<number, DaySlots> {
  const days = new Map<number, DaySlots>();
  const count = dayMs / 1000 / seconds;
  for (const block of blocks) {
    for (let i = 0; i < block.value.length; i++) {
      const local = block.startMs + i * seconds * 1000 + marketOffsetMinutes * 60_000;
      const day = Math.floor(local / dayMs);
      const slot = (local - day * dayMs) / (seconds * 1000);
      if (!Number.isInteger(slot))
        throw cannotWrite('a start off the grid of the day', { channel: block.channel });
      const slots = days.get(day) ?? {
        value: new Float64Array(count),
        method: new Array<string>(count).fill('N'),
      };
      days.set(day, slots);
      slots.value[slot] = block.value[i] as number;
      slots.method[slot] = nemMethod(block.quality[i] as number, substitution);
    }
  }
  return days;
}

function dayLines(day: number, { value, method }: DaySlots): string[] {
  const date = compactText(day * dayMs, 0, 8);
  const texts = [...value].map(kiloText).join(',');
  const isOne = method.every((entry) => entry === method[0]);
  const lines = [`300,${date},${texts},${isOne ? method[0] : 'V'},,,,`];
  if (isOne) return lines;
  for (let from = 0; from < method.length; ) {
    let to = from + 1;
    while (to < method.length && method[to] === method[from]) to++;
    lines.push(`400,${from + 1},${to},${method[from]},,`);
    from = to;
  }
  return lines;
}
