/** Which channel each series of a file belongs to, and which series must wait because that cannot be told. */
import type { Where } from '@wattline/base';
import {
  type ChannelId,
  channelIdOf,
  type ReadingBlock,
  type ReadingType,
  readingTypes,
} from '@wattline/model';
import type {
  ExchangeContext,
  ExchangeProblem,
  ExchangeSeries,
  HeldSeries,
  Quantity,
  SeriesSource,
} from './exchange-format.ts';
import type { ExchangeProblemCode } from './exchange-problems.ts';
import type { Gathered } from './slot-columns.ts';

/** A series read, before it has a channel. */
export interface Candidate {
  readonly source: SeriesSource;
  readonly held: ExchangeProblem | null;
  readonly gathered: Gathered;
}

type Tell = (code: ExchangeProblemCode, particulars: string, where: Where) => ExchangeProblem;

const daySeconds = 86_400;

/** Gives each series its channel or its reason to be held. */
export function assignChannels(
  candidates: readonly Candidate[],
  context: ExchangeContext,
  tell: Tell,
): { series: ExchangeSeries[]; held: HeldSeries[]; heldValues: number } {
  const held: HeldSeries[] = [];
  let heldValues = 0;
  const hold = ({ source, gathered }: Candidate, { code, message }: ExchangeProblem) => {
    held.push({ source, code, message, blocks: gathered.blocks, notes: gathered.notes });
    heldValues += gathered.values;
  };
  const byChannel = new Map<ChannelId, Candidate[]>();
  for (const candidate of candidates) {
    const place = placeOf(candidate, context);
    if (typeof place === 'string') {
      const group = byChannel.get(place);
      if (group) group.push(candidate);
      else byChannel.set(place, [candidate]);
    } else {
      hold(
        candidate,
        candidate.held ?? tell(place.code, place.particulars, { point: candidate.source.point }),
      );
    }
  }
  const series: ExchangeSeries[] = [];
  for (const [channel, group] of byChannel) {
    const doubted = overlaps(group) ? group : strangers(group, context);
    const names = group.map(({ source }) => `${source.register || '-'} of meter ${source.meter ?? '-'}`);
    for (const candidate of doubted) {
      hold(candidate, tell('mdm/exchange-ambiguous-channel', `${channel}: ${names.join(', ')}`, { channel }));
    }
    for (const { source, gathered } of group.filter((candidate) => !doubted.includes(candidate))) {
      series.push({ source, channel, blocks: named(gathered.blocks, channel), notes: gathered.notes });
    }
  }
  return { series, held, heldValues };
}

function placeOf(
  { source, held, gathered }: Candidate,
  context: ExchangeContext,
): ChannelId | { readonly code: ExchangeProblemCode; readonly particulars: string } {
  if (held) return { code: held.code, particulars: '' };
  const odd = gathered.blocks.find(({ intervalSeconds: s }) => s > 0 && daySeconds % s !== 0);
  if (odd) {
    return { code: 'mdm/exchange-unsupported-interval', particulars: `${odd.intervalSeconds} s` };
  }
  const { quantity, point, register } = source;
  const spelled = `${quantity.kind} ${quantity.direction} ${quantity.unit}, rate ${quantity.rate}`;
  if (context.channelOf) {
    const channel = context.channelOf(source);
    if (channel === null || channel === '') {
      return {
        code: 'mdm/exchange-unknown-channel',
        particulars: `point '${point}', register '${register}'`,
      };
    }
    const type = readingTypes.find(({ id }) => channel.endsWith(`/${id}`));
    if (type && (type.unit !== quantity.unit || type.kind !== quantity.kind)) {
      return { code: 'mdm/exchange-unit-mismatch', particulars: `${channel} is not of ${spelled}` };
    }
    return channel;
  }
  const type = readingTypeFor(quantity);
  if (!type) return { code: 'mdm/exchange-no-reading-type', particulars: spelled };
  if (point === '') return { code: 'mdm/exchange-unknown-channel', particulars: 'the file names no point' };
  return channelIdOf(point, type.id);
}

/** The reading type of the model that says the same, if there is one. */
function readingTypeFor(quantity: Quantity): ReadingType | undefined {
  return readingTypes.find(
    (type) =>
      type.kind === quantity.kind &&
      type.direction === quantity.direction &&
      type.unit === quantity.unit &&
      type.scale === quantity.scale &&
      type.rate === quantity.rate,
  );
}

/** Series of meters that stand elsewhere, and of several meters for one channel those that nobody knows to have stood there. */
function strangers(group: readonly Candidate[], { standsThere }: ExchangeContext): readonly Candidate[] {
  if (!standsThere) return [];
  const meters = new Set(group.map(({ source }) => source.meter).filter((meter) => meter !== null));
  return group.filter(({ source }) => {
    if (source.meter === null) return false;
    const answer = standsThere(source);
    return answer === false || (answer === null && meters.size > 1);
  });
}

function overlaps(group: readonly Candidate[]): boolean {
  if (group.length < 2) return false;
  const spans = group
    .flatMap(({ gathered }, owner) =>
      gathered.blocks.map((block) => ({ owner, start: block.startMs, end: endOf(block) })),
    )
    .sort((a, b) => a.start - b.start);
  return spans.some((span, i) => {
    const before = spans[i - 1];
    return before !== undefined && before.owner !== span.owner && span.start < before.end;
  });
}

function endOf(block: ReadingBlock): number {
  return block.startMs + Math.max(1, block.intervalSeconds * 1000 * block.value.length);
}

function named(blocks: readonly ReadingBlock[], channel: ChannelId): ReadingBlock[] {
  return blocks.map((block) => ({ ...block, channel }));
}

/** The blocks of a held series under the channel a person or the registry has found for it since. */
export function releaseSeries(held: HeldSeries, channel: ChannelId): ExchangeSeries {
  const { source, blocks, notes } = held;
  return { source, channel, blocks: named(blocks, channel), notes };
}

/** What a channel id says: its usage point and its reading type, or null when it is none. */
export function channelParts(
  channel: ChannelId,
): { readonly point: string; readonly type: ReadingType } | null {
  const slash = channel.lastIndexOf('/');
  const type = readingTypes.find(({ id }) => id === channel.slice(slash + 1));
  return slash > 0 && type ? { point: channel.slice(0, slash), type } : null;
}
