import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { quality } from '@wattline/model';
import {
  context,
  glanceOf,
  noData,
  noSamples,
  sampleCollection,
  sampleText,
  sumOf,
  valuesOf,
} from './exchange-fixture.ts';
import type { ExchangeRead } from './exchange-format.ts';
import { exchangeFormatOf, readExchange } from './index.ts';

const nem = 'samples/mdms/nem12-nem13';
const aemo = `${nem}/aemo-scenarios`;
const cim = 'samples/mdms/cim-edi';
const feeds = 'samples/apps/espi/feeds';

/** Counts are accepted, held, missing, rejected, duplicates; sums are in Wh or varh, foreign units in thousandths. */
const samples: readonly (readonly [
  path: string,
  format: string,
  counts: string,
  glance: readonly string[],
])[] = [
  [
    `${nem}/Example_NEM12_actual_interval.csv`,
    'nem12',
    '96 0 0 0 0',
    ['VABD000163/delivered 53328', 'VABD000163/delivered-reactive 106656'],
  ],
  [
    `${nem}/Example_NEM12_different_interval_length.csv`,
    'nem12',
    '0 240 0 0 0',
    [
      '! no-reading-type C123 V1 interval 33129990',
      '! ambiguous-channel C123 E1 interval 254000',
      '! ambiguous-channel C123 E2 interval 120000',
    ],
  ],
  [
    `${nem}/Example_NEM12_multiple_meters.csv`,
    'nem12',
    '768 384 0 0 0',
    [
      'NCDE001111/received 1920',
      'NCDE001111/delivered-reactive 9600',
      'NDDD001888/received 3840',
      'NDDD001888/received-reactive 9600',
      '! ambiguous-channel NCDE001111 E1 interval 1920',
      '! ambiguous-channel NCDE001111 E2 interval 19200',
    ],
  ],
  [`${nem}/Example_NEM12_multiple_quality.csv`, 'nem12', '48 0 0 0 0', ['CCCC123456/delivered 896990']],
  [`${nem}/Example_NEM12_no_scheduled_read.csv`, 'nem12', '96 0 0 0 0', ['NMI111/delivered 5840']],
  [
    `${nem}/Example_NEM12_substituted_interval.csv`,
    'nem12',
    '96 0 0 0 0',
    ['VBCD000022/delivered 110976', 'VBCD000022/delivered-reactive 47053848'],
  ],
  [`${aemo}/nem12_S04_INTEGM_NEMMCO`, 'nem12', '288 0 0 0 0', ['NEM1204066/delivered 417000']],
  [`${aemo}/nem12_S05_INTEGM_NEMMCO`, 'nem12', '288 0 0 0 0', ['NEM1205086/delivered 432000']],
  [`${aemo}/nem12_S08_INTEGM_NEMMCO`, 'nem12', '192 0 0 0 0', ['NEM1208146/delivered 288000']],
  [
    `${aemo}/nem12_S09_INTEGM_NEMMCO`,
    'nem12',
    '673 0 0 0 0',
    ['NEM1209166/delivered 1008000', 'NEM1209166/delivered-total 26753000'],
  ],
  [
    `${aemo}/nem12_S10_INTEGM_NEMMCO`,
    'nem12',
    '384 0 0 0 0',
    ['NEM1210186/delivered 156000', 'NEM1210186/delivered 144000', 'NEM1210186/received 144000'],
  ],
  [
    `${nem}/Example_NEM13_consumption_data.csv`,
    'nem13',
    '2 0 0 0 0',
    ['VABC005890/delivered-total 13997700'],
  ],
  [
    `${nem}/Example_NEM13_forward_estimate.csv`,
    'nem13',
    '0 4 0 0 0',
    [
      '! ambiguous-channel VDEF005890 11 register 1887000',
      '! ambiguous-channel VDEF005890 41 register 10965000',
    ],
  ],
  [`${aemo}/nem13_11_INTEGM_NEMMCO.csv`, 'nem13', '4 0 0 0 2', ['NEM1311006/delivered-total 100000']],
  [
    `${aemo}/nem13_13_INTEGM_NEMMCO.csv`,
    'nem13',
    '2 0 0 0 0',
    ['NEM1313046/delivered-total 1000000000008000'],
  ],
  [
    `${cim}/NotifyValidatedMeasureData_two_series.xml`,
    'cim-notify-validated-measure-data',
    '12 0 0 0 0',
    ['571313000000002000/received 672000'],
  ],
  [
    `${cim}/NotifyValidatedMeasureData.json`,
    'cim-notify-validated-measure-data-json',
    '5 0 1 0 0',
    ['571313000000002000/received 1099000'],
  ],
  [
    // The sample's period ends before it starts, so that its values wait.
    `${cim}/NotifyValidatedMeasureData_missing_point.xml`,
    'cim-notify-validated-measure-data',
    '0 5 1 0 0',
    ['! period-mismatch 579999993331812345 E17 interval 1099000'],
  ],
  [`${cim}/ebix_RSM012_PT1H.xml`, 'ebix-rsm012', '48 0 0 0 0', ['571313000000002000/received 0']],
  [
    `${cim}/cim_61968_9_derived_MeterReadings_minimal.xml`,
    'iec61968-9-meter-readings',
    '0 1 0 0 0',
    ['! no-reading-type RoboticEye3 0.0.0.0.19.0.12.0.0.0.0.0.0.0.0.3.72.0 register 8000'],
  ],
  [
    'samples/mdms/mscons/MSCONS_D99A_1.6_swiss_LG.txt',
    'mscons',
    '96 0 0 0 0',
    ['CH1022201234500000000000000022079/delivered 1479200'],
  ],
  [
    'samples/mdms/mscons/MSCONS_D04B_2.2e_swiss_13008.txt',
    'mscons',
    '96 0 0 0 0',
    ['CH1008801234500000000000000113813/delivered 3719250'],
  ],
  [
    'samples/mdms/cmep/cmep_interval_and_register.txt',
    'cmep',
    '0 26 0 0 0',
    [
      '! no-reading-type M00000001 CF interval 479000',
      '! no-reading-type M00000001 CFREG register 5863613000',
    ],
  ],
  ['samples/mdms/espi/test_usage_data_01.xml', 'espi', '96 0 0 0 0', ['5446AF3F/delivered 93846']],
  [`${feeds}/1hrLP_32Days.xml`, 'espi', '768 0 0 0 0', ['01/delivered 2354843']],
  [`${feeds}/electric_containerized.xml`, 'espi', '8 0 0 0 0', ['1/delivered 4086']],
  [`${feeds}/gas_direct.xml`, 'espi', '0 5 0 0 0', ['! unsupported-interval NET_USAGE 0 interval 140000']],
  [
    'samples/mdms/energinet-measurements/capacity_settlement/scenario_tests/quarterly_measurement/when/measurements_gold/current_v1.csv',
    'energinet-csv',
    '51 0 0 0 0',
    ['170000000000000201/delivered 8404000'],
  ],
];

/** Files that must not come in, with the code that says why. */
const refused: readonly (readonly [path: string, code: string])[] = [
  [`${nem}/invalid/Example_NEM12_15min_200_30min_300.csv`, 'mdm/exchange-interval-count'],
  [`${nem}/invalid/Example_NEM12_30min_200_15min_300.csv`, 'mdm/exchange-interval-count'],
  [`${nem}/invalid/Example_NEM12_15min_200_30min_400.csv`, 'mdm/exchange-quality-ranges'],
  [`${nem}/invalid/Example_NEM12_30min_200_15min_400.csv`, 'mdm/exchange-interval-count'],
  [`${nem}/invalid/Example_NEM12_empty.csv`, 'mdm/exchange-no-readings'],
  [`${nem}/invalid/Example_NEM12_missing_header.csv`, 'mdm/exchange-missing-header'],
  [`${nem}/invalid/Example_NEM12_powercor.csv`, 'mdm/exchange-missing-header'],
  [`${nem}/invalid/Example_NEM12_powercor_missing_fields.csv`, 'mdm/exchange-missing-header'],
  [`${nem}/invalid/Example_empty_file.csv`, 'mdm/exchange-unknown-format'],
  [`${cim}/BadVersionMeteredDataForMeteringPoint.xml`, 'mdm/exchange-unsupported-version'],
  [`${cim}/InvalidMeteredDataForMeteringPoint.xml`, 'mdm/exchange-unexpected-element'],
  [`${cim}/InvalidMeteredDataForMeteringPointMissingRegistration.xml`, 'mdm/exchange-missing-element'],
  ['samples/mdms/mscons/LPEX_V3_sample.txt', 'mdm/exchange-unknown-format'],
  ['samples/mdms/espi/ServiceCategory.xml', 'mdm/exchange-unknown-format'],
  [`${feeds}/Usage-Subscription-Feed-Anonymized.xml`, 'mdm/exchange-no-readings'],
];

function countsOf({ counts }: ExchangeRead): string {
  const { accepted, held, missing, rejected, duplicates } = counts;
  return [accepted, held, missing, rejected, duplicates].join(' ');
}

describe('each shared sample gives exactly its values', { skip: noSamples }, () => {
  for (const [path, format, counts, glance] of samples) {
    test(`${path}: ${counts}`, () => {
      const read = readExchange(sampleText(path), context);
      assert.equal(read.format, format);
      assert.equal(read.refused, null);
      assert.deepEqual(glanceOf(read), glance);
      assert.equal(countsOf(read), counts);
    });
  }
});

describe('each invalid sample is refused with its code', { skip: noSamples }, () => {
  for (const [path, code] of refused) {
    test(`${path}: ${code}`, () => {
      const read = readExchange(sampleText(path), context);
      assert.equal(read.refused?.code, code);
      assert.deepEqual([read.series.length, read.held.length, read.counts.accepted], [0, 0, 0]);
    });
  }
  test('of a file with one incomplete day the day is rejected and the other days enter', () => {
    const read = readExchange(sampleText(`${nem}/invalid/Example_NEM12_incomplete_interval.csv`), context);
    assert.equal(countsOf(read), '144 0 0 48 0');
    assert.deepEqual(read.problems[0]?.where, { line: 3 });
    assert.equal(read.problems[0]?.code, 'mdm/exchange-interval-count');
  });
});

describe('times, qualities and notes of the samples', { skip: noSamples }, () => {
  test('a NEM12 day begins at midnight of market time, UTC+10', () => {
    const read = readExchange(sampleText(`${nem}/Example_NEM12_actual_interval.csv`), context);
    assert.equal(read.series[0]?.blocks[0]?.startMs, Date.UTC(2004, 0, 31, 14));
    assert.equal(read.series[0]?.blocks[0]?.intervalSeconds, 1800);
  });
  test('ranges of a V day carry their own quality and reason', () => {
    const [series] = readExchange(sampleText(`${aemo}/nem12_S08_INTEGM_NEMMCO`), context).series;
    const flags = series?.blocks[0]?.quality;
    const expected = [quality.estimated, quality.measured, quality.estimated | quality.final];
    assert.deepEqual([flags?.[0], flags?.[4], flags?.[5]], expected);
    assert.deepEqual([flags?.[7], flags?.[95]], [quality.measured, quality.estimated]);
    const codes = series?.notes.slice(0, 5).map(({ code }) => code);
    assert.deepEqual(codes, ['S15 94', 'A', 'F51 0 Test Message', 'A', 'E52']);
  });
  test('a change of the interval length inside one NMI makes two blocks', () => {
    const [series] = readExchange(sampleText(`${aemo}/nem12_S05_INTEGM_NEMMCO`), context).series;
    assert.deepEqual(
      series?.blocks.map((block) => [block.intervalSeconds, block.value.length]),
      [
        [900, 192],
        [1800, 96],
      ],
    );
  });
  test('CMEP intervals sum to the register pair of the same day', () => {
    const { held } = readExchange(sampleText('samples/mdms/cmep/cmep_interval_and_register.txt'), context);
    const [first, last] = held[1]?.blocks ?? [];
    assert.equal((last?.value[0] ?? 0) - (first?.value[0] ?? 0), 479_000);
    // Labels are interval ends in UTC: the first hour begins when the first register was read.
    assert.equal(held[0]?.blocks[0]?.startMs, first?.startMs);
  });
  test('an MSCONS profile without times steps from its start; 79 among 46 is doubted', () => {
    const [series] = readExchange(
      sampleText('samples/mdms/mscons/MSCONS_D99A_1.6_swiss_LG.txt'),
      context,
    ).series;
    const block = series?.blocks[0];
    assert.equal(block?.startMs, Date.UTC(2013, 2, 23, 23));
    const doubted = [...(block?.quality ?? [])].filter((flags) => (flags & quality.suspect) !== 0);
    assert.equal(doubted.length, 2);
  });
  test('the segment count of the Swiss D04B file is too small, which is told and forgiven', () => {
    const read = readExchange(sampleText('samples/mdms/mscons/MSCONS_D04B_2.2e_swiss_13008.txt'), context);
    assert.equal(read.problemCounts['mdm/exchange-count-mismatch'], 1);
  });
  test('an MSCONS 2.4c month of substitutes is held for its length and keeps its states', () => {
    const text = sampleText('samples/mdms/mscons/MSCONS_2.4c_BDEW_examples.txt');
    const interchange = text.slice(text.indexOf('UNA'), text.indexOf('# 13018'));
    const { held } = readExchange(interchange, context);
    assert.equal(held[0]?.code, 'mdm/exchange-unsupported-interval');
    assert.equal(held[0]?.blocks[0]?.value[0], 10_123_000);
    assert.equal(held[0]?.blocks[0]?.quality[0], quality.estimated);
    assert.equal(held[0]?.notes[0]?.code, '67 Z33++Z84 Z32++Z88 Z34++Z74 Z40++Z74');
  });
  for (const name of [
    'Coastal_Multi_Family_2011',
    'TestGBDataHourlyNineDaysBinnedDaily',
    'electric_containerized',
  ]) {
    const isPacked = name.startsWith('Coastal');
    test(`${name} reads as the other reader of Green Button read it`, () => {
      const ending = isPacked ? '.gz' : '';
      const read = readExchange(sampleText(`${feeds}/${name}.xml${ending}`), context);
      const expected = sampleText(`samples/apps/espi/expected/${name}.txt${ending}`);
      const theirs = [...expected.matchAll(/^\s+([\d-]{10}) ([\d:]{8})\+00:00, 1:00:00: (\d+) Wh/gm)].map(
        ([, day, time, value]) => [Date.parse(`${day}T${time}Z`), Number(value)],
      );
      const ours = [...valuesOf(read)].map(([key, value]) => [Number(key.split(' ').at(-1)), value]);
      assert.ok(theirs.length > 7);
      assert.deepEqual(ours, theirs);
    });
  }
});

describe('collections of real files', { skip: noData }, () => {
  test('115 Australian files: every value of each good file is there, as a plain count of its numbers says', () => {
    const files = sampleCollection('data/F07_nem12_nem13_files.json.gz');
    let good = 0;
    for (const [path, text] of Object.entries(files)) {
      const read = readExchange(text, context);
      if (read.format !== 'nem12' || read.refused || read.counts.rejected > 0) continue;
      good++;
      const days = text.split(/\r?\n/).filter((line) => line.startsWith('300,'));
      const reads = [...read.series, ...read.held].filter(
        ({ source }) => source.quantity.kind === 'interval',
      );
      const slots = reads.reduce(
        (sum, { blocks }) => sum + blocks.reduce((n, b) => n + b.value.length, 0),
        0,
      );
      const numbers = days.map(
        (line) => (/^300,\d{8},((?:[\d.]+,)*)/.exec(line)?.[1] ?? '').split(',').length - 1,
      );
      const plain = numbers.reduce((sum, count) => sum + count, 0);
      assert.equal(slots + read.counts.duplicates, plain, path);
    }
    assert.equal(good, 65);
  });
  test('eleven deliveries of one customer: a day that comes again has the same values at the same times', () => {
    const files = sampleCollection('data/F08_espi_pge_real_customer_xml.json.gz');
    const known = new Map<string, number>();
    let repeats = 0;
    for (const text of Object.values(files)) {
      for (const [key, value] of valuesOf(readExchange(text, context))) {
        if (known.has(key)) {
          assert.equal(known.get(key), value);
          repeats++;
        }
        known.set(key, value);
      }
    }
    assert.deepEqual([known.size, repeats], [288, 96]);
  });
  test('a year of a Green Button sample enters but for a doubled hour, which waits, and one of no length', () => {
    const files = sampleCollection('data/F08_espi_greenbutton_sdk_xml.json.gz');
    const year = Object.entries(files).find(([path]) => path.startsWith('Coastal_Single'));
    const read = readExchange(year?.[1] ?? '', context);
    assert.equal(countsOf(read), '8758 1 0 1 0');
    assert.ok(sumOf(read.series[0] as NonNullable<(typeof read.series)[0]>) > 0);
  });
});

describe('a file cut off anywhere is answered, and no wrong value enters', { skip: noSamples }, () => {
  /** Beyond this many cuts a file is cut at every n-th character. */
  const mostCuts = 500;
  for (const [path, format] of samples) {
    test(path, () => {
      const text = sampleText(path);
      const reader = exchangeFormatOf(format)?.read;
      assert.ok(reader);
      const whole = valuesOf(reader(text, context));
      const step = Math.max(1, Math.ceil(text.length / mostCuts));
      for (let length = 0; length < text.length; length += length < 200 ? 1 : step) {
        const read: ExchangeRead = reader(text.slice(0, length), context);
        for (const [key, value] of valuesOf(read)) assert.equal(value, whole.get(key), `${length}: ${key}`);
        assert.ok(read.refused || read.series.length + read.held.length > 0, `cut at ${length} said nothing`);
      }
    });
  }
});
