/** What is set aside: series with their reasons, and word of what could not be read; and where either comes from. */
import type { ChannelId, ReadingBlock } from '@wattline/model';
import { channelParts } from '../exchange/channel-assignment.ts';
import type { ExchangeRead, HeldSeries, SeriesSource } from '../exchange/exchange-format.ts';
import { type ExchangeProblemCode, exchangeProblems } from '../exchange/exchange-problems.ts';

/** A series set aside with its reason. */
export type Aside = Pick<HeldSeries, 'source' | 'blocks' | 'message'> & { readonly code: string };

/** What a refused file, or a row that cannot be read, says of where it comes from. */
export const noSource: SeriesSource = {
  point: '',
  register: '',
  meter: null,
  quantity: { kind: 'interval', direction: 'none', unit: '', scale: 0, rate: 0 },
};

/** What of a file could not be read and is no series therefore: a line for each reason, with how often and where first. */
export function unreadable({ problems, problemCounts }: ExchangeRead): { code: string; message: string }[] {
  const first = new Map<ExchangeProblemCode, ExchangeRead['problems'][number]>();
  for (const problem of problems) if (!first.has(problem.code)) first.set(problem.code, problem);
  return [...first.values()]
    .filter(({ code }) => isLost(code))
    .map(({ code, message, where }) => {
      const times = problemCounts[code] ?? 1;
      const place = Object.entries(where).map(([name, value]) => `${name} ${value}`);
      const at = place.length === 0 ? '' : ` first at ${place.join(', ')}:`;
      return { code, message: `${times} times,${at} ${message}` };
    });
}

/** Whether values with this problem are neither stored nor held. */
function isLost(code: ExchangeProblemCode): boolean {
  return exchangeProblems[code].outcome === 'rejected' || code === 'mdm/exchange-half-written';
}

/** The series of the file that a refused block belongs to. */
export function sourceOfBlock(
  read: ExchangeRead,
  channel: ChannelId,
  { startMs }: ReadingBlock,
): SeriesSource {
  const own = read.series.filter((one) => one.channel === channel);
  const holds = (block: ReadingBlock) =>
    block.startMs <= startMs && startMs <= block.startMs + block.value.length * block.intervalSeconds * 1000;
  const found =
    own.find(({ blocks }) => blocks.some((block) => block.startMs === startMs)) ??
    own.find(({ blocks }) => blocks.some(holds)) ??
    own[0];
  return found?.source ?? noSource;
}

/** What a channel's name says of where its values come from; null when it is no channel's name. */
export function sourceOfChannel(channel: ChannelId): SeriesSource | null {
  const parts = channelParts(channel);
  if (!parts) return null;
  const { kind, direction, unit, scale, rate } = parts.type;
  const quantity = { kind, direction, unit, scale, rate };
  return { point: parts.point, register: parts.type.id, meter: null, quantity };
}
