import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { quality } from '@wattline/model';
import { context, glanceOf } from './exchange-fixture.ts';
import { readExchange } from './index.ts';

const { measured, missing, suspect, estimated, edited, final } = quality;
const hour = 3_600_000;

function flagsOf(text: string): number[] {
  const read = readExchange(text, context);
  return [...read.series, ...read.held].flatMap(({ blocks }) =>
    blocks.flatMap((block) => [...block.quality]),
  );
}

describe('CMEP', () => {
  const record = (units: string, interval: string, triplets: readonly string[], constant = '1') =>
    `MEPMD01,19970819,S,C,R,P1,202401010000,M1,OK,E,${units},${constant},${interval},${triplets.length},${triplets.join(',')}\n`;
  test('a calculation constant multiplies, an empty label follows the one before, letters are qualities', () => {
    const text = record(
      'KWH',
      '00000030',
      ['202401010030,R0,1.5', ',E12,2', ',A,0.5', ',V0,1', ',N,', ',Q,4'],
      '80',
    );
    const read = readExchange(text, context);
    assert.deepEqual(glanceOf(read), ['P1/delivered 720000']);
    const block = read.series[0]?.blocks[0];
    assert.deepEqual([block?.startMs, block?.intervalSeconds], [Date.UTC(2024, 0, 1), 1800]);
    assert.deepEqual(flagsOf(text), [
      measured,
      estimated,
      edited,
      measured | final,
      missing,
      measured | suspect,
    ]);
    assert.equal(read.problemCounts['mdm/exchange-unknown-quality'], 1);
    assert.equal(read.series[0]?.notes[1]?.code, 'E12');
  });
  test('registers stand at their instants', () => {
    const read = readExchange(
      record('KWHREG', '00000000', ['202401010000,R,100', '202401020000,R,124']),
      context,
    );
    assert.deepEqual(
      read.series[0]?.blocks.map((block) => [block.startMs, block.value[0]]),
      [
        [Date.UTC(2024, 0, 1), 100_000],
        [Date.UTC(2024, 0, 2), 124_000],
      ],
    );
  });
  test('a count that is not that of the triplets rejects the record', () => {
    const text = record('KWH', '00000100', ['202401010100,R,1', ',R,2']).replace(',2,2024', ',3,2024');
    const { refused, counts } = readExchange(text, context);
    assert.deepEqual([refused?.code, counts.rejected], ['mdm/exchange-interval-count', 2]);
  });
});

describe('IEC 61968-9 MeterReadings', () => {
  const document = (body: string) =>
    `<m:MeterReadings xmlns:m="http://iec.ch/TC57/2011/MeterReadings#"><m:MeterReading><m:Meter><m:Names><m:name>M1</m:name></m:Names></m:Meter><m:UsagePoint><m:mRID>UP-1</m:mRID></m:UsagePoint>${body}</m:MeterReading></m:MeterReadings>`;
  const interval = (at: string, value: string, category: string) =>
    `<m:IntervalReadings><m:timeStamp>${at}</m:timeStamp><m:value>${value}</m:value><m:ReadingQualities><m:ReadingQualityType ref="2.${category}.0"/></m:ReadingQualities></m:IntervalReadings>`;
  test('interval readings are labelled with their end and carry the quality of their category', () => {
    const text = document(
      `<m:IntervalBlocks>${interval('2024-01-01T01:15:00+01:00', '0.25', '0')}${interval('2024-01-01T00:30:00Z', '0.5', '8')}${interval('2024-01-01T00:45:00Z', '0.5', '7')}<m:ReadingType ref="0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0"/></m:IntervalBlocks>`,
    );
    const read = readExchange(text, context);
    assert.deepEqual(glanceOf(read), ['UP-1/delivered 1250']);
    assert.equal(read.series[0]?.blocks[0]?.startMs, Date.UTC(2024, 0, 1));
    assert.deepEqual(flagsOf(text), [measured | final, estimated, edited]);
    assert.equal(read.series[0]?.source.meter, 'M1');
  });
  test('bulk quantities are registers, by rate and direction', () => {
    const reading = (ref: string, value: string) =>
      `<m:Readings><m:timeStamp>2024-01-01T00:00:00Z</m:timeStamp><m:value>${value}</m:value><m:ReadingType ref="${ref}"/></m:Readings>`;
    const text = document(
      reading('0.0.0.1.1.1.12.0.0.0.0.2.0.0.0.3.72.0', '12.5') +
        reading('0.0.0.1.19.1.12.0.0.0.0.0.0.0.0.0.72.0', '7'),
    );
    assert.deepEqual(glanceOf(readExchange(text, context)), [
      'UP-1/delivered-rate-2 12500',
      'UP-1/received-total 7',
    ]);
  });
});

describe('CIM and ebIX', () => {
  const cim = (points: string, change: (text: string) => string = (text) => text) =>
    change(
      `<c:NotifyValidatedMeasureData_MarketDocument xmlns:c="urn:ediel.org:measure:notifyvalidatedmeasuredata:0:1"><c:type>E66</c:type><c:process.processType>E23</c:process.processType><c:Series><c:mRID>1</c:mRID><c:marketEvaluationPoint.mRID>P</c:marketEvaluationPoint.mRID><c:marketEvaluationPoint.type>E17</c:marketEvaluationPoint.type><c:registration_DateAndOrTime.dateTime>2024-01-01T00:00:00Z</c:registration_DateAndOrTime.dateTime><c:product>8716867000030</c:product><c:quantity_Measure_Unit.name>KWH</c:quantity_Measure_Unit.name><c:Period><c:resolution>PT15M</c:resolution><c:timeInterval><c:start>2024-01-01T00:00Z</c:start><c:end>2024-01-01T01:00Z</c:end></c:timeInterval>${points}</c:Period></c:Series></c:NotifyValidatedMeasureData_MarketDocument>`,
    );
  const point = (position: number, code: string) =>
    `<c:Point><c:position>${position}</c:position>${code === 'A02' ? '' : '<c:quantity>1.5</c:quantity>'}<c:quality>${code}</c:quality></c:Point>`;
  test('each quality has its flags; a point beyond the period is rejected', () => {
    const text = cim(['A04', 'A05', 'A02', 'A01', 'A03'].map((code, i) => point(i + 1, code)).join(''));
    assert.deepEqual(flagsOf(text), [measured, measured | suspect, missing, edited]);
    const read = readExchange(text, context);
    assert.deepEqual(glanceOf(read), ['P/delivered 4500']);
    assert.equal(read.problems[0]?.code, 'mdm/exchange-outside-period');
    assert.deepEqual([read.counts.missing, read.counts.rejected], [1, 1]);
  });
  test('positions may leave slots out: the values stay at their times', () => {
    const read = readExchange(cim(point(1, 'A04') + point(4, 'A04')), context);
    assert.deepEqual(
      read.series[0]?.blocks.map(({ startMs }) => startMs - Date.UTC(2024, 0, 1)),
      [0, 0.75 * hour],
    );
    assert.equal(read.problemCounts['mdm/exchange-short-period'], 1);
  });
  test('a product of reactive energy in KWH is held', () => {
    const read = readExchange(
      cim(point(1, 'A04'), (text) => text.replace('000030<', '000047<')),
      context,
    );
    assert.equal(read.held[0]?.code, 'mdm/exchange-unit-mismatch');
  });
  test('a resolution of a day has no length in seconds and is rejected', () => {
    const read = readExchange(
      cim(point(1, 'A04'), (text) => text.replace('PT15M', 'P1D')),
      context,
    );
    assert.equal(read.refused?.code, 'mdm/exchange-unsupported-interval');
  });
  test('ebIX says missing with an element of its own', () => {
    const observation = (position: number, rest: string) =>
      `<IntervalEnergyObservation><Position>${position}</Position>${rest}</IntervalEnergyObservation>`;
    const text = `<DK_MeteredDataTimeSeries xmlns="un:unece:260:data:EEM-DK_MeteredDataTimeSeries:v3"><PayloadEnergyTimeSeries><ObservationTimeSeriesPeriod><ResolutionDuration>PT1H</ResolutionDuration><Start>2024-01-01T00:00:00Z</Start><End>2024-01-01T03:00:00Z</End></ObservationTimeSeriesPeriod><IncludedProductCharacteristic><UnitType>KWH</UnitType></IncludedProductCharacteristic><DetailMeasurementMeteringPointCharacteristic><TypeOfMeteringPoint>E17</TypeOfMeteringPoint></DetailMeasurementMeteringPointCharacteristic><MeteringPointDomainLocation><Identification>P</Identification></MeteringPointDomainLocation>${observation(1, '<EnergyQuantity>2</EnergyQuantity><QuantityQuality>E01</QuantityQuality>')}${observation(2, '<QuantityMissing>true</QuantityMissing>')}${observation(3, '<EnergyQuantity>3</EnergyQuantity><QuantityQuality>36</QuantityQuality>')}</PayloadEnergyTimeSeries></DK_MeteredDataTimeSeries>`;
    assert.deepEqual(flagsOf(text), [measured, missing, edited]);
    assert.deepEqual(glanceOf(readExchange(text, context)), ['P/delivered 5000']);
  });
});

describe('Green Button', () => {
  test('blocks find their reading type and point by links; cumulative values are registers', () => {
    const entry = (self: string, related: string, content: string) =>
      `<entry><link rel="self" href="${self}"/>${related === '' ? '' : `<link rel="related" href="${related}"/>`}<content>${content}</content></entry>`;
    const type = (flow: number, accumulation: number) =>
      `<ReadingType xmlns="http://naesb.org/espi"><accumulationBehaviour>${accumulation}</accumulationBehaviour><flowDirection>${flow}</flowDirection><powerOfTenMultiplier>3</powerOfTenMultiplier><uom>72</uom></ReadingType>`;
    const block = (value: number) =>
      `<IntervalBlock xmlns="http://naesb.org/espi"><IntervalReading><timePeriod><duration>900</duration><start>1704067200</start></timePeriod><value>${value}</value></IntervalReading></IntervalBlock>`;
    const text = `<feed xmlns="http://www.w3.org/2005/Atom">${[
      entry('/UsagePoint/A', '/UsagePoint/A/MeterReading', '<UsagePoint xmlns="http://naesb.org/espi"/>'),
      entry('/UsagePoint/B', '/UsagePoint/B/MeterReading', '<UsagePoint xmlns="http://naesb.org/espi"/>'),
      entry(
        '/UsagePoint/A/MeterReading/1',
        '/ReadingType/in',
        '<MeterReading xmlns="http://naesb.org/espi"/>',
      ),
      entry(
        '/UsagePoint/B/MeterReading/1',
        '/ReadingType/out',
        '<MeterReading xmlns="http://naesb.org/espi"/>',
      ),
      entry('/ReadingType/in', '', type(1, 4)),
      entry('/ReadingType/out', '', type(19, 3)),
      entry('/UsagePoint/B/MeterReading/1/IntervalBlock/1', '', block(7)),
      entry('/UsagePoint/A/MeterReading/1/IntervalBlock/1', '', block(5)),
    ].join('')}</feed>`;
    // The parent of a reading is its point by the collection it lies in.
    assert.deepEqual(glanceOf(readExchange(text, context)), ['B/received-total 7000', 'A/delivered 5000']);
  });
});
