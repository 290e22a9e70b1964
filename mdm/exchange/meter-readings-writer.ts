/** Writes IEC 61968-9 MeterReadings: registers as readings, energy by interval in interval blocks, reading types by their 18 numbers. */
import { formatInstant } from '@wattline/base';
import { quality, type ReadingBlock, type ReadingType } from '@wattline/model';
import { channelParts } from './channel-assignment.ts';
import { cannotWrite, type WriteContext, type WrittenSeries } from './exchange-format.ts';
import { directionOfFlow, numberOf, secondsOfPeriod, unitOfNumber } from './meter-reading-codes.ts';
import { escapeXml } from './xml-reader.ts';

const namespace = 'http://iec.ch/TC57/2011/MeterReadings#';
/** First number of a reading quality: 3 says that meter data management gives it. */
const system = 3;

/** The document. A slot that is missing has no reading. */
export function writeMeterReadings(series: readonly WrittenSeries[], _context: WriteContext): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<MeterReadings xmlns="${namespace}">`,
    ...series.map(meterReadingText),
    '</MeterReadings>',
    '',
  ].join('\n');
}

function meterReadingText({ channel, meter, blocks }: WrittenSeries): string {
  const parts = channelParts(channel);
  if (!parts) throw cannotWrite('a channel of a known reading type', { channel });
  return [
    '  <MeterReading>',
    ...(meter === undefined ? [] : [`    <Meter><mRID>${escapeXml(meter)}</mRID></Meter>`]),
    ...blocks.map((block) => blockText(block, parts.type)),
    `    <UsagePoint><mRID>${escapeXml(parts.point)}</mRID></UsagePoint>`,
    '  </MeterReading>',
  ].join('\n');
}

function blockText(block: ReadingBlock, type: ReadingType): string {
  const { channel, startMs, intervalSeconds, value, quality: flags } = block;
  const reference = `<ReadingType ref="${referenceOf(type, block)}"/>`;
  if (!Number.isInteger(startMs)) throw cannotWrite(`a start of ${startMs} ms`, { channel });
  const texts = Array.from(value, (number, i) => {
    const bits = flags[i] as number;
    if ((bits & quality.missing) !== 0) return '';
    const at = formatInstant(startMs + (i + (intervalSeconds === 0 ? 0 : 1)) * intervalSeconds * 1000);
    const inner = `${qualityText(bits)}<timeStamp>${at}</timeStamp><value>${number}</value>`;
    return intervalSeconds === 0
      ? `    <Readings>${inner}${reference}</Readings>`
      : `      <IntervalReadings>${inner}</IntervalReadings>`;
  }).filter((text) => text !== '');
  if (intervalSeconds === 0) return texts.join('\n');
  return ['    <IntervalBlocks>', ...texts, `      ${reference}`, '    </IntervalBlocks>'].join('\n');
}

/** The 18 numbers of Annex C: measuring period, accumulation, flow, electricity, energy, rate and unit; the others are 0. */
function referenceOf(
  { id, kind, direction, rate, unit }: ReadingType,
  { channel, intervalSeconds }: ReadingBlock,
) {
  const period = kind === 'register' ? '0' : numberOf(secondsOfPeriod, intervalSeconds);
  const flow = direction === 'none' ? undefined : numberOf(directionOfFlow, direction);
  const symbol = numberOf(unitOfNumber, unit);
  if (period === undefined) throw cannotWrite(`an interval of ${intervalSeconds} s`, { channel });
  if (flow === undefined || symbol === undefined || id === 'check')
    throw cannotWrite('only energy by direction', { channel });
  const accumulation = kind === 'register' ? 1 : 4;
  return `0.0.${period}.${accumulation}.${flow}.1.12.0.0.0.0.${rate}.0.0.0.0.${symbol}.0`;
}

function qualityText(bits: number): string {
  const category = categoryOf(bits);
  if (category === null) return '';
  return `<ReadingQualities><ReadingQualityType ref="${system}.${category}.0"/></ReadingQualities>`;
}

/** 0 valid, 5 questionable, 7 edited, 8 estimated; what was just measured has none. */
function categoryOf(bits: number): number | null {
  if ((bits & quality.estimated) !== 0) return 8;
  if ((bits & (quality.edited | quality.manual)) !== 0) return 7;
  if ((bits & quality.suspect) !== 0) return 5;
  return (bits & quality.final) !== 0 ? 0 : null;
}
