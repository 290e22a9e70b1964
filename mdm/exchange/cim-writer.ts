/** Writes CIM NotifyValidatedMeasureData 0:1 as XML: one series per block, positions from 1, A02 for what is missing. */
import { formatInstant } from '@wattline/base';
import { quality, type ReadingBlock } from '@wattline/model';
import { kiloText } from './amount.ts';
import { channelParts } from './channel-assignment.ts';
import { cannotWrite, type WriteContext, type WrittenSeries } from './exchange-format.ts';
import { escapeXml } from './xml-reader.ts';

const namespace = 'urn:ediel.org:measure:notifyvalidatedmeasuredata:0:1';
const typeOfPoint: Readonly<Record<string, string>> = { delivered: 'E17', received: 'E18' };
const activeEnergy = '8716867000030';

/** The document. Quality flags become A01 edited, A02 missing, A03 estimated, A04 measured, A05 measured and doubted. */
export function writeCimDocument(series: readonly WrittenSeries[], context: WriteContext): string {
  const created = formatInstant(context.createdMs);
  const blocks = series.flatMap((one) =>
    one.blocks.map((block, i) => seriesText(one, block, `${one.channel}-${i + 1}`, created)),
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<cim:NotifyValidatedMeasureData_MarketDocument xmlns:cim="${namespace}">`,
    `  <cim:mRID>${escapeXml(`${context.sender ?? 'wattline'}-${context.createdMs}`)}</cim:mRID>`,
    '  <cim:type>E66</cim:type>',
    '  <cim:process.processType>E23</cim:process.processType>',
    '  <cim:businessSector.type>23</cim:businessSector.type>',
    `  <cim:sender_MarketParticipant.mRID codingScheme="A10">${escapeXml(context.sender ?? '')}</cim:sender_MarketParticipant.mRID>`,
    '  <cim:sender_MarketParticipant.marketRole.type>MDR</cim:sender_MarketParticipant.marketRole.type>',
    `  <cim:receiver_MarketParticipant.mRID codingScheme="A10">${escapeXml(context.receiver ?? '')}</cim:receiver_MarketParticipant.mRID>`,
    '  <cim:receiver_MarketParticipant.marketRole.type>DGL</cim:receiver_MarketParticipant.marketRole.type>',
    `  <cim:createdDateTime>${created}</cim:createdDateTime>`,
    ...blocks,
    '</cim:NotifyValidatedMeasureData_MarketDocument>',
    '',
  ].join('\n');
}

function seriesText(
  { channel, meter }: WrittenSeries,
  block: ReadingBlock,
  id: string,
  created: string,
): string {
  const parts = channelParts(channel);
  const type = parts ? typeOfPoint[parts.type.id] : undefined;
  if (!parts || !type) throw cannotWrite('only energy delivered and received by interval', { channel });
  const { startMs, intervalSeconds: seconds } = block;
  if (seconds === 0 || seconds % 60 !== 0 || startMs % 60_000 !== 0) {
    throw cannotWrite(`an interval of ${seconds} s from ${startMs} ms`, { channel });
  }
  const tag = (name: string, text: string) => `      <cim:${name}>${escapeXml(text)}</cim:${name}>`;
  return [
    '    <cim:Series>',
    tag('mRID', id),
    tag('marketEvaluationPoint.mRID', parts.point),
    tag('marketEvaluationPoint.type', type),
    ...(meter === undefined ? [] : [tag('marketEvaluationPoint.meter.mRID', meter)]),
    tag('registration_DateAndOrTime.dateTime', created),
    tag('product', activeEnergy),
    tag('quantity_Measure_Unit.name', 'KWH'),
    '      <cim:Period>',
    `        <cim:resolution>${seconds === 3600 ? 'PT1H' : `PT${seconds / 60}M`}</cim:resolution>`,
    '        <cim:timeInterval>',
    `          <cim:start>${minuteText(startMs)}</cim:start>`,
    `          <cim:end>${minuteText(startMs + block.value.length * seconds * 1000)}</cim:end>`,
    '        </cim:timeInterval>',
    ...Array.from(block.value, (value, i) => pointText(i + 1, value, block.quality[i] as number)),
    '      </cim:Period>',
    '    </cim:Series>',
  ].join('\n');
}

/** The schema has no seconds here: `2024-06-28T22:00Z`. */
function minuteText(instantMs: number): string {
  return `${formatInstant(instantMs).slice(0, 16)}Z`;
}

function pointText(position: number, value: number, flags: number): string {
  const code = codeOf(flags);
  const quantity = code === 'A02' ? '' : `<cim:quantity>${kiloText(value)}</cim:quantity>`;
  return `        <cim:Point><cim:position>${position}</cim:position>${quantity}<cim:quality>${code}</cim:quality></cim:Point>`;
}

function codeOf(flags: number): string {
  if ((flags & quality.missing) !== 0) return 'A02';
  if ((flags & quality.estimated) !== 0) return 'A03';
  if ((flags & (quality.edited | quality.manual)) !== 0) return 'A01';
  return (flags & quality.suspect) !== 0 ? 'A05' : 'A04';
}
