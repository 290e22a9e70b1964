/** Writes a Green Button feed: usage point, meter reading, reading type and interval blocks; times are UTC seconds. */
import { createHash } from 'node:crypto';
import { formatInstant } from '@wattline/base';
import { quality, type ReadingBlock, type ReadingType } from '@wattline/model';
import { channelParts } from './channel-assignment.ts';
import { cannotWrite, type WriteContext, type WrittenSeries } from './exchange-format.ts';
import { escapeXml } from './xml-reader.ts';

const root = '/espi/1_1/resource';

/** The feed. A slot that is missing has no reading; quality is 14 raw, 17 validated, 7 edited, 8 estimated, 10 questionable. */
export function writeEspi(series: readonly WrittenSeries[], context: WriteContext): string {
  const updated = formatInstant(context.createdMs);
  const entries = series.flatMap((one) => seriesEntries(one, updated));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom">',
    `  <id>${uuidOf(series.map(({ channel }) => channel).join(' '))}</id>`,
    '  <title>Green Button Usage Feed</title>',
    `  <updated>${updated}</updated>`,
    ...entries,
    '</feed>',
    '',
  ].join('\n');
}

/** A name-based UUID (RFC 9562, version 8): the same resource has the same id in every feed. */
function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  const version = `8${hex.slice(13, 16)}`;
  const variant = `${((Number.parseInt(hex[16] as string, 16) & 3) | 8).toString(16)}${hex.slice(17, 20)}`;
  return `urn:uuid:${[hex.slice(0, 8), hex.slice(8, 12), version, variant, hex.slice(20, 32)].join('-')}`;
}

function seriesEntries({ channel, blocks }: WrittenSeries, updated: string): string[] {
  const parts = channelParts(channel);
  if (!parts) throw cannotWrite('a channel of a known reading type', { channel });
  const { type } = parts;
  const point = `${root}/UsagePoint/${encodeURIComponent(parts.point)}`;
  const reading = `${point}/MeterReading/${type.id}`;
  const entry = (self: string, related: readonly string[], title: string, content: string) =>
    [
      '  <entry>',
      `    <id>${uuidOf(self)}</id>`,
      `    <link rel="self" href="${escapeXml(self)}"/>`,
      `    <link rel="up" href="${escapeXml(self.slice(0, self.lastIndexOf('/')))}"/>`,
      ...related.map((href) => `    <link rel="related" href="${escapeXml(href)}"/>`),
      `    <title>${escapeXml(title)}</title>`,
      `    <content>\n${content}\n    </content>`,
      `    <published>${updated}</published>`,
      `    <updated>${updated}</updated>`,
      '  </entry>',
    ].join('\n');
  const lengths = [...new Set(blocks.map((block) => block.intervalSeconds))];
  return [
    entry(
      point,
      [`${point}/MeterReading`],
      parts.point,
      '      <UsagePoint xmlns="http://naesb.org/espi"><ServiceCategory><kind>0</kind></ServiceCategory></UsagePoint>',
    ),
    ...lengths.flatMap((seconds) => {
      const own = `${reading}-${seconds}`;
      const typeHref = `${root}/ReadingType/${type.id}-${seconds}`;
      return [
        entry(
          own,
          [`${own}/IntervalBlock`, typeHref],
          type.title,
          '      <MeterReading xmlns="http://naesb.org/espi"/>',
        ),
        entry(typeHref, [], type.title, readingTypeText(type, seconds)),
        ...blocks
          .filter((block) => block.intervalSeconds === seconds)
          .map((block) => entry(`${own}/IntervalBlock/${block.startMs}`, [], '', blockText(block))),
      ];
    }),
  ];
}

function readingTypeText({ direction, kind, rate }: ReadingType, seconds: number): string {
  const tag = (name: string, value: number) => `        <${name}>${value}</${name}>`;
  return [
    '      <ReadingType xmlns="http://naesb.org/espi">',
    tag('accumulationBehaviour', kind === 'interval' ? 4 : 3),
    tag('commodity', 1),
    tag('dataQualifier', 12),
    tag('flowDirection', direction === 'delivered' ? 1 : 19),
    tag('intervalLength', seconds),
    tag('kind', 12),
    tag('powerOfTenMultiplier', 0),
    tag('timeAttribute', 0),
    ...(rate === 0 ? [] : [tag('tou', rate)]),
    tag('uom', 72),
    '      </ReadingType>',
  ].join('\n');
}

function blockText({ startMs, intervalSeconds, value, quality: flags, channel }: ReadingBlock): string {
  if (startMs % 1000 !== 0) throw cannotWrite(`a start of ${startMs} ms`, { channel });
  const start = startMs / 1000;
  const readings = Array.from(value, (number, i) => {
    if (((flags[i] as number) & quality.missing) !== 0) return '';
    const at = start + i * intervalSeconds;
    return [
      '        <IntervalReading>',
      `<ReadingQuality><quality>${codeOf(flags[i] as number)}</quality></ReadingQuality>`,
      `<timePeriod><duration>${intervalSeconds}</duration><start>${at}</start></timePeriod>`,
      `<value>${number}</value></IntervalReading>`,
    ].join('');
  });
  const duration = intervalSeconds * value.length;
  return [
    '      <IntervalBlock xmlns="http://naesb.org/espi">',
    `        <interval><duration>${duration}</duration><start>${start}</start></interval>`,
    ...readings.filter((text) => text !== ''),
    '      </IntervalBlock>',
  ].join('\n');
}

function codeOf(flags: number): number {
  if ((flags & quality.estimated) !== 0) return 8;
  if ((flags & (quality.edited | quality.manual)) !== 0) return 7;
  if ((flags & quality.suspect) !== 0) return 10;
  return (flags & quality.final) !== 0 ? 17 : 14;
}
